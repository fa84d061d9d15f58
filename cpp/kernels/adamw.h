// The arithmetic of an AdamW step on sixteen lanes, whatever form the moments have. For kernel files only.
#pragma once

#include "kernels/vec.h"
#include "ops/adamw_options.h"

namespace lengthen {
namespace {

// What a gradient is scaled by, for a finite norm.
inline float clip_factor(float max_grad_norm, float norm) {
  const float scale = max_grad_norm / (norm + 1e-6f);
  return max_grad_norm > 0 && scale < 1.0f ? scale : 1.0f;
}

inline bool is_finite(float x) { return __builtin_fabsf(x) < __builtin_inff(); }

class AdamwLanes {
 public:
  AdamwLanes(const AdamwFactors& f, float clip_factor)
      : factor_(set1(clip_factor)),
        decay_(set1(f.decay)),
        beta2_(set1(f.beta2)),
        one_minus_beta1_(set1(f.one_minus_beta1)),
        one_minus_beta2_(set1(f.one_minus_beta2)),
        step_size_(set1(-f.step_size)),
        inverse_root_correction_(set1(f.inverse_root_correction)),
        epsilon_(set1(f.epsilon)) {}

  void update(F32x16 gradient, F32x16& p, F32x16& m, F32x16& v) const {
    const F32x16 g = gradient * factor_;
    m = fma(one_minus_beta1_, g - m, m);
    v = fma(one_minus_beta2_ * g, g, beta2_ * v);
    const F32x16 denominator = fma(sqrt(v), inverse_root_correction_, epsilon_);
    p = fma(step_size_, m / denominator, p * decay_);
  }

 private:
  F32x16 factor_, decay_, beta2_, one_minus_beta1_, one_minus_beta2_, step_size_, inverse_root_correction_,
      epsilon_;
};

}  // namespace
}  // namespace lengthen
