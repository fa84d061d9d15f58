#include "ops/adamw_options.h"

#include <cmath>

#include "core/check.h"

namespace lengthen {
namespace {

// By squaring: the same bits on every machine, which libm's pow does not promise.
double power(double base, int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent /= 2, base *= base)
    if (exponent % 2) result *= base;
  return result;
}

void check_options(const char* op, const AdamwOptions& o) {
  const auto is_beta = [](double beta) { return beta >= 0 && beta < 1; };
  require(o.learning_rate >= 0, op, "a number of at least 0", "learningRate", o.learning_rate);
  require(is_beta(o.beta1), op, "a number in [0, 1)", "beta1", o.beta1);
  require(is_beta(o.beta2), op, "a number in [0, 1)", "beta2", o.beta2);
  require(o.epsilon > 0, op, "a positive number", "epsilon", o.epsilon);
  require(o.weight_decay >= 0, op, "a number of at least 0", "weightDecay", o.weight_decay);
  require(o.step >= 1, op, "a count from 1", "step", o.step);
  require(o.max_grad_norm >= 0, op, "a number of at least 0", "maxGradNorm", o.max_grad_norm);
}

}  // namespace

AdamwFactors adamw_factors(const AdamwOptions& o) {
  const double correction1 = 1 - power(o.beta1, o.step), correction2 = 1 - power(o.beta2, o.step);
  return {.max_grad_norm = static_cast<float>(o.max_grad_norm),
          .decay = static_cast<float>(1 - o.learning_rate * o.weight_decay),
          .beta2 = static_cast<float>(o.beta2),
          .one_minus_beta1 = static_cast<float>(1 - o.beta1),
          .one_minus_beta2 = static_cast<float>(1 - o.beta2),
          .step_size = static_cast<float>(o.learning_rate / correction1),
          .inverse_root_correction = static_cast<float>(1 / std::sqrt(correction2)),
          .epsilon = static_cast<float>(o.epsilon)};
}

void check_adamw(const char* op, const std::vector<Tensor>& params, const std::vector<Tensor>& grads,
                 const std::optional<Tensor>& grad_norm, const AdamwOptions& options) {
  require(!params.empty(), op, "at least one tensor", "params", 0);
  check_like_params(op, "params", DType::f32, params, params);
  check_like_params(op, "grads", DType::f32, grads, params);
  check_options(op, options);
  if (grad_norm) check(op, "grad_norm", *grad_norm).rank(0).dtype(DType::f32).device(params[0].device());
  require(grad_norm || options.max_grad_norm == 0, op, "a tensor, to clip by", "grad_norm", "none");
}

void check_like_params(const char* op, const char* argument, DType dtype, const std::vector<Tensor>& tensors,
                       const std::vector<Tensor>& params) {
  require(tensors.size() == params.size(), op, "as many tensors as params", argument, tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i)
    check(op, argument, tensors[i]).dtype(dtype).device(params[0].device()).shape(params[i].shape());
}

}  // namespace lengthen
