// gather_rows: y[i] = x[indices[i]].   scatter_add_rows, its backward: dx[r] = Σ_{i: indices[i] = r} dy[i],
// in order of i. A row is everything under the first dimension; for rank 1 it is one number.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// x [T, ...] f32, indices [N] i32 in [0, T) -> [N, ...]. An index outside fails the op when it runs.
Tensor gather_rows(const Tensor& x, const Tensor& indices);
// dy [N, ...] f32, indices [N] i32 in [0, num_rows) -> [num_rows, ...].
Tensor scatter_add_rows(const Tensor& dy, const Tensor& indices, int64_t num_rows);

// The same under another op's name and names of its arguments, for its messages.
struct RowArguments {
  const char* op;
  const char* rows;  // x or dy
  const char* indices;
  bool may_be_bf16 = false;  // rows in bf16 are widened
};
Tensor gather_rows_as(const RowArguments& names, const Tensor& x, const Tensor& indices);
Tensor scatter_add_rows_as(const RowArguments& names, const Tensor& dy, const Tensor& indices,
                           int64_t num_rows);

// ---- kernels ----
struct GatherRows {
  static constexpr const char* kName = "gather_rows";
  const void* x;           // [num_rows, width]
  const int32_t* indices;  // [count]
  float* y;                // [count, width]
  int64_t count, width;
  DType dtype;  // of x
  template <Target>
  void run() const;
};

struct ScatterAddRows {
  static constexpr const char* kName = "scatter_add_rows";
  const float* dy;         // [count, width]
  const int32_t* indices;  // [count]
  float* dx;               // [num_rows, width]
  int32_t* scratch;        // [num_rows + 1 + count]
  int64_t count, num_rows, width;
  template <Target>
  void run() const;
};

}  // namespace lengthen
