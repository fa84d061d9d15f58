#include "ops/gradient_norm.h"

#include "kernels/sums.h"

namespace lengthen {

template <>
void GradientNorm::run<kTarget>() const {
  const int64_t parts_per_task = num_parts > 0 && num_elements <= kElementsPerTask ? num_parts : 1;
  parallel_rows(num_parts, parts_per_task, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* g = parts[i].g;
      partial[i] = static_cast<float>(sum_lanes(parts[i].count, [&](int64_t c, auto lanes) {
        const F32x16 v = load(g + c, lanes);
        return v * v;
      }));
    }
  });
  double total = 0;
  for (int64_t i = 0; i < num_parts; ++i) total += static_cast<double>(partial[i]);
  *norm = static_cast<float>(__builtin_sqrt(total));
}

}  // namespace lengthen
