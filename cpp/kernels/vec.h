// Sixteen float lanes, the same on every instruction set: one zmm register, two ymm registers, or a plain
// array. Kernels are written once on top of this and compiled once per target, so that their bits agree by
// construction: every lane does the same fused multiply-adds in the same order, and sums fold in one fixed
// tree.
//
// For kernel files only: all of it is file-local, so code compiled for one target cannot replace another's.
#pragma once

#include <cstdint>

#include "core/dtype.h"
#include "core/target.h"

#if defined(LENGTHEN_TARGET_AVX512)
#include "kernels/vec_avx512.h"
#elif defined(LENGTHEN_TARGET_AVX2)
#include "kernels/vec_avx2.h"
#else
#include "kernels/vec_plain.h"
#endif

namespace lengthen {
namespace {

constexpr int kLanes = 16;

#if !defined(LENGTHEN_TARGET_AVX512)  // __m512 has its operators from the compiler
inline F32x16 operator+(F32x16 a, F32x16 b) { return add(a, b); }
inline F32x16 operator-(F32x16 a, F32x16 b) { return sub(a, b); }
inline F32x16 operator*(F32x16 a, F32x16 b) { return mul(a, b); }
inline F32x16 operator/(F32x16 a, F32x16 b) { return div(a, b); }

// p 2^n for p near 1 and whole n in [-252, 254]: two factors, so that denormals and overflow come out right.
inline F32x16 times_pow2(F32x16 p, F32x16 n) {
  const F32x16 half = round_even(n * set1(0.5f));
  return p * pow2(half) * pow2(n - half);
}
#endif
inline F32x16 zero16() { return set1(0.0f); }

// NaN in any lane gives NaN.
inline float fold_max(F32x16 v) {
  float lane[kLanes];
  store(lane, v);
  for (int half = kLanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i)
      lane[i] = lane[i] > lane[i + half] || lane[i] != lane[i] ? lane[i] : lane[i + half];
  return lane[0];
}

// e^x: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial of degree 6 in r (Cephes expf). At most 1 ulp from
// the true value in the normal range; -inf gives 0, +inf gives inf, NaN stays NaN.
inline F32x16 exp(F32x16 x) {
  constexpr float kLog2E = 1.44269504088896341f;
  constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  x = min(set1(89.0f), max(set1(-104.0f), x));  // NaN passes: the second operand wins
  const F32x16 n = round_even(x * set1(kLog2E));
  F32x16 r = fma(n, set1(-kLn2High), x);
  r = fma(n, set1(-kLn2Low), r);
  F32x16 p = set1(1.9875691500e-4f);
  p = fma(p, r, set1(1.3981999507e-3f));
  p = fma(p, r, set1(8.3334519073e-3f));
  p = fma(p, r, set1(4.1665795894e-2f));
  p = fma(p, r, set1(1.6666665459e-1f));
  p = fma(p, r, set1(5.0000001201e-1f));
  p = fma(p, r * r, r) + set1(1.0f);
  return times_pow2(p, n);
}

// Natural logarithm (Cephes logf). log(0) = -inf, log(negative) = NaN, log(inf) = inf.
inline F32x16 log(F32x16 x) {
  const F32x16 one = set1(1.0f);
  const Mask16 is_tiny = lt(x, set1(1.17549435e-38f));
  const F32x16 scaled = select(is_tiny, x * set1(8388608.0f), x);
  F32x16 e = exponent_of(scaled) + select(is_tiny, set1(-23.0f), zero16());  // scaled = m 2^e, m in [0.5, 1)
  F32x16 m = mantissa_of(scaled);
  const Mask16 is_low = lt(m, set1(0.707106781186547524f));
  e = select(is_low, e - one, e);
  m = select(is_low, m + m, m) - one;
  const F32x16 z = m * m;
  F32x16 p = set1(7.0376836292e-2f);
  p = fma(p, m, set1(-1.1514610310e-1f));
  p = fma(p, m, set1(1.1676998740e-1f));
  p = fma(p, m, set1(-1.2420140846e-1f));
  p = fma(p, m, set1(1.4249322787e-1f));
  p = fma(p, m, set1(-1.6668057665e-1f));
  p = fma(p, m, set1(2.0000714765e-1f));
  p = fma(p, m, set1(-2.4999993993e-1f));
  p = fma(p, m, set1(3.3333331174e-1f));
  p = p * m * z;
  p = fma(e, set1(-2.12194440e-4f), p);
  p = fma(z, set1(-0.5f), p);
  F32x16 y = fma(e, set1(0.693359375f), m + p);
  const F32x16 inf = set1(__builtin_inff());
  y = select(eq(x, inf), inf, y);
  y = select(eq(x, zero16()), zero16() - inf, y);
  return select(lt(x, zero16()), set1(__builtin_nanf("")), select(is_nan(x), x, y));
}

inline float exp1(float x) {
  float lane[kLanes];
  store(lane, exp(set1(x)));
  return lane[0];
}

inline float log1(float x) {
  float lane[kLanes];
  store(lane, log(set1(x)));
  return lane[0];
}

}  // namespace
}  // namespace lengthen
