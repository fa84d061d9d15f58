// The product with a row-major B that is used once (a gradient's second factor): B is packed on the way,
// block by block, on the stack. The bits are those of kernels/product.h.
//
// For kernel files only: all of it is file-local.
#pragma once

#include "kernels/product.h"

namespace lengthen {
namespace {

// B(k, j) = data[k·row_stride + j].
struct RowMajorB {
  const float* data;
  int64_t row_stride;
};

constexpr int64_t kMaxRowMajorColumns = 256;

// columns <= kMaxRowMajorColumns.
inline void product_of_rows(int64_t rows, int64_t columns, int64_t inner, ProductA a, RowMajorB b, ProductC c,
                            Into into) {
  alignas(64) float s_b[kInnerCut * kMaxRowMajorColumns];
  for (int64_t k = 0; k == 0 || k < inner; k += kInnerCut) {  // at least once: an empty sum is zero
    const int64_t depth = inner - k < kInnerCut ? inner - k : kInnerCut;
    for (int64_t j = 0; j < columns; j += kPanelColumns)
      pack_panel(b.data + k * b.row_stride + j, b.row_stride, depth,
                 columns - j < kPanelColumns ? columns - j : kPanelColumns, s_b + j * depth);
    product(rows, columns, depth, {a.data + k * a.inner_stride, a.row_stride, a.inner_stride},
            packed_panels(s_b, depth), c, k == 0 ? into : Into::kAdd);
  }
}

}  // namespace
}  // namespace lengthen
