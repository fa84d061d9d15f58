// linear: y = x·Wᵀ + b, over the last dimension of x.
// Backward: dx = dy·W (linear_input_gradient), dW = dyᵀ·x (linear_weight_gradient), db = Σ_rows dy
// (column_sum). A row's bits depend on that row alone; sums over rows are cut at fixed multiples.
#pragma once

#include <optional>

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// x [..., in] f32, weight [out, in] f32 or bf16, bias [out] f32 or none -> [..., out]. A bf16 weight is
// widened: the bits are those of its values in f32.
Tensor linear(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias);
// dy [..., out], weight [out, in] -> dx [..., in].
Tensor linear_input_gradient(const Tensor& dy, const Tensor& weight);
// dy [..., out], x [..., in] -> dweight [out, in].
Tensor linear_weight_gradient(const Tensor& dy, const Tensor& x);
// dy [..., n] -> [n].
Tensor column_sum(const Tensor& dy);

// ---- kernels ----
struct LinearForward {
  static constexpr const char* kName = "linear";
  const float* x;      // [rows, in]
  const void* weight;  // [out, in]
  const void* packed;  // the weight in WeightLayout::forward; CPU only
  const float* bias;   // [out], may be null
  float* y;            // [rows, out]
  int64_t rows, out, in;
  DType weight_dtype;
  template <Target>
  void run() const;
};

struct LinearInputGradient {
  static constexpr const char* kName = "linear_input_gradient";
  const float* dy;     // [rows, out]
  const void* weight;  // [out, in]
  const void* packed;  // the weight in WeightLayout::input_gradient; CPU only
  float* dx;           // [rows, in]
  int64_t rows, out, in;
  DType weight_dtype;
  template <Target>
  void run() const;
};

struct LinearWeightGradient {
  static constexpr const char* kName = "linear_weight_gradient";
  const float* dy;  // [rows, out]
  const float* x;   // [rows, in]
  float* dweight;   // [out, in]
  int64_t rows, out, in;
  template <Target>
  void run() const;
};

struct ColumnSum {
  static constexpr const char* kName = "column_sum";
  static constexpr int64_t kRowsPerChunk = 64;  // summed per chunk of rows, then over chunks in order
  const float* dy;                              // [rows, width]
  float* sum;                                   // [width]
  float* partial;                               // [ceil(rows / kRowsPerChunk), width], scratch
  int64_t rows, width;
  template <Target>
  void run() const;
};

}  // namespace lengthen
