#include "ops/adamw_step.h"

#include "kernels/adamw.h"
#include "kernels/lanes.h"

namespace lengthen {
namespace {

void step_part(const AdamwLanes& adamw, const AdamwStep::Part& part) {
  for_lanes(0, part.count, [&](int64_t i, auto lanes) {
    F32x16 p = load(part.p + i, lanes), m = load(part.m + i, lanes), v = load(part.v + i, lanes);
    adamw.update(load(part.g + i, lanes), p, m, v);
    store(part.p + i, p, lanes);
    store(part.m + i, m, lanes);
    store(part.v + i, v, lanes);
  });
}

}  // namespace

template <>
void AdamwStep::run<kTarget>() const {
  if (grad_norm && !is_finite(*grad_norm)) return;
  const AdamwLanes adamw(factors, grad_norm ? clip_factor(factors.max_grad_norm, *grad_norm) : 1.0f);
  const int64_t parts_per_task = num_parts > 0 && num_elements <= kElementsPerTask ? num_parts : 1;
  parallel_rows(num_parts, parts_per_task, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) step_part(adamw, parts[i]);
  });
}

}  // namespace lengthen
