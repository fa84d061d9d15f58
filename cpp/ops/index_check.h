// Checks of values that only the device knows: they run inside an op, on the device thread, and throw
// ArgumentError.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// Every index (i32) must be in [0, limit).
void require_indices(const char* op, const char* argument, const Tensor& indices, int64_t limit);
// Offsets (i32 [N+1]) must begin with 0, never fall, and end with `total`.
void require_offsets(const char* op, const char* argument, const Tensor& offsets, int64_t total);

// ---- kernels ----
struct FindIndexOutside {
  static constexpr const char* kName = "index_check";
  const int32_t* indices;  // [count]
  int64_t count, limit;
  int64_t* position;  // host memory: of the first index outside [0, limit), else count
  int32_t* value;     // host memory: that index
  template <Target>
  void run() const;
};

struct FindOffsetFault {
  static constexpr const char* kName = "offset_check";
  const int32_t* offsets;  // [count]
  int64_t count, total;
  int64_t* position;  // host memory: of the first offset that breaks the rule, else count
  int32_t* value;     // host memory: that offset
  template <Target>
  void run() const;
};

}  // namespace lengthen
