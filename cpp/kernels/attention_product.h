// The products inside attention on one thread: C(m, n) = start + Σ_k A(m, k)·B(k, n).
//
// Bits: each output is one chain of fused multiply-adds over k, in order, and a later call may carry the
// chain on. So where a product is cut, into rows, columns or stretches of k, never changes a bit.
//
// For kernel files only: all of it is file-local.
#pragma once

#include <cstdint>

#include "kernels/vec.h"

namespace lengthen {
namespace {

// What fits the registers: kMaxRows·kMaxVectors sums, kMaxVectors of B and a broadcast element of A.
#if defined(LENGTHEN_TARGET_AVX512)
constexpr int kMaxRows = 12, kMaxVectors = 2;
#elif defined(LENGTHEN_TARGET_AVX2)
constexpr int kMaxRows = 6, kMaxVectors = 1;
#else
constexpr int kMaxRows = 4, kMaxVectors = 1;
#endif

// Strides known to the compiler, so that a tile's rows are reached from one address. An odd number of cache
// lines apart, so that a column of rows does not fall on a few sets of the cache.
constexpr int kRowStride = 272;   // a row of up to 256 head dimensions
constexpr int kScoreStride = 80;  // a row of 64 scores

// What C starts from: 0, itself, or itself times a factor of its row.
enum class Start : uint8_t { kZero, kKeep, kScale };

// A(m, k) = data[m·kStride + k] (kRowMajor), or data[k·kStride + m] (kColumnMajor).
enum class Order : uint8_t { kRowMajor, kColumnMajor };
template <Order kOrder, int kStride>
struct ChainA {
  const float* data;
  float at(int m, int64_t k) const {
    return kOrder == Order::kRowMajor ? data[m * kStride + k] : data[k * kStride + m];
  }
};
// B(k, n) = data[k·inner_stride + (n / 16)·vector_stride + n % 16].
struct ChainB {
  const float* data;
  int64_t inner_stride, vector_stride;
};
// C(m, n) = data[m·kStride + n].
template <int kStride>
struct ChainC {
  float* data;
};

// The microkernel. `factors` [kRows] is read for Start::kScale only.
template <Start kStart, int kRows, int kVectors, Order kOrder, int kStrideA, int kStrideC>
inline void chain(ChainA<kOrder, kStrideA> a, ChainB b, int64_t depth, ChainC<kStrideC> c,
                  const float* factors) {
  F32x16 sum[kRows][kVectors];
  for (int m = 0; m < kRows; ++m)
    for (int v = 0; v < kVectors; ++v) {
      sum[m][v] = kStart == Start::kZero ? zero16() : load(c.data + m * kStrideC + v * kLanes);
      if constexpr (kStart == Start::kScale) sum[m][v] = sum[m][v] * set1(factors[m]);
    }
  const float* g_b = b.data;
  for (int64_t k = 0; k < depth; ++k, g_b += b.inner_stride) {
    F32x16 r_b[kVectors];
    for (int v = 0; v < kVectors; ++v) r_b[v] = load(g_b + v * b.vector_stride);
    for (int m = 0; m < kRows; ++m) {
      const F32x16 r_a = set1(a.at(m, k));
      for (int v = 0; v < kVectors; ++v) sum[m][v] = fma(r_a, r_b[v], sum[m][v]);
    }
  }
  for (int m = 0; m < kRows; ++m)
    for (int v = 0; v < kVectors; ++v) store(c.data + m * kStrideC + v * kLanes, sum[m][v]);
}

template <int kValue>
struct Int {
  static constexpr int value = kValue;
};

template <int kRows, class Body>
inline int take_block(int row, int end, const Body& body) {
  if constexpr (kRows <= kMaxRows) {
    if (row + kRows > end) return row;
    body(Int<kRows>{}, row);
    return row + kRows;
  } else {
    return row;
  }
}

// Rows [begin, end) in blocks of at most kMaxRows: body(Int<rows>, first row).
template <class Body>
inline void for_row_blocks(int begin, int end, const Body& body) {
  while (begin + kMaxRows <= end) begin = take_block<kMaxRows>(begin, end, body);
  begin = take_block<6>(begin, end, body);
  begin = take_block<4>(begin, end, body);
  begin = take_block<2>(begin, end, body);
  take_block<1>(begin, end, body);
}

// Vectors [0, num) of 16 columns in blocks of at most kMaxVectors: body(Int<vectors>, first vector).
template <class Body>
inline void for_vector_blocks(int num, const Body& body) {
  int v = 0;
  for (; v + kMaxVectors <= num; v += kMaxVectors) body(Int<kMaxVectors>{}, v);
  for (; v < num; ++v) body(Int<1>{}, v);
}

}  // namespace
}  // namespace lengthen
