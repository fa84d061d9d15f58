#include "ops/grpo_loss.h"

#include "kernels/activation.h"
#include "kernels/streaming.h"
#include "kernels/sums.h"

namespace lengthen {
namespace {

constexpr int kLoss = GrpoStat::kCount;  // the column of partial that holds the loss
constexpr int kNumPartials = GrpoStat::kCount + 1;

// Where no lane is out: a step of 16 tokens without a mask.
struct NoLanes {};
inline F32x16 select(NoLanes, F32x16, F32x16 b) { return b; }
inline Mask16 without(Mask16 m, NoLanes) { return m; }

// Whether there is a mask, known at compile time.
struct Masked {};
struct Unmasked {};

// The lanes that do not count: masked, or beyond the end.
Mask16 lanes_out(const GrpoLoss& k, int64_t i, AllLanes, Masked) { return is_zero(k.mask + i); }
Mask16 lanes_out(const GrpoLoss& k, int64_t i, FirstLanes lanes, Masked) {
  uint8_t mask[kLanes] = {};
  for (int j = 0; j < lanes.count; ++j) mask[j] = k.mask[i + j];
  return is_zero(mask);
}
NoLanes lanes_out(const GrpoLoss&, int64_t, AllLanes, Unmasked) { return {}; }
Mask16 lanes_out(const GrpoLoss&, int64_t, FirstLanes lanes, Unmasked) {
  uint8_t mask[kLanes] = {};
  for (int j = 0; j < lanes.count; ++j) mask[j] = 1;
  return is_zero(mask);
}

struct Value {
  F32x16 value, slope;
};

// k(x) of the contract and its derivative.
Value kl_of(F32x16 x, int estimator) {
  if (estimator == 1) return {x, set1(1.0f)};
  if (estimator == 2) return {x * x * set1(0.5f), x};
  const F32x16 k3 = exp_minus_1_minus_x(negate(x));
  return {k3, x - k3};  // 1 − e^−x = x − (e^−x − 1 + x)
}

// policy − rollout; 0 where nothing counts.
template <class Lanes, class Out>
F32x16 log_ratio(const GrpoLoss& k, int64_t i, Lanes lanes, Out is_out) {
  return select(is_out, zero16(), load(k.policy + i, lanes) - load(k.rollout + i, lanes));
}

// So that an advantage of 0 stays 0 times something; NaN passes.
F32x16 finite(F32x16 x) { return min(set1(__FLT_MAX__), x); }

// What the tokens of a sequence share.
struct Sequence {
  float advantage;
  F32x16 ratio;          // its own, where it has one
  float slope_of_ratio;  // tokens · ∂ log s / ∂ policy of one: each of their losses has the same ratio
};

// Of a chunk of tokens. Counts are whole numbers: the order of adding does not matter to them.
struct Sums {
  F32x16 loss = zero16(), ratio = zero16(), rollout_kl = zero16(), reference_kl = zero16();
  F32x16 most = zero16();  // |policy − rollout|
  int64_t clipped_low = 0, clipped_high = 0, clipped_dual = 0;
};

// The surrogates count the lanes where a clip takes hold.
template <class Out>
[[gnu::always_inline]] inline Value clipped_surrogate(const GrpoLoss& k, F32x16 ratio,
                                                      const Sequence& sequence, Out is_out, Sums& sums) {
  const F32x16 zero = zero16(), advantage = set1(sequence.advantage);
  const F32x16 free = ratio * advantage;
  const F32x16 bound = min(set1(k.highest_ratio), max(set1(k.lowest_ratio), ratio)) * advantage;
  const Mask16 is_clipped = lt(bound, free);
  const bool is_low = sequence.advantage < 0;
  const int num_clipped = count(without(is_clipped, is_out));
  sums.clipped_low += is_low ? num_clipped : 0;
  sums.clipped_high += is_low ? 0 : num_clipped;
  F32x16 value = select(is_clipped, bound, free), slope = select(is_clipped, zero, negate(free));
  if (is_low && k.dual_clip <= __FLT_MAX__) {
    const F32x16 lowest = set1(k.dual_clip) * advantage;
    const Mask16 is_dual = lt(value, lowest);
    sums.clipped_dual += count(without(is_dual, is_out));
    value = select(is_dual, lowest, value);
    slope = select(is_dual, zero, slope);
  }
  return {negate(value), slope * set1(sequence.slope_of_ratio)};
}

template <class Out>
[[gnu::always_inline]] inline Value cispo_surrogate(const GrpoLoss& k, F32x16 ratio, const Sequence& sequence,
                                                    F32x16 policy, Out is_out, Sums& sums) {
  const F32x16 lowest = set1(k.lowest_ratio), highest = set1(k.highest_ratio);
  const F32x16 factor = min(highest, max(lowest, ratio)) * set1(sequence.advantage);
  // finite for the same reason as the ratio: a token of probability 0 and an advantage of 0
  const F32x16 logprob = max(set1(-__FLT_MAX__), policy);
  sums.clipped_low += count(without(lt(ratio, lowest), is_out));
  sums.clipped_high += count(without(lt(highest, ratio), is_out));
  return {negate(factor * logprob), negate(factor)};
}

// One step of 16 tokens: adds to the sums, returns ∂loss/∂policy before its scale.
template <class Lanes, class Mask>
[[gnu::always_inline]] inline F32x16 step(const GrpoLoss& k, int64_t i, Lanes lanes, Mask mask,
                                          const Sequence& sequence, Sums& sums) {
  const F32x16 zero = zero16();
  const auto is_out = lanes_out(k, i, lanes, mask);
  const F32x16 difference = log_ratio(k, i, lanes, is_out), exp_difference = exp(difference);
  const F32x16 ratio = k.ratio == GrpoRatio::kToken ? finite(exp_difference) : sequence.ratio;
  auto [loss, slope] = k.is_cispo
                           ? cispo_surrogate(k, ratio, sequence, load(k.policy + i, lanes), is_out, sums)
                           : clipped_surrogate(k, ratio, sequence, is_out, sums);
  if (k.reference) {
    const F32x16 x = select(is_out, zero, load(k.policy + i, lanes) - load(k.reference + i, lanes));
    const Value kl = kl_of(x, k.kl_estimator);
    sums.reference_kl = sums.reference_kl + kl.value;
    if (k.kl_weight > 0) {
      loss = fma(set1(k.kl_weight), kl.value, loss);
      slope = fma(set1(k.kl_weight), kl.slope, slope);
    }
  }
  sums.ratio = sums.ratio + select(is_out, zero, ratio);
  sums.rollout_kl = sums.rollout_kl + exp_minus_1_minus_x(difference, exp_difference);
  sums.most = max_or_nan(sums.most, abs(difference));
  sums.loss = sums.loss + select(is_out, zero, loss);
  return select(is_out, zero, slope);
}

float larger_or_nan(float a, float b) { return a > b || a != a ? a : b; }

int64_t count_tokens(const GrpoLoss&, int64_t begin, int64_t end, Unmasked) { return end - begin; }
int64_t count_tokens(const GrpoLoss& k, int64_t begin, int64_t end, Masked mask) {
  int64_t num_out = 0;
  for_lanes(begin, end, [&](int64_t i, auto lanes) { num_out += count(lanes_out(k, i, lanes, mask)); });
  return (end - begin + kLanes - 1) / kLanes * kLanes - num_out;
}

// The ratio of a sequence of `count` tokens.
template <class Mask>
Sequence sequence_of(const GrpoLoss& k, int64_t b, int64_t begin, int64_t end, int64_t count, Mask mask) {
  if (k.ratio == GrpoRatio::kToken || count == 0) return {k.advantages[b], set1(1.0f), 1};
  const double sum = sum_lanes(end - begin, [&](int64_t i, auto lanes) {
    return log_ratio(k, begin + i, lanes, lanes_out(k, begin + i, lanes, mask));
  });
  const double tokens = static_cast<double>(count);
  const bool is_mean = k.ratio == GrpoRatio::kSequence;
  const F32x16 ratio = finite(exp(set1(static_cast<float>(is_mean ? sum / tokens : sum))));
  return {k.advantages[b], ratio, is_mean ? 1.0f : static_cast<float>(tokens)};
}

template <class Mask, class Put>
void one_sequence(const GrpoLoss& k, int64_t b, Mask mask, const Put& put) {
  const int64_t begin = k.offsets[b], end = k.offsets[b + 1], count = count_tokens(k, begin, end, mask);
  const double scale =
      1 / (k.denominator * (k.is_sequence_mean && count > 0 ? static_cast<double>(count) : 1));
  const F32x16 v_scale = set1(static_cast<float>(scale));
  const Sequence sequence = sequence_of(k, b, begin, end, count, mask);
  double totals[kNumPartials] = {};
  float most = 0;
  for (int64_t chunk = begin; chunk < end; chunk += kSumChunk) {
    Sums sums;
    for_lanes(chunk, chunk + kSumChunk < end ? chunk + kSumChunk : end, [&](int64_t i, auto lanes) {
      put(k.dpolicy + i, step(k, i, lanes, mask, sequence, sums) * v_scale, lanes);
    });
    totals[GrpoStat::kClippedLow] += static_cast<double>(sums.clipped_low);
    totals[GrpoStat::kClippedHigh] += static_cast<double>(sums.clipped_high);
    totals[GrpoStat::kClippedDual] += static_cast<double>(sums.clipped_dual);
    totals[GrpoStat::kRatioSum] += static_cast<double>(fold_sum(sums.ratio));
    totals[GrpoStat::kRolloutKlSum] += static_cast<double>(fold_sum(sums.rollout_kl));
    totals[GrpoStat::kReferenceKlSum] += static_cast<double>(fold_sum(sums.reference_kl));
    totals[kLoss] += static_cast<double>(fold_sum(sums.loss));
    most = larger_or_nan(most, fold_max(sums.most));
  }
  totals[GrpoStat::kTokens] = static_cast<double>(count);
  totals[kLoss] *= scale;
  float* g_partial = k.partial + b * kNumPartials;
  for (int s = 0; s < kNumPartials; ++s) g_partial[s] = static_cast<float>(totals[s]);
  g_partial[GrpoStat::kSequences] = count > 0 ? 1.0f : 0.0f;
  g_partial[GrpoStat::kMaxLogprobDifference] = most;
}

void fold_sequences(const GrpoLoss& k) {
  double totals[kNumPartials] = {};
  float most = 0;
  for (int64_t b = 0; b < k.sequences; ++b) {
    const float* g_partial = k.partial + b * kNumPartials;
    for (int s = 0; s < kNumPartials; ++s) totals[s] += static_cast<double>(g_partial[s]);
    most = larger_or_nan(most, g_partial[GrpoStat::kMaxLogprobDifference]);
  }
  for (int s = 0; s < GrpoStat::kCount; ++s) k.stats[s] = static_cast<float>(totals[s]);
  k.stats[GrpoStat::kMaxLogprobDifference] = most;
  *k.loss = static_cast<float>(totals[kLoss]);
}

}  // namespace

// Sequences are short beside a task: as many together as fill one.
template <>
void GrpoLoss::run<kTarget>() const {
  const int64_t sequences_per_task =
      tokens < kElementsPerTask ? sequences + 1 : kElementsPerTask * sequences / tokens + 1;
  const int64_t bytes = (12 + (reference ? 4 : 0)) * tokens;
  parallel_outputs(sequences, sequences_per_task, bytes, [&](int64_t begin, int64_t end, auto put) {
    for (int64_t b = begin; b < end; ++b)
      if (mask)
        one_sequence(*this, b, Masked{}, put);
      else
        one_sequence(*this, b, Unmasked{}, put);
  });
  fold_sequences(*this);
}

}  // namespace lengthen
