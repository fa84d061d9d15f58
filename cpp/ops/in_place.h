// Writes into an existing tensor: fill x = value, copy dst = src, accumulate dst += src.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// x of any dtype; bf16 rounds to nearest even, i32 and u8 take whole numbers in their range.
void fill(const Tensor& x, double value);
// Same dtype and shape; the two must not overlap.
void copy(const Tensor& dst, const Tensor& src);
// f32, same shape; the two must be the same elements or not overlap.
void accumulate(const Tensor& dst, const Tensor& src);

// ---- kernels ----
struct Fill {
  static constexpr const char* kName = "fill";
  void* x;  // [n] elements
  int64_t n;
  int element_size;  // 1, 2 or 4 bytes
  uint32_t pattern;  // the element's bits
  template <Target>
  void run() const;
};

struct Copy {
  static constexpr const char* kName = "copy";
  void* dst;        // [bytes]
  const void* src;  // [bytes]
  int64_t bytes;
  template <Target>
  void run() const;
};

struct Accumulate {
  static constexpr const char* kName = "accumulate";
  float* dst;        // [n]
  const float* src;  // [n]
  int64_t n;
  template <Target>
  void run() const;
};

}  // namespace lengthen
