#include "ops/reduce.h"

#include "kernels/sums.h"

namespace lengthen {
namespace {

double sum_of(const float* x, int64_t n) {
  return sum_lanes(n, [&](int64_t i, auto lanes) { return load(x + i, lanes); });
}

// n > 0
float max_of(const float* x, int64_t n) {
  const float lowest = -__builtin_inff();
  F32x16 most = set1(lowest);
  for_lanes(0, n,
            [&](int64_t i, auto lanes) { most = max_or_nan(most, keep(load(x + i, lanes), lanes, lowest)); });
  return fold_max(most);
}

}  // namespace

template <>
void ReduceAll::run<kTarget>() const {
  const int64_t chunks = (n + kChunk - 1) / kChunk;
  parallel_rows(n, kChunk, [&](int64_t begin, int64_t end) {
    partial[begin / kChunk] = reduction == Reduction::max
                                  ? max_of(x + begin, end - begin)
                                  : static_cast<float>(sum_of(x + begin, end - begin));
  });
  if (reduction == Reduction::max) {
    *y = max_of(partial, chunks);
    return;
  }
  double total = 0;
  for (int64_t chunk = 0; chunk < chunks; ++chunk) total += static_cast<double>(partial[chunk]);
  *y = static_cast<float>(reduction == Reduction::mean ? total / static_cast<double>(n) : total);
}

template <>
void ReduceLast::run<kTarget>() const {
  parallel_rows(rows, rows_per_task(width), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const float* g_x = x + r * width;
      if (reduction == Reduction::max) {
        y[r] = max_of(g_x, width);
        continue;
      }
      const double total = sum_of(g_x, width);
      y[r] = static_cast<float>(reduction == Reduction::mean ? total / static_cast<double>(width) : total);
    }
  });
}

}  // namespace lengthen
