#include "ops/linear.h"

#include "kernels/lanes.h"
#include "kernels/product.h"
#include "kernels/product_rows.h"
#include "kernels/product_tasks.h"

namespace lengthen {
namespace {

// c[i] += bias over rows of n.
void add_bias(const float* bias, int64_t rows, int64_t n, ProductC c) {
  for (int64_t r = 0; r < rows; ++r) {
    float* g_c = c.data + r * c.row_stride;
    for_lanes(0, n, [&](int64_t j, auto lanes) {
      store(g_c + j, load(g_c + j, lanes) + load(bias + j, lanes), lanes);
    });
  }
}

// y = a·B + bias with B in packed panels; bias may be null.
template <class T>
void product_by_panels(const float* a, const T* packed, const float* bias, float* y, int64_t rows,
                       int64_t columns, int64_t inner) {
  const Blocks blocks = choose_blocks(rows, columns, inner, kPackedBlocks);
  parallel_blocks(rows, columns, blocks, [&](int64_t i, int64_t m, int64_t j, int64_t n) {
    const ProductC c{y + i * columns + j, columns};
    product(m, n, inner, {a + i * inner, inner, 1}, packed_panels(packed + j * inner, inner), c,
            Into::kStore);
    if (bias) add_bias(bias + j, m, n, c);
  });
}

}  // namespace

template <>
void LinearForward::run<kTarget>() const {
  with_type_of(packed, weight_dtype,
               [&](const auto* panels) { product_by_panels(x, panels, bias, y, rows, out, in); });
}

template <>
void LinearInputGradient::run<kTarget>() const {
  with_type_of(packed, weight_dtype,
               [&](const auto* panels) { product_by_panels(dy, panels, nullptr, dx, rows, in, out); });
}

// The inner dimension is the rows (tokens): cut every kInnerCut of them.
template <>
void LinearWeightGradient::run<kTarget>() const {
  const Blocks blocks = choose_blocks(out, in, rows, kRowMajorBlocks);
  parallel_blocks(out, in, blocks, [&](int64_t i, int64_t m, int64_t j, int64_t n) {
    product_of_rows(m, n, rows, {dy + i, 1, out}, RowMajorB<float>{x + j, in}, {dweight + i * in + j, in},
                    Into::kStore);
  });
}

template <>
void ColumnSum::run<kTarget>() const {
  parallel_blocks(rows, width, {kRowsPerChunk, 1024}, [&](int64_t i, int64_t m, int64_t j, int64_t n) {
    float* g_partial = partial + i / kRowsPerChunk * width;
    for_lanes(j, j + n, [&](int64_t c, auto lanes) {
      F32x16 r_sum = zero16();
      for (int64_t r = i; r < i + m; ++r) r_sum = r_sum + load(dy + r * width + c, lanes);
      store(g_partial + c, r_sum, lanes);
    });
  });
  const int64_t chunks = num_blocks(rows, kRowsPerChunk);
  parallel_lanes(width, [&](int64_t c, auto lanes) {
    F32x16 r_sum = zero16();
    for (int64_t chunk = 0; chunk < chunks; ++chunk) r_sum = r_sum + load(partial + chunk * width + c, lanes);
    store(sum + c, r_sum, lanes);
  });
}

}  // namespace lengthen
