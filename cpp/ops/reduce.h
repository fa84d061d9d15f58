// Reductions: over all elements -> a scalar, or over the last dimension. Sums are float64 over chunks of
// fixed size. An empty sum is 0, an empty mean NaN, an empty max an error. NaN anywhere gives NaN. Their
// backward is composed in lib/ops from expand; max shares dy among equal maxima by `equal`.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

enum class Reduction : uint8_t { sum, mean, max };

// x [...] f32 -> [].
Tensor reduce_all(Reduction reduction, const Tensor& x);
// x [..., C] f32 -> [...].
Tensor reduce_last(Reduction reduction, const Tensor& x);

// One function per name, for the binding's table.
template <Reduction kReduction>
Tensor reduce_all(const Tensor& x) {
  return reduce_all(kReduction, x);
}
template <Reduction kReduction>
Tensor reduce_last(const Tensor& x) {
  return reduce_last(kReduction, x);
}

// ---- kernels ----
struct ReduceAll {
  static constexpr const char* kName = "reduce_all";
  static constexpr int64_t kChunk = 16384;
  Reduction reduction;
  const float* x;  // [n]
  float* partial;  // [ceil(n / kChunk)], scratch
  float* y;        // []
  int64_t n;
  template <Target>
  void run() const;
};

struct ReduceLast {
  static constexpr const char* kName = "reduce_last";
  Reduction reduction;
  const float* x;  // [rows, width]
  float* y;        // [rows]
  int64_t rows, width;
  template <Target>
  void run() const;
};

}  // namespace lengthen
