// F32x16 as one zmm register. See vec.h.
#pragma once

#include <immintrin.h>

#include "core/dtype.h"
#include "core/target.h"

namespace lengthen {
namespace {

constexpr Target kTarget = Target::avx512;

using F32x16 = __m512;
using Mask16 = __mmask16;

// Lanes [0, n).
inline Mask16 first_n(int n) { return static_cast<Mask16>(n >= 16 ? 0xFFFF : (1u << n) - 1); }

inline F32x16 set1(float x) { return _mm512_set1_ps(x); }
inline F32x16 load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, F32x16 v) { _mm512_storeu_ps(p, v); }
// Past the caches; p is 64-byte aligned. Other threads see it after finish_streamed() only.
inline void store_streamed(float* p, F32x16 v) { _mm512_stream_ps(p, v); }
inline void finish_streamed() { _mm_sfence(); }
// The first n lanes; the rest are 0 and their memory is not touched.
inline F32x16 load_n(const float* p, int n) { return _mm512_maskz_loadu_ps(first_n(n), p); }
inline void store_n(float* p, F32x16 v, int n) { _mm512_mask_storeu_ps(p, first_n(n), v); }

inline F32x16 add(F32x16 a, F32x16 b) { return _mm512_add_ps(a, b); }
inline F32x16 sub(F32x16 a, F32x16 b) { return _mm512_sub_ps(a, b); }
inline F32x16 mul(F32x16 a, F32x16 b) { return _mm512_mul_ps(a, b); }
inline F32x16 div(F32x16 a, F32x16 b) { return _mm512_div_ps(a, b); }
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) { return _mm512_fmadd_ps(a, b, c); }
inline F32x16 sqrt(F32x16 a) { return _mm512_sqrt_ps(a); }
inline F32x16 abs(F32x16 a) { return _mm512_abs_ps(a); }
// The second operand where either is NaN.
inline F32x16 max(F32x16 a, F32x16 b) { return _mm512_max_ps(a, b); }
inline F32x16 min(F32x16 a, F32x16 b) { return _mm512_min_ps(a, b); }
inline F32x16 round_even(F32x16 a) {
  return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

inline Mask16 lt(F32x16 a, F32x16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
inline Mask16 le(F32x16 a, F32x16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
inline Mask16 eq(F32x16 a, F32x16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
inline Mask16 is_nan(F32x16 a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
// a where the mask is set, else b.
inline F32x16 select(Mask16 m, F32x16 a, F32x16 b) { return _mm512_mask_blend_ps(m, b, a); }

// Of the mask, the lanes that are not in `out`.
inline Mask16 without(Mask16 m, Mask16 out) { return static_cast<Mask16>(m & ~out); }
inline int count(Mask16 m) { return __builtin_popcount(m); }
// Lanes whose byte is 0.
inline Mask16 is_zero(const uint8_t* p) {
  return _mm_cmpeq_epi8_mask(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), _mm_setzero_si128());
}

// Lanes fold as i with i+8, then +4, +2, +1.
inline float fold_sum(F32x16 v) {
  const __m256 by8 = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  const __m128 by4 = _mm_add_ps(_mm256_castps256_ps128(by8), _mm256_extractf128_ps(by8, 1));
  const __m128 by2 = _mm_add_ps(by4, _mm_movehl_ps(by4, by4));
  return _mm_cvtss_f32(_mm_add_ss(by2, _mm_movehdup_ps(by2)));
}

// p 2^n for whole n, rounded once.
inline F32x16 times_pow2(F32x16 p, F32x16 n) { return _mm512_scalef_ps(p, n); }
// x = m 2^e with m in [0.5, 1), for positive normal x.
inline F32x16 exponent_of(F32x16 x) {
  const __m512i e = _mm512_and_epi32(_mm512_srli_epi32(_mm512_castps_si512(x), 23), _mm512_set1_epi32(255));
  return _mm512_cvtepi32_ps(_mm512_sub_epi32(e, _mm512_set1_epi32(126)));
}
inline F32x16 mantissa_of(F32x16 x) {
  const __m512i m = _mm512_and_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(0x007FFFFF));
  return _mm512_castsi512_ps(_mm512_or_epi32(m, _mm512_set1_epi32(0x3F000000)));
}

inline F32x16 load_bf16(const BFloat16* p) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

}  // namespace
}  // namespace lengthen
