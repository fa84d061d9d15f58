#include "ops/adamw_step.h"

#include <algorithm>

#include "core/stream.h"

namespace lengthen {
namespace {

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
  check_adamw("adamw_step", params, grads, grad_norm, options);
  check_like_params("adamw_step", "m", DType::f32, m, params);
  check_like_params("adamw_step", "v", DType::f32, v, params);

  int64_t num_elements = 0;
  for (const Tensor& p : params) num_elements += p.numel();
  Operation operation{.name = "adamw_step", .reads = grads, .keeps = params};
  if (grad_norm) operation.reads.push_back(*grad_norm);
  operation.keeps.insert(operation.keeps.end(), m.begin(), m.end());
  operation.keeps.insert(operation.keeps.end(), v.begin(), v.end());
  operation.run = [=, factors = adamw_factors(options), device = params[0].device()] {
    const auto parts = parts_of(params, grads, m, v);
    launch(device, AdamwStep{.parts = parts.data(),
                             .num_parts = static_cast<int64_t>(parts.size()),
                             .num_elements = num_elements,
                             .grad_norm = grad_norm ? grad_norm->data<float>() : nullptr,
                             .factors = factors});
  };
  enqueue(std::move(operation));
}

}  // namespace lengthen
