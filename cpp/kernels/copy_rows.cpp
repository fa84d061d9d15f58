#include "ops/copy_rows.h"

#include "kernels/lanes.h"

namespace lengthen {
namespace {

constexpr int64_t kColumnsPerTask = 1024;

}  // namespace

// A task owns columns, not rows: a row may be written and read again later in the list.
template <>
void CopyRows::run<kTarget>() const {
  if (count == 0) return;
  parallel_rows(width, kColumnsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < count; ++i) {
      const float* g_from = x + from[i] * width;
      float* g_to = x + to[i] * width;
      for_lanes(begin, end, [&](int64_t c, auto lanes) { store(g_to + c, load(g_from + c, lanes), lanes); });
    }
  });
}

}  // namespace lengthen
