// copy_rows: x[to[i]] = x[from[i]] in place, in order of i. A row is everything under the first dimension. It
// gives each answer its own copy of the cache block in which the prompt ends. No gradient.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// x [N, ...] f32, from [M] i32 and to [M] i32 in [0, N). An index outside fails the op when it runs.
void copy_rows(const Tensor& x, const Tensor& from, const Tensor& to);

// ---- kernel ----
struct CopyRows {
  static constexpr const char* kName = "copy_rows";
  float* x;             // [N, width]
  const int32_t* from;  // [count]
  const int32_t* to;    // [count]
  int64_t count, width;
  template <Target>
  void run() const;
};

}  // namespace lengthen
