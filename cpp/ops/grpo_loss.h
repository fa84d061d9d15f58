// grpo_loss: the policy-gradient objectives over packed answers, their gradient and their statistics in one
// pass. Per token, with A the advantage of its sequence and r = exp(policy − rollout):
//   ratio 'token': s = r;  'sequence': s = exp(mean of log r over the sequence's tokens), GSPO;
//   'product': s = exp(sum of log r), the ratio of the whole answer's likelihoods
//   'clipped': ℓ = −min(s·A, clip(s, 1 − clipLow, 1 + clipHigh)·A);  where A < 0, no more than −dualClip·A
//   'cispo':   ℓ = −clip(s, 1 − clipLow, 1 + clipHigh)·A·policy, the clipped ratio being a constant
//   ℓ + klWeight·k(policy − reference), with k1(x) = x,  k2(x) = x²/2,  k3(x) = e^−x + x − 1
//   'token':    loss = Σ ℓ / denominator
//   'sequence': loss = Σ_sequences mean of its ℓ / denominator
// over the tokens whose mask is not 0. What is masked is not looked at; a sequence without tokens adds 0. A
// sequence's ratio has the gradient of its own formula, with respect to each of its tokens. The denominator
// is the caller's: the tokens or the answers of the whole batch, so that losses and gradients of
// micro-batches add up to those of the batch, or a constant. Backward: dpolicy times the gradient of the
// loss; nothing else is saved.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <tuple>

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

struct GrpoLossOptions {
  double clip_low = 0.2;
  double clip_high = 0.2;                                      // Infinity: no upper clip
  std::string ratio = "token";                                 // 'token', 'sequence' or 'product'
  std::string surrogate = "clipped";                           // 'clipped' or 'cispo'
  double dual_clip = std::numeric_limits<double>::infinity();  // above 1; Infinity: none
  std::string aggregation = "token";                           // 'token' or 'sequence'
  double denominator = 0;                                      // must be given
  double kl_weight = 0;                                        // above 0 needs reference_logprobs
  std::string kl_estimator = "k3";                             // 'k1', 'k2' or 'k3'
  static constexpr auto kFields = std::make_tuple(
      std::pair{"clipLow", &GrpoLossOptions::clip_low}, std::pair{"clipHigh", &GrpoLossOptions::clip_high},
      std::pair{"ratio", &GrpoLossOptions::ratio}, std::pair{"surrogate", &GrpoLossOptions::surrogate},
      std::pair{"dualClip", &GrpoLossOptions::dual_clip},
      std::pair{"aggregation", &GrpoLossOptions::aggregation},
      std::pair{"denominator", &GrpoLossOptions::denominator},
      std::pair{"klWeight", &GrpoLossOptions::kl_weight},
      std::pair{"klEstimator", &GrpoLossOptions::kl_estimator});
};

// Fields of stats. Counts and sums over unmasked tokens, so that those of micro-batches add, but for the
// last: a maximum.
struct GrpoStat {
  enum Field : int {
    kTokens,                // unmasked
    kSequences,             // with at least one unmasked token
    kClippedLow,            // tokens whose gradient the lower clip removes; 'cispo': whose ratio it raises
    kClippedHigh,           // tokens whose gradient the upper clip removes; 'cispo': whose ratio it lowers
    kClippedDual,           // tokens whose gradient the dual clip removes
    kRatioSum,              // Σ s
    kRolloutKlSum,          // Σ r − 1 − log r: the k3 estimate of KL(rollout ‖ policy)
    kReferenceKlSum,        // Σ k(policy − reference); 0 without a reference
    kMaxLogprobDifference,  // max |policy − rollout|; 0 without tokens
    kCount
  };
};

struct GrpoLossResult {
  Tensor loss;     // []
  Tensor dpolicy;  // [T], d loss / d policy_logprobs
  Tensor stats;    // [GrpoStat::kCount]
};
// policy_logprobs, rollout_logprobs and reference_logprobs [T] f32, advantages [B] f32, offsets [B+1] i32
// rising from 0 to T, mask [T] u8.
GrpoLossResult grpo_loss(const Tensor& policy_logprobs, const Tensor& rollout_logprobs,
                         const Tensor& advantages, const Tensor& offsets, const std::optional<Tensor>& mask,
                         const std::optional<Tensor>& reference_logprobs, const GrpoLossOptions& options);

// ---- kernel ----
enum class GrpoRatio : int { kToken, kSequence, kProduct };

struct GrpoLoss {
  static constexpr const char* kName = "grpo_loss";
  const float* policy;      // [tokens]
  const float* rollout;     // [tokens]
  const float* advantages;  // [sequences]
  const int32_t* offsets;   // [sequences + 1]
  const uint8_t* mask;      // [tokens], may be null
  const float* reference;   // [tokens], may be null
  float* loss;              // []
  float* dpolicy;           // [tokens]
  float* stats;             // [GrpoStat::kCount]
  float* partial;  // [sequences, GrpoStat::kCount + 1], scratch: statistics and loss of each sequence
  int64_t tokens, sequences;
  GrpoRatio ratio;
  bool is_cispo;
  float lowest_ratio, highest_ratio;  // 1 − clipLow, 1 + clipHigh
  float dual_clip;                    // infinite: none
  double denominator;
  float kl_weight;
  int kl_estimator;  // 1, 2 or 3
  bool is_sequence_mean;
  template <Target>
  void run() const;
};

}  // namespace lengthen
