#include "ops/packed_weight.h"

#include "kernels/parallel.h"
#include "kernels/product.h"

namespace lengthen {

static_assert(PackWeight::kPanelColumns == kPanelColumns);

template <>
void PackWeight::run<kTarget>() const {
  const bool is_forward = layout == WeightLayout::forward;
  const int64_t columns = is_forward ? out : in, inner = is_forward ? in : out;
  constexpr int64_t kFloatsPerTask = int64_t{1} << 16;
  const int64_t grain =
      inner * kPanelColumns < kFloatsPerTask ? kFloatsPerTask / (inner * kPanelColumns + 1) + 1 : 1;
  parallel_rows(num_panels(columns), grain, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t j = p * kPanelColumns, num = columns - j < kPanelColumns ? columns - j : kPanelColumns;
      float* panel = packed + j * inner;
      if (is_forward)
        pack_panel_transposed(weight + j * in, in, inner, num, panel);
      else
        pack_panel(weight + j, in, inner, num, panel);
    }
  });
}

}  // namespace lengthen
