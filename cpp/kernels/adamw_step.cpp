#include "ops/adamw_step.h"

#include "kernels/lanes.h"

namespace lengthen {
namespace {

void step_part(const AdamwStep& k, const AdamwStep::Part& part, float clip_factor) {
  const F32x16 factor = set1(clip_factor), decay = set1(k.decay), epsilon = set1(k.epsilon);
  const F32x16 one_minus_beta1 = set1(k.one_minus_beta1), one_minus_beta2 = set1(k.one_minus_beta2);
  const F32x16 beta2 = set1(k.beta2), step_size = set1(-k.step_size);
  const F32x16 inverse_root_correction = set1(k.inverse_root_correction);
  for_lanes(0, part.count, [&](int64_t i, auto lanes) {
    const F32x16 g = load(part.g + i, lanes) * factor;
    F32x16 p = load(part.p + i, lanes), m = load(part.m + i, lanes), v = load(part.v + i, lanes);
    m = fma(one_minus_beta1, g - m, m);
    v = fma(one_minus_beta2 * g, g, beta2 * v);
    const F32x16 denominator = fma(sqrt(v), inverse_root_correction, epsilon);
    p = fma(step_size, m / denominator, p * decay);
    store(part.p + i, p, lanes);
    store(part.m + i, m, lanes);
    store(part.v + i, v, lanes);
  });
}

}  // namespace

template <>
void AdamwStep::run<kTarget>() const {
  float factor = 1.0f;
  if (grad_norm) {
    const float norm = *grad_norm;
    if (!(__builtin_fabsf(norm) < __builtin_inff())) return;
    const float scale = max_grad_norm / (norm + 1e-6f);
    if (max_grad_norm > 0 && scale < 1.0f) factor = scale;
  }
  const int64_t parts_per_task = num_parts > 0 && num_elements <= kElementsPerTask ? num_parts : 1;
  parallel_rows(num_parts, parts_per_task, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) step_part(*this, parts[i], factor);
  });
}

}  // namespace lengthen
