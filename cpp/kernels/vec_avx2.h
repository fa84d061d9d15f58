// F32x16 as two ymm registers. See vec.h.
#pragma once

#include <immintrin.h>

#include "core/dtype.h"
#include "core/target.h"

namespace lengthen {
namespace {

constexpr Target kTarget = Target::avx2;

struct F32x16 {
  __m256 lo, hi;
};
struct Mask16 {
  __m256 lo, hi;  // all bits set in the chosen lanes
};

inline __m256i first_n_of_8(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
// Lanes [0, n).
inline Mask16 first_n(int n) {
  return {_mm256_castsi256_ps(first_n_of_8(n)), _mm256_castsi256_ps(first_n_of_8(n - 8))};
}

inline F32x16 set1(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
inline F32x16 load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline void store(float* p, F32x16 v) {
  _mm256_storeu_ps(p, v.lo);
  _mm256_storeu_ps(p + 8, v.hi);
}
// Past the caches; p is 64-byte aligned. Other threads see it after finish_streamed() only.
inline void store_streamed(float* p, F32x16 v) {
  _mm256_stream_ps(p, v.lo);
  _mm256_stream_ps(p + 8, v.hi);
}
inline void finish_streamed() { _mm_sfence(); }
// The first n lanes; the rest are 0 and their memory is not touched.
inline F32x16 load_n(const float* p, int n) {
  return {_mm256_maskload_ps(p, first_n_of_8(n)), _mm256_maskload_ps(p + 8, first_n_of_8(n - 8))};
}
inline void store_n(float* p, F32x16 v, int n) {
  _mm256_maskstore_ps(p, first_n_of_8(n), v.lo);
  _mm256_maskstore_ps(p + 8, first_n_of_8(n - 8), v.hi);
}

inline F32x16 add(F32x16 a, F32x16 b) { return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)}; }
inline F32x16 sub(F32x16 a, F32x16 b) { return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)}; }
inline F32x16 mul(F32x16 a, F32x16 b) { return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)}; }
inline F32x16 div(F32x16 a, F32x16 b) { return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)}; }
inline F32x16 fma(F32x16 a, F32x16 b, F32x16 c) {
  return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)};
}
inline F32x16 sqrt(F32x16 a) { return {_mm256_sqrt_ps(a.lo), _mm256_sqrt_ps(a.hi)}; }
inline F32x16 abs(F32x16 a) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  return {_mm256_andnot_ps(sign, a.lo), _mm256_andnot_ps(sign, a.hi)};
}
// The second operand where either is NaN.
inline F32x16 max(F32x16 a, F32x16 b) { return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)}; }
inline F32x16 min(F32x16 a, F32x16 b) { return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)}; }
inline F32x16 round_even(F32x16 a) {
  constexpr int kMode = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  return {_mm256_round_ps(a.lo, kMode), _mm256_round_ps(a.hi, kMode)};
}

template <int kPredicate>
inline Mask16 compare(F32x16 a, F32x16 b) {
  return {_mm256_cmp_ps(a.lo, b.lo, kPredicate), _mm256_cmp_ps(a.hi, b.hi, kPredicate)};
}
inline Mask16 lt(F32x16 a, F32x16 b) { return compare<_CMP_LT_OQ>(a, b); }
inline Mask16 le(F32x16 a, F32x16 b) { return compare<_CMP_LE_OQ>(a, b); }
inline Mask16 eq(F32x16 a, F32x16 b) { return compare<_CMP_EQ_OQ>(a, b); }
inline Mask16 is_nan(F32x16 a) { return compare<_CMP_UNORD_Q>(a, a); }
// a where the mask is set, else b.
inline F32x16 select(Mask16 m, F32x16 a, F32x16 b) {
  return {_mm256_blendv_ps(b.lo, a.lo, m.lo), _mm256_blendv_ps(b.hi, a.hi, m.hi)};
}

// Of the mask, the lanes that are not in `out`.
inline Mask16 without(Mask16 m, Mask16 out) {
  return {_mm256_andnot_ps(out.lo, m.lo), _mm256_andnot_ps(out.hi, m.hi)};
}
inline int count(Mask16 m) {
  return __builtin_popcount(static_cast<unsigned>(_mm256_movemask_ps(m.lo) | _mm256_movemask_ps(m.hi) << 8));
}
// Lanes whose byte is 0.
inline Mask16 is_zero(const uint8_t* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i zero = _mm_cmpeq_epi8(bytes, _mm_setzero_si128());
  return {_mm256_castsi256_ps(_mm256_cvtepi8_epi32(zero)),
          _mm256_castsi256_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(zero, 8)))};
}

// Lanes fold as i with i+8, then +4, +2, +1.
inline float fold_sum(F32x16 v) {
  const __m256 by8 = _mm256_add_ps(v.lo, v.hi);
  const __m128 by4 = _mm_add_ps(_mm256_castps256_ps128(by8), _mm256_extractf128_ps(by8, 1));
  const __m128 by2 = _mm_add_ps(by4, _mm_movehl_ps(by4, by4));
  return _mm_cvtss_f32(_mm_add_ss(by2, _mm_movehdup_ps(by2)));
}

inline __m256 pow2_of_8(__m256 n) {
  return _mm256_castsi256_ps(
      _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}
// 2^n for whole n in [-126, 127].
inline F32x16 pow2(F32x16 n) { return {pow2_of_8(n.lo), pow2_of_8(n.hi)}; }

inline __m256 exponent_of_8(__m256 x) {
  const __m256i e = _mm256_and_si256(_mm256_srli_epi32(_mm256_castps_si256(x), 23), _mm256_set1_epi32(255));
  return _mm256_cvtepi32_ps(_mm256_sub_epi32(e, _mm256_set1_epi32(126)));
}
inline __m256 mantissa_of_8(__m256 x) {
  const __m256i m = _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(0x007FFFFF));
  return _mm256_castsi256_ps(_mm256_or_si256(m, _mm256_set1_epi32(0x3F000000)));
}
// x = m 2^e with m in [0.5, 1), for positive normal x.
inline F32x16 exponent_of(F32x16 x) { return {exponent_of_8(x.lo), exponent_of_8(x.hi)}; }
inline F32x16 mantissa_of(F32x16 x) { return {mantissa_of_8(x.lo), mantissa_of_8(x.hi)}; }

inline __m256 load_bf16_of_8(const BFloat16* p) {
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
inline F32x16 load_bf16(const BFloat16* p) { return {load_bf16_of_8(p), load_bf16_of_8(p + 8)}; }

}  // namespace
}  // namespace lengthen
