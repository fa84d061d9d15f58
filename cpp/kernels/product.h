// The float32 product C = A·B (or C += A·B) on one thread, B in panels of 32 columns, in float32 or bf16.
// Every product of the CPU engine goes through here: linear layers, attention, the vocabulary.
//
// Bits: each output is a chain of fused multiply-adds over the inner dimension, in order, started from zero
// at every multiple of kInnerCut; these partial sums are added in order. So an output's bits depend on its
// row of A and its column of B alone: not on the other rows and columns, the tile sizes, the threads or the
// instruction set.
//
// For kernel files only: all of it is file-local.
#pragma once

#include <cstdint>

#include "kernels/transpose.h"
#include "kernels/vec.h"
#include "kernels/widen.h"

namespace lengthen {
namespace {

constexpr int64_t kPanelColumns = 32;
constexpr int64_t kInnerCut = 256;

// What fits the registers: kTileRows·kTileVectors sums, kTileVectors of B, and a broadcast element of A.
#if defined(LENGTHEN_TARGET_AVX512)
constexpr int kTileRows = 12, kTileVectors = 2;
#elif defined(LENGTHEN_TARGET_AVX2)
constexpr int kTileRows = 6, kTileVectors = 1;
#else
constexpr int kTileRows = 4, kTileVectors = 1;
#endif

// A(i, k) = data[i·row_stride + k·inner_stride], one of the strides 1. Read in place where row_stride is 1,
// else through a small copy.
struct ProductA {
  const float* data;
  int64_t row_stride, inner_stride;
};
// B(k, j) = data[(j / 32)·panel_stride + k·inner_stride + j % 32]. Whole panels are read: the columns after
// the last must be readable, whatever they hold. A row-major B with row stride n is {b, 32, n}.
template <class T>
struct ProductB {
  const T* data;
  int64_t panel_stride, inner_stride;
};
// C(i, j) = data[i·row_stride + j].
struct ProductC {
  float* data;
  int64_t row_stride;
};
// Above it, the lines of a column of A crowd each other out of the first-level cache.
constexpr int64_t kMaxInPlaceStride = 512;
enum class Into : uint8_t { kStore, kAdd };

// ---- packing: panel p holds columns 32p … 32p + 31 as [inner][32], zero beyond the last column ----

constexpr int64_t num_panels(int64_t columns) { return (columns + kPanelColumns - 1) / kPanelColumns; }
// Elements in a packed B.
constexpr int64_t packed_size(int64_t columns, int64_t inner) {
  return num_panels(columns) * kPanelColumns * inner;
}
template <class T>
inline ProductB<T> packed_panels(const T* packed, int64_t inner) {
  return {packed, kPanelColumns * inner, kPanelColumns};
}

// One panel (columns <= 32) of a B with B(k, j) = from[k·stride + j].
inline void pack_panel(const float* from, int64_t stride, int64_t inner, int64_t columns, float* to) {
  const int low = static_cast<int>(columns < kLanes ? columns : kLanes),
            high = static_cast<int>(columns) - low;
  for (int64_t k = 0; k < inner; ++k) {
    store(to + k * kPanelColumns, load_n(from + k * stride, low));
    store(to + k * kPanelColumns + kLanes, high > 0 ? load_n(from + k * stride + kLanes, high) : zero16());
  }
}
// One panel (columns <= 32) of a B with B(k, j) = from[j·stride + k].
inline void pack_panel_transposed(const float* from, int64_t stride, int64_t inner, int64_t columns,
                                  float* to) {
  transpose(from, stride, columns, inner, to, kPanelColumns);
  for (int64_t k = 0; k < inner; ++k)
    for (int64_t j = columns; j < kPanelColumns; ++j) to[k * kPanelColumns + j] = 0.0f;
}

// ---- the microkernel ----

// One tile: kRows rows, up to 32 columns, inner <= kInnerCut. A(i, k) = a[k·a_stride + i].
template <int kRows, class T>
inline void product_tile(const float* a, int64_t a_stride, const T* b, int64_t b_stride, int64_t inner,
                         float* c, int64_t c_stride, int64_t columns, Into into) {
  for (int64_t j = 0; j < columns; j += kTileVectors * kLanes) {
    F32x16 sum[kRows][kTileVectors];
    for (int i = 0; i < kRows; ++i)
      for (int v = 0; v < kTileVectors; ++v) sum[i][v] = zero16();
    const float* g_a = a;
    const T* g_b = b + j;
    for (int64_t k = 0; k < inner; ++k, g_a += a_stride, g_b += b_stride) {
      F32x16 r_b[kTileVectors];
      for (int v = 0; v < kTileVectors; ++v) r_b[v] = load_wide(g_b + v * kLanes);
      for (int i = 0; i < kRows; ++i) {
        const F32x16 r_a = set1(g_a[i]);
        for (int v = 0; v < kTileVectors; ++v) sum[i][v] = fma(r_a, r_b[v], sum[i][v]);
      }
    }
    for (int v = 0; v < kTileVectors; ++v) {
      const int64_t left = columns - j - v * kLanes;
      if (left <= 0) break;
      const int n = static_cast<int>(left < kLanes ? left : kLanes);
      float* g_c = c + j + v * kLanes;
      for (int i = 0; i < kRows; ++i, g_c += c_stride)
        store_n(g_c, into == Into::kStore ? sum[i][v] : load_n(g_c, n) + sum[i][v], n);
    }
  }
}

// product_tile with a number of rows known only now.
template <int kRows, class... Args>
inline void product_tile_of(int64_t rows, const Args&... args) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return product_tile_of<kRows - 1>(rows, args...);
  }
  product_tile<kRows>(args...);
}

// One tile's rows of A as [inner][kTileRows].
inline void pack_tile(ProductA a, int64_t rows, int64_t inner, float* to) {
  if (a.row_stride != 1) return transpose(a.data, a.row_stride, rows, inner, to, kTileRows);
  for (int64_t k = 0; k < inner; ++k) {
    const float* g_a = a.data + k * a.inner_stride;
    if (rows == kTileRows)
      std::memcpy(to + k * kTileRows, g_a, kTileRows * sizeof(float));
    else
      for (int64_t i = 0; i < rows; ++i) to[k * kTileRows + i] = g_a[i];
  }
}

// The whole product. B's part for one cut (kInnerCut × columns) is read once for every kTileRows rows:
// callers keep columns to a few hundred, so that it stays in the second-level cache.
template <class T>
inline void product(int64_t rows, int64_t columns, int64_t inner, ProductA a, ProductB<T> b, ProductC c,
                    Into into) {
  alignas(64) float s_a[kTileRows * kInnerCut];
  for (int64_t k = 0; k == 0 || k < inner; k += kInnerCut) {  // at least once: an empty sum is zero
    const int64_t depth = inner - k < kInnerCut ? inner - k : kInnerCut;
    const Into mode = k == 0 ? into : Into::kAdd;
    for (int64_t i = 0; i < rows; i += kTileRows) {
      const int64_t num = rows - i < kTileRows ? rows - i : kTileRows;
      const float* g_a = a.data + i * a.row_stride + k * a.inner_stride;
      const bool in_place = num == 1 || (a.row_stride == 1 && a.inner_stride <= kMaxInPlaceStride);
      if (!in_place) pack_tile({g_a, a.row_stride, a.inner_stride}, num, depth, s_a);
      for (int64_t p = 0; p < num_panels(columns); ++p) {
        const int64_t j = p * kPanelColumns, left = columns - j;
        product_tile_of<kTileRows>(num, in_place ? g_a : s_a, in_place ? a.inner_stride : int64_t{kTileRows},
                                   b.data + p * b.panel_stride + k * b.inner_stride, b.inner_stride, depth,
                                   c.data + i * c.row_stride + j, c.row_stride,
                                   left < kPanelColumns ? left : kPanelColumns, mode);
      }
    }
  }
}

}  // namespace
}  // namespace lengthen
