#include "ops/index_check.h"

#include "kernels/vec.h"

namespace lengthen {

template <>
void FindIndexOutside::run<kTarget>() const {
  *position = count;
  for (int64_t i = 0; i < count; ++i) {
    if (indices[i] >= 0 && indices[i] < limit) continue;
    *position = i;
    *value = indices[i];
    return;
  }
}

template <>
void FindOffsetFault::run<kTarget>() const {
  *position = count;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t low = i == 0 ? 0 : offsets[i - 1];
    const int64_t high = i == 0 ? 0 : total;
    const bool is_last_wrong = i + 1 == count && offsets[i] != total;
    if (offsets[i] >= low && offsets[i] <= high && !is_last_wrong) continue;
    *position = i;
    *value = offsets[i];
    return;
  }
}

}  // namespace lengthen
