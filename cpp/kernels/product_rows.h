// The product with a row-major B that is used once (a gradient's second factor): B is packed on the way,
// block by block, on the stack. The bits are those of kernels/product.h.
//
// For kernel files only: all of it is file-local.
#pragma once

#include "kernels/product.h"

namespace lengthen {
namespace {

// B(k, j) = data[k·row_stride + j].
template <class T>
struct RowMajorB {
  const T* data;
  int64_t row_stride;
};

constexpr int64_t kMaxRowMajorColumns = 256;
// One row more than a cut has, so that the panels of a row do not share their place in the first-level cache.
constexpr int64_t kBlockPanelStride = (kInnerCut + 1) * kPanelColumns;

// Row by row, since neighbouring columns share lines and pages and neighbouring rows may be far apart.
template <class T>
inline void pack_block(RowMajorB<T> b, int64_t inner, int64_t columns, float* to) {
  const int64_t whole = columns / kPanelColumns;
  const int rest = static_cast<int>(columns % kPanelColumns), low = rest < kLanes ? rest : kLanes;
  for (int64_t k = 0; k < inner; ++k) {
    const T* g_b = b.data + k * b.row_stride;
    float* s_b = to + k * kPanelColumns;
    for (int64_t p = 0; p < whole; ++p, g_b += kPanelColumns, s_b += kBlockPanelStride) {
      store(s_b, load_wide(g_b));
      store(s_b + kLanes, load_wide(g_b + kLanes));
    }
    if (rest == 0) continue;
    store(s_b, load_wide_n(g_b, low));
    store(s_b + kLanes, rest > low ? load_wide_n(g_b + kLanes, rest - low) : zero16());
  }
}

// columns <= kMaxRowMajorColumns.
template <class T>
inline void product_of_rows(int64_t rows, int64_t columns, int64_t inner, ProductA a, RowMajorB<T> b,
                            ProductC c, Into into) {
  alignas(64) float s_b[kMaxRowMajorColumns / kPanelColumns * kBlockPanelStride];
  for (int64_t k = 0; k == 0 || k < inner; k += kInnerCut) {  // at least once: an empty sum is zero
    const int64_t depth = inner - k < kInnerCut ? inner - k : kInnerCut;
    pack_block(RowMajorB<T>{b.data + k * b.row_stride, b.row_stride}, depth, columns, s_b);
    product(rows, columns, depth, {a.data + k * a.inner_stride, a.row_stride, a.inner_stride},
            ProductB<float>{s_b, kBlockPanelStride, kPanelColumns}, c, k == 0 ? into : Into::kAdd);
  }
}

}  // namespace
}  // namespace lengthen
