// F32x16 as a plain array, for processors without AVX2 and for other architectures. See vec.h.
#pragma once

#include <cstdint>
#include <cstring>

#include "core/dtype.h"
#include "core/target.h"

namespace lengthen {
namespace {

constexpr Target kTarget = Target::plain;

struct F32x16 {
  float lane[16];
};
struct Mask16 {
  bool lane[16];
};

template <class Fn>
inline F32x16 each_lane(const Fn& fn) {
  F32x16 out;
  for (int i = 0; i < 16; ++i) out.lane[i] = fn(i);
  return out;
}
template <class Fn>
inline Mask16 each_mask(const Fn& fn) {
  Mask16 out;
  for (int i = 0; i < 16; ++i) out.lane[i] = fn(i);
  return out;
}

// Lanes [0, n).
inline Mask16 first_n(int n) {
  return each_mask([&](int i) { return i < n; });
}

inline F32x16 set1(float x) {
  return each_lane([&](int) { return x; });
}
inline F32x16 load(const float* p) {
  return each_lane([&](int i) { return p[i]; });
}
inline void store(float* p, F32x16 v) { std::memcpy(p, v.lane, sizeof v.lane); }
// Past the caches where the processor can; an ordinary store here.
inline void store_streamed(float* p, F32x16 v) { store(p, v); }
inline void finish_streamed() {}
// The first n lanes; the rest are 0 and their memory is not touched.
inline F32x16 load_n(const float* p, int n) {
  return each_lane([&](int i) { return i < n ? p[i] : 0.0f; });
}
inline void store_n(float* p, F32x16 v, int n) {
  for (int i = 0; i < 16 && i < n; ++i) p[i] = v.lane[i];
}

inline F32x16 add(F32x16 a, F32x16 b) {
  return each_lane([&](int i) { return a.lane[i] + b.lane[i]; });
}
inline F32x16 sub(F32x16 a, F32x16 b) {
  return each_lane([&](int i) { return a.lane[i] - b.lane[i]; });
}
inline F32x16 mul(F32x16 a, F32x16 b) {
  return each_lane([&](int i) { return a.lane[i] * b.lane[i]; });
}
inline F32x16 div(F32x16 a, F32x16 b) {
  return each_lane([&](int i) { return a.lane[i] / b.lane[i]; });
}
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
  return each_lane([&](int i) { return __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]); });
}
inline F32x16 sqrt(F32x16 a) {
  return each_lane([&](int i) { return __builtin_sqrtf(a.lane[i]); });
}
inline F32x16 abs(F32x16 a) {
  return each_lane([&](int i) { return __builtin_fabsf(a.lane[i]); });
}
// The second operand where either is NaN.
inline F32x16 max(F32x16 a, F32x16 b) {
  return each_lane([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline F32x16 min(F32x16 a, F32x16 b) {
  return each_lane([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
}
inline F32x16 round_even(F32x16 a) {
  return each_lane([&](int i) { return __builtin_rintf(a.lane[i]); });
}

inline Mask16 lt(F32x16 a, F32x16 b) {
  return each_mask([&](int i) { return a.lane[i] < b.lane[i]; });
}
inline Mask16 le(F32x16 a, F32x16 b) {
  return each_mask([&](int i) { return a.lane[i] <= b.lane[i]; });
}
inline Mask16 eq(F32x16 a, F32x16 b) {
  return each_mask([&](int i) { return a.lane[i] == b.lane[i]; });
}
inline Mask16 is_nan(F32x16 a) {
  return each_mask([&](int i) { return a.lane[i] != a.lane[i]; });
}
// a where the mask is set, else b.
inline F32x16 select(Mask16 m, F32x16 a, F32x16 b) {
  return each_lane([&](int i) { return m.lane[i] ? a.lane[i] : b.lane[i]; });
}

// Of the mask, the lanes that are not in `out`.
inline Mask16 without(Mask16 m, Mask16 out) {
  return each_mask([&](int i) { return m.lane[i] && !out.lane[i]; });
}
inline int count(Mask16 m) {
  int n = 0;
  for (int i = 0; i < 16; ++i) n += m.lane[i];
  return n;
}
// Lanes whose byte is 0.
inline Mask16 is_zero(const uint8_t* p) {
  return each_mask([&](int i) { return p[i] == 0; });
}

// Lanes fold as i with i+8, then +4, +2, +1.
inline float fold_sum(F32x16 v) {
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) v.lane[i] = v.lane[i] + v.lane[i + half];
  return v.lane[0];
}

inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline float float_of(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// 2^n for whole n in [-126, 127].
inline F32x16 pow2(F32x16 n) {
  return each_lane([&](int i) {
    // NaN has no integer value; any power will do, since NaN times it stays NaN
    const int32_t whole = n.lane[i] == n.lane[i] ? static_cast<int32_t>(n.lane[i]) : 0;
    return float_of(static_cast<uint32_t>(whole + 127) << 23);
  });
}
// x = m 2^e with m in [0.5, 1), for positive normal x.
inline F32x16 exponent_of(F32x16 x) {
  return each_lane([&](int i) {
    return static_cast<float>(static_cast<int32_t>((bits_of(x.lane[i]) >> 23) & 255) - 126);
  });
}
inline F32x16 mantissa_of(F32x16 x) {
  return each_lane([&](int i) { return float_of((bits_of(x.lane[i]) & 0x007FFFFF) | 0x3F000000); });
}

inline F32x16 load_bf16(const BFloat16* p) {
  return each_lane([&](int i) { return float_of(static_cast<uint32_t>(p[i].bits) << 16); });
}

}  // namespace
}  // namespace lengthen
