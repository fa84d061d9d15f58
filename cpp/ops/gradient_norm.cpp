#include "ops/gradient_norm.h"

#include <algorithm>

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {
namespace {

constexpr int64_t kPart = GradientNorm::kPartElements;

int64_t count_parts(const std::vector<Tensor>& grads) {
  int64_t count = 0;
  for (const Tensor& g : grads) count += (g.numel() + kPart - 1) / kPart;
  return count;
}

std::vector<GradientNorm::Part> parts_of(const std::vector<Tensor>& grads) {
  std::vector<GradientNorm::Part> parts;
  for (const Tensor& g : grads)
    for (int64_t begin = 0; begin < g.numel(); begin += kPart)
      parts.push_back({g.data<float>() + begin, std::min(kPart, g.numel() - begin)});
  return parts;
}

}  // namespace

Tensor gradient_norm(const std::vector<Tensor>& grads) {
  require(!grads.empty(), "gradient_norm", "at least one tensor", "grads", 0);
  check("gradient_norm", "grads", grads[0]);
  const Device device = grads[0].device();
  int64_t num_elements = 0;
  for (const Tensor& g : grads) {
    check("gradient_norm", "grads", g).dtype(DType::f32).device(device);
    num_elements += g.numel();
  }
  const Tensor norm = Tensor::empty({}, DType::f32, device);
  const Tensor partial = Tensor::empty({count_parts(grads)}, DType::f32, device);
  enqueue({.name = "gradient_norm", .reads = grads, .writes = {norm, partial}, .run = [=] {
             const auto parts = parts_of(grads);
             launch(device, GradientNorm{.parts = parts.data(),
                                         .num_parts = static_cast<int64_t>(parts.size()),
                                         .num_elements = num_elements,
                                         .partial = partial.data<float>(),
                                         .norm = norm.data<float>()});
           }});
  return norm;
}

}  // namespace lengthen
