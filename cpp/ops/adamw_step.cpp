#include "ops/adamw_step.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {
namespace {

// By squaring: the same bits on every machine, which libm's pow does not promise.
double power(double base, int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent /= 2, base *= base)
    if (exponent % 2) result *= base;
  return result;
}

void check_options(const AdamwOptions& o) {
  const auto is_beta = [](double beta) { return beta >= 0 && beta < 1; };
  require(o.learning_rate >= 0, "adamw_step", "a number of at least 0", "learningRate", o.learning_rate);
  require(is_beta(o.beta1), "adamw_step", "a number in [0, 1)", "beta1", o.beta1);
  require(is_beta(o.beta2), "adamw_step", "a number in [0, 1)", "beta2", o.beta2);
  require(o.epsilon > 0, "adamw_step", "a positive number", "epsilon", o.epsilon);
  require(o.weight_decay >= 0, "adamw_step", "a number of at least 0", "weightDecay", o.weight_decay);
  require(o.step >= 1, "adamw_step", "a count from 1", "step", o.step);
  require(o.max_grad_norm >= 0, "adamw_step", "a number of at least 0", "maxGradNorm", o.max_grad_norm);
}

// Of as many tensors as there are parameters, each as its parameter.
void check_like(const char* argument, const std::vector<Tensor>& tensors, const std::vector<Tensor>& params) {
  require(tensors.size() == params.size(), "adamw_step", "as many tensors as params", argument,
          tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i)
    check("adamw_step", argument, tensors[i])
        .dtype(DType::f32)
        .device(params[0].device())
        .shape(params[i].shape());
}

std::vector<AdamwStep::Part> parts_of(const std::vector<Tensor>& params, const std::vector<Tensor>& grads,
                                      const std::vector<Tensor>& m, const std::vector<Tensor>& v) {
  constexpr int64_t kPart = AdamwStep::kPartElements;
  std::vector<AdamwStep::Part> parts;
  for (size_t i = 0; i < params.size(); ++i)
    for (int64_t begin = 0, n = params[i].numel(); begin < n; begin += kPart)
      parts.push_back({params[i].data<float>() + begin, grads[i].data<float>() + begin,
                       m[i].data<float>() + begin, v[i].data<float>() + begin, std::min(kPart, n - begin)});
  return parts;
}

}  // namespace

void adamw_step(const std::vector<Tensor>& params, const std::vector<Tensor>& grads,
                const std::vector<Tensor>& m, const std::vector<Tensor>& v,
                const std::optional<Tensor>& grad_norm, const AdamwOptions& options) {
  require(!params.empty(), "adamw_step", "at least one tensor", "params", 0);
  for (const Tensor& p : params) check("adamw_step", "params", p).dtype(DType::f32);
  check_like("params", params, params);
  check_like("grads", grads, params);
  check_like("m", m, params);
  check_like("v", v, params);
  check_options(options);
  const Device device = params[0].device();
  if (grad_norm) check("adamw_step", "grad_norm", *grad_norm).rank(0).dtype(DType::f32).device(device);
  require(grad_norm || options.max_grad_norm == 0, "adamw_step", "a tensor, to clip by", "grad_norm", "none");

  int64_t num_elements = 0;
  for (const Tensor& p : params) num_elements += p.numel();
  const double correction1 = 1 - power(options.beta1, options.step),
               correction2 = 1 - power(options.beta2, options.step);
  Operation operation{.name = "adamw_step", .reads = grads, .keeps = params};
  if (grad_norm) operation.reads.push_back(*grad_norm);
  operation.keeps.insert(operation.keeps.end(), m.begin(), m.end());
  operation.keeps.insert(operation.keeps.end(), v.begin(), v.end());
  operation.run = [=] {
    const auto parts = parts_of(params, grads, m, v);
    launch(device, AdamwStep{.parts = parts.data(),
                             .num_parts = static_cast<int64_t>(parts.size()),
                             .num_elements = num_elements,
                             .grad_norm = grad_norm ? grad_norm->data<float>() : nullptr,
                             .max_grad_norm = static_cast<float>(options.max_grad_norm),
                             .decay = static_cast<float>(1 - options.learning_rate * options.weight_decay),
                             .beta2 = static_cast<float>(options.beta2),
                             .one_minus_beta1 = static_cast<float>(1 - options.beta1),
                             .one_minus_beta2 = static_cast<float>(1 - options.beta2),
                             .step_size = static_cast<float>(options.learning_rate / correction1),
                             .inverse_root_correction = static_cast<float>(1 / std::sqrt(correction2)),
                             .epsilon = static_cast<float>(options.epsilon)});
  };
  enqueue(std::move(operation));
}

}  // namespace lengthen
