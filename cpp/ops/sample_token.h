// sample_token: draws one token per row from softmax(hidden·weightᵀ / temperature), restricted to the top_k
// most probable tokens and then to the smallest set of them with probability top_p; and the token's
// log-probability in the full distribution, bitwise what token_logprob gives it. The draw inverts the
// cumulative distribution over the kept tokens in order of their index, at a uniform number from Philox: key
// = seed, counter = (sequence id, position, 0, kSampleTokenStream). Temperature 0 takes the most probable
// token, the lowest index among equals, with its log-probability at temperature 1.
#pragma once

#include <string>
#include <tuple>
#include <utility>

#include "core/kernel.h"
#include "core/tensor.h"
#include "ops/vocabulary.h"

namespace lengthen {

// The last word of the counter keeps these numbers apart from other uses of the seed: "draw" in ASCII.
constexpr uint32_t kSampleTokenStream = 0x64726177;

struct SampleTokenOptions {
  float temperature = 1.0f;  // >= 0
  int64_t top_k = 0;         // 0: off
  float top_p = 1.0f;        // in (0, 1]; 1: off
  int64_t seed = 0;
  static constexpr auto kFields = std::make_tuple(std::pair{"temperature", &SampleTokenOptions::temperature},
                                                  std::pair{"topK", &SampleTokenOptions::top_k},
                                                  std::pair{"topP", &SampleTokenOptions::top_p},
                                                  std::pair{"seed", &SampleTokenOptions::seed});
};

struct SampleTokenResult {
  Tensor tokens;    // [B] i32
  Tensor logprobs;  // [B]
};
// hidden [B, C] f32, weight [V, C] f32 or bf16, sequence_ids [B] i32, positions [B] i32. NaN logits fail the
// op when it runs.
SampleTokenResult sample_token(const Tensor& hidden, const Tensor& weight, const Tensor& sequence_ids,
                               const Tensor& positions, const SampleTokenOptions& options);

// ---- kernels ----
struct SampleToken {
  static constexpr const char* kName = "sample_token";
  const float* hidden;      // [rows, width]
  const void* weight;       // [vocabulary, width]
  const void* packed;       // the weight in WeightLayout::forward; CPU only
  const float* uniforms;    // [rows], in [0, 1)
  int32_t* tokens;          // [rows]; -1 where the logits are not finite
  float* logprobs;          // [rows]
  SoftmaxPartial* partial;  // [rows_per_pass, chunks], scratch
  float* logits;            // [rows_per_pass, vocabulary], scratch
  int64_t rows, width, vocabulary, rows_per_pass;
  float temperature;
  int64_t top_k;
  float top_p;
  DType weight_dtype;
  template <Target>
  void run() const;
};

}  // namespace lengthen
