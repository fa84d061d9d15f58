// token_logprob: with l = hidden·weightᵀ / temperature, per token t:
//   logprob = l[target] − lse,  lse = ln Σ_v e^(l_v),  entropy = −Σ_v p_v ln p_v,  p = e^(l − lse).
// Runs in chunks of the vocabulary: tokens × vocabulary never exists. Saves lse and entropy for backward.
#pragma once

#include <optional>

#include "core/kernel.h"
#include "core/tensor.h"
#include "ops/vocabulary.h"

namespace lengthen {

struct TokenLogprobResult {
  Tensor logprobs;  // [T]
  Tensor entropy;   // [T]
  Tensor lse;       // [T]
};
// hidden [T, C] f32, weight [V, C] f32 or bf16, targets [T] i32 in [0, V), temperature > 0. A target outside
// fails the op when it runs.
TokenLogprobResult token_logprob(const Tensor& hidden, const Tensor& weight, const Tensor& targets,
                                 float temperature);

struct TokenLogprobGradients {
  Tensor dhidden;  // [T, C]
  Tensor dweight;  // [V, C]; undefined where it is not needed
};
// dlogprobs [T], dentropy [T] or none, entropy and lse from the forward. Only an f32 weight has a gradient.
TokenLogprobGradients token_logprob_backward(const Tensor& dlogprobs, const std::optional<Tensor>& dentropy,
                                             const Tensor& hidden, const Tensor& weight,
                                             const Tensor& targets, const Tensor& entropy, const Tensor& lse,
                                             float temperature, bool needs_dweight = true);

// ---- kernels ----
struct TokenLogprobForward {
  static constexpr const char* kName = "token_logprob";
  const float* hidden;      // [rows, width]
  const void* weight;       // [vocabulary, width]
  const void* packed;       // the weight in WeightLayout::forward; CPU only
  const int32_t* targets;   // [rows]
  float* logprobs;          // [rows]
  float* entropy;           // [rows]
  float* lse;               // [rows]
  SoftmaxPartial* partial;  // [rows_per_pass, chunks], scratch
  int64_t rows, width, vocabulary, rows_per_pass;
  float temperature;
  DType weight_dtype = DType::f32;
  template <Target>
  void run() const;
};

// dlogits = (dlogprob·(1[v = target] − p) − dentropy·p·(ln p + entropy)) / temperature;
// dhidden = dlogits·weight, dweight = dlogitsᵀ·hidden.
struct TokenLogprobBackward {
  static constexpr const char* kName = "token_logprob_backward";
  const float* dlogprobs;  // [rows]
  const float* dentropy;   // [rows], may be null
  const float* hidden;     // [rows, width]
  const void* weight;      // [vocabulary, width]
  const void* packed;      // the weight in WeightLayout::forward; CPU only
  const int32_t* targets;  // [rows]
  const float* entropy;    // [rows]
  const float* lse;        // [rows]
  float* dhidden;          // [rows, width]
  float* dweight;          // [vocabulary, width], null where it is not needed
  float* dlogits;          // [rows_per_pass, columns_per_pass], scratch
  int64_t rows, width, vocabulary, rows_per_pass, columns_per_pass;
  float temperature;
  DType weight_dtype = DType::f32;
  template <Target>
  void run() const;
};

}  // namespace lengthen
