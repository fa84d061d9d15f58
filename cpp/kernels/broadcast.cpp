#include "ops/broadcast.h"

#include "kernels/lanes.h"

namespace lengthen {

template <>
void Expand::run<kTarget>() const {
  if (shape.inner == 1) {
    return parallel_rows(shape.outer, rows_per_task(shape.kept), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r)
        for_lanes(0, shape.kept,
                  [&](int64_t c, auto lanes) { store(y + r * shape.kept + c, load(x + c, lanes), lanes); });
    });
  }
  parallel_rows(shape.outer * shape.kept, rows_per_task(shape.inner), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const F32x16 value = set1(x[r % shape.kept]);
      for_lanes(0, shape.inner, [&](int64_t c, auto lanes) { store(y + r * shape.inner + c, value, lanes); });
    }
  });
}

}  // namespace lengthen
