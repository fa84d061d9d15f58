// What the AdamW steps have in common, whatever form their moments have: the formula is in adamw_step.h.
#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "core/tensor.h"

namespace lengthen {

struct AdamwOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  int64_t step = 1;
  double max_grad_norm = 0;  // 0: do not clip
  static constexpr auto kFields = std::make_tuple(
      std::pair{"learningRate", &AdamwOptions::learning_rate}, std::pair{"beta1", &AdamwOptions::beta1},
      std::pair{"beta2", &AdamwOptions::beta2}, std::pair{"epsilon", &AdamwOptions::epsilon},
      std::pair{"weightDecay", &AdamwOptions::weight_decay}, std::pair{"step", &AdamwOptions::step},
      std::pair{"maxGradNorm", &AdamwOptions::max_grad_norm});
};

// The options as the kernels use them.
struct AdamwFactors {
  float max_grad_norm;  // 0: do not clip
  float decay;          // 1 − lr·λ
  float beta2, one_minus_beta1, one_minus_beta2;
  float step_size;                // lr / (1 − β1^t)
  float inverse_root_correction;  // 1 / sqrt(1 − β2^t)
  float epsilon;
};

AdamwFactors adamw_factors(const AdamwOptions& options);

// Checks the options, f32 parameters with as many gradients of their shapes, and that there is a norm to clip
// by.
void check_adamw(const char* op, const std::vector<Tensor>& params, const std::vector<Tensor>& grads,
                 const std::optional<Tensor>& grad_norm, const AdamwOptions& options);

// That there are as many tensors as parameters, each of the parameter's shape.
void check_like_params(const char* op, const char* argument, DType dtype, const std::vector<Tensor>& tensors,
                       const std::vector<Tensor>& params);

}  // namespace lengthen
