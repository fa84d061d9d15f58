// cast: the same values in another dtype. To bf16: round to nearest even, NaN stays NaN. To i32 and u8:
// towards zero, clamped to the range, NaN gives 0. i32 to bf16 goes through float32.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// A new tensor, also where the dtype is the same.
Tensor cast(const Tensor& x, DType dtype);

// ---- kernel ----
struct Cast {
  static constexpr const char* kName = "cast";
  const void* x;  // [n] of `from`
  void* y;        // [n] of `to`
  int64_t n;
  DType from, to;
  template <Target>
  void run() const;
};

}  // namespace lengthen
