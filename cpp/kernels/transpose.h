// Rows to columns, four by four: what packing for the product spends its time on.
//
// For kernel files only: all of it is file-local.
#pragma once

#include <cstdint>
#include <cstring>

namespace lengthen {
namespace {

typedef float F32x4 __attribute__((vector_size(16)));

inline F32x4 load4(const float* p) {
  F32x4 v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store4(float* p, F32x4 v) { std::memcpy(p, &v, sizeof v); }

// to[k·to_stride + i] = from[i·from_stride + k] for i < 4, k < 4.
inline void transpose_4x4(const float* from, int64_t from_stride, float* to, int64_t to_stride) {
  const F32x4 r0 = load4(from), r1 = load4(from + from_stride);
  const F32x4 r2 = load4(from + 2 * from_stride), r3 = load4(from + 3 * from_stride);
  const F32x4 low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5),
              high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const F32x4 low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5),
              high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  store4(to, __builtin_shufflevector(low01, low23, 0, 1, 4, 5));
  store4(to + to_stride, __builtin_shufflevector(low01, low23, 2, 3, 6, 7));
  store4(to + 2 * to_stride, __builtin_shufflevector(high01, high23, 0, 1, 4, 5));
  store4(to + 3 * to_stride, __builtin_shufflevector(high01, high23, 2, 3, 6, 7));
}

// to[k·to_stride + i] = from[i·from_stride + k] for i < rows, k < columns.
inline void transpose(const float* from, int64_t from_stride, int64_t rows, int64_t columns, float* to,
                      int64_t to_stride) {
  int64_t i = 0;
  for (; i + 4 <= rows; i += 4) {
    int64_t k = 0;
    for (; k + 4 <= columns; k += 4)
      transpose_4x4(from + i * from_stride + k, from_stride, to + k * to_stride + i, to_stride);
    for (; k < columns; ++k)
      for (int64_t j = i; j < i + 4; ++j) to[k * to_stride + j] = from[j * from_stride + k];
  }
  for (; i < rows; ++i)
    for (int64_t k = 0; k < columns; ++k) to[k * to_stride + i] = from[i * from_stride + k];
}

}  // namespace
}  // namespace lengthen
