// rms_norm: y = x / sqrt(mean(x²) + ε) · weight, over the last dimension. (Zhang & Sennrich, 2019)
// Saves 1/sqrt(mean(x²) + ε) per row for backward.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

struct RmsNormResult {
  Tensor y;            // as x
  Tensor inverse_rms;  // [rows]
};
// x [..., C] f32, weight [C] f32.
RmsNormResult rms_norm(const Tensor& x, const Tensor& weight, float epsilon);

struct RmsNormGradients {
  Tensor dx;       // as x
  Tensor dweight;  // [C]
};
RmsNormGradients rms_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& weight,
                                   const Tensor& inverse_rms);

// ---- kernels ----
struct RmsNormForward {
  static constexpr const char* kName = "rms_norm";
  const float* x;       // [rows, width]
  const float* weight;  // [width]
  float* y;             // [rows, width]
  float* inverse_rms;   // [rows]
  int64_t rows, width;
  float epsilon;
  template <Target>
  void run() const;
};

struct RmsNormBackward {
  static constexpr const char* kName = "rms_norm_backward";
  static constexpr int64_t kRowsPerChunk =
      64;                    // dweight is summed per chunk of rows, then over chunks in order
  const float* dy;           // [rows, width]
  const float* x;            // [rows, width]
  const float* weight;       // [width]
  const float* inverse_rms;  // [rows]
  float* dx;                 // [rows, width]
  float* dweight;            // [width]
  float* partial;            // [ceil(rows / kRowsPerChunk), width], scratch
  int64_t rows, width;
  template <Target>
  void run() const;
};

}  // namespace lengthen
