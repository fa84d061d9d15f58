// Weights in float32 or bf16, read as float32: widening is exact, so a product with a bf16 weight has the
// bits of the product with the same values in float32.
//
// For kernel files only: all of it is file-local.
#pragma once

#include "kernels/lanes.h"

namespace lengthen {
namespace {

inline F32x16 load_wide(const float* p) { return load(p); }
inline F32x16 load_wide(const BFloat16* p) { return load_bf16(p); }

// The first n lanes; the rest are 0 and their memory is not touched.
inline F32x16 load_wide_n(const float* p, int n) { return load_n(p, n); }
inline F32x16 load_wide_n(const BFloat16* p, int n) {
  BFloat16 lane[kLanes] = {};
  for (int i = 0; i < n && i < kLanes; ++i) lane[i] = p[i];
  return load_bf16(lane);
}

template <class T>
inline F32x16 load_wide(const T* p, AllLanes) {
  return load_wide(p);
}
template <class T>
inline F32x16 load_wide(const T* p, FirstLanes lanes) {
  return load_wide_n(p, lanes.count);
}

// Calls body with the pointer as what it points at: float or BFloat16.
template <class Body>
inline void with_type_of(const void* weights, DType dtype, const Body& body) {
  if (dtype == DType::bf16)
    body(static_cast<const BFloat16*>(weights));
  else
    body(static_cast<const float*>(weights));
}

}  // namespace
}  // namespace lengthen
