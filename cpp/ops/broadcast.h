// Broadcasting in its limited form: a small tensor's extents are those of the large one in one run of
// dimensions, and 1 (or absent) outside it. The large tensor is then [outer, kept, inner] and the small one
// [kept]. That covers a scalar, trailing dimensions (a bias) and [rows, 1] (a value per row).
//   expand: y[o, k, i] = x[k].   sum_to, its backward: dx[k] = Σ_o Σ_i dy[o, k, i], by sum_last
// and column_sum.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

struct Broadcast {
  int64_t outer = 1, kept = 1, inner = 1;
};
// Throws ArgumentError where `small` does not broadcast to `large`.
Broadcast broadcast_of(const char* op, const char* argument, const Shape& small, const Shape& large);

// x f32 -> shape.
Tensor expand(const Tensor& x, const Shape& shape);
// x f32 -> shape, which must broadcast to x's.
Tensor sum_to(const Tensor& x, const Shape& shape);

// ---- kernel ----
struct Expand {
  static constexpr const char* kName = "expand";
  const float* x;  // [kept]
  float* y;        // [outer, kept, inner]
  Broadcast shape;
  template <Target>
  void run() const;
};

}  // namespace lengthen
