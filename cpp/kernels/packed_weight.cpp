#include "ops/packed_weight.h"

#include "kernels/parallel.h"
#include "kernels/product.h"

namespace lengthen {

static_assert(PackWeight::kPanelColumns == kPanelColumns);

namespace {

// As pack_panel and pack_panel_transposed of kernels/product.h; a frozen weight is packed once.
void pack_panel(const BFloat16* from, int64_t stride, int64_t inner, int64_t columns, BFloat16* to) {
  for (int64_t k = 0; k < inner; ++k)
    for (int64_t j = 0; j < kPanelColumns; ++j)
      to[k * kPanelColumns + j] = j < columns ? from[k * stride + j] : BFloat16{0};
}
void pack_panel_transposed(const BFloat16* from, int64_t stride, int64_t inner, int64_t columns,
                           BFloat16* to) {
  for (int64_t k = 0; k < inner; ++k)
    for (int64_t j = 0; j < kPanelColumns; ++j)
      to[k * kPanelColumns + j] = j < columns ? from[j * stride + k] : BFloat16{0};
}

}  // namespace

template <>
void PackWeight::run<kTarget>() const {
  const bool is_forward = layout == WeightLayout::forward;
  const int64_t columns = is_forward ? out : in, inner = is_forward ? in : out;
  constexpr int64_t kPerTask = int64_t{1} << 16;
  const int64_t grain = inner * kPanelColumns < kPerTask ? kPerTask / (inner * kPanelColumns + 1) + 1 : 1;
  with_type_of(weight, dtype, [&]<class T>(const T* from) {
    parallel_rows(num_panels(columns), grain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t j = p * kPanelColumns, num = columns - j < kPanelColumns ? columns - j : kPanelColumns;
        T* panel = static_cast<T*>(packed) + j * inner;
        if (is_forward)
          pack_panel_transposed(from + j * in, in, inner, num, panel);
        else
          pack_panel(from + j, in, inner, num, panel);
      }
    });
  });
}

}  // namespace lengthen
