#include "ops/adamw8_step.h"

#include <algorithm>

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {
namespace {

int64_t num_blocks(const Tensor& param) {
  return (param.numel() + Adamw8Step::kBlock - 1) / Adamw8Step::kBlock;
}

void check_scales(const char* argument, const std::vector<Tensor>& scales,
                  const std::vector<Tensor>& params) {
  require(scales.size() == params.size(), "adamw8_step", "as many tensors as params", argument,
          scales.size());
  for (size_t i = 0; i < scales.size(); ++i)
    check("adamw8_step", argument, scales[i])
        .rank(1)
        .dtype(DType::f32)
        .device(params[0].device())
        .shape({num_blocks(params[i])});
}

}  // namespace

void adamw8_step(const std::vector<Tensor>& params, const std::vector<Tensor>& grads,
                 const std::vector<Tensor>& m, const std::vector<Tensor>& m_scales,
                 const std::vector<Tensor>& v, const std::vector<Tensor>& v_scales, const Tensor& grad_norm,
                 const AdamwOptions& options) {
  check_adamw("adamw8_step", params, grads, grad_norm, options);
  check_like_params("adamw8_step", "m", DType::u8, m, params);
  check_scales("m_scales", m_scales, params);
  check_like_params("adamw8_step", "v", DType::u8, v, params);
  check_scales("v_scales", v_scales, params);

  int64_t num_elements = 0;
  for (const Tensor& p : params) num_elements += p.numel();
  Operation operation{.name = "adamw8_step", .reads = grads, .keeps = params};
  operation.reads.push_back(grad_norm);
  for (const auto* moments : {&m, &m_scales, &v, &v_scales})
    operation.keeps.insert(operation.keeps.end(), moments->begin(), moments->end());
  operation.run = [=, factors = adamw_factors(options)] {
    constexpr int64_t kBlocks = Adamw8Step::kPartBlocks, kPart = kBlocks * Adamw8Step::kBlock;
    std::vector<Adamw8Step::Part> parts;
    for (size_t i = 0; i < params.size(); ++i)
      for (int64_t begin = 0, block = 0, n = params[i].numel(); begin < n; begin += kPart, block += kBlocks)
        parts.push_back({params[i].data<float>() + begin, grads[i].data<float>() + begin,
                         m[i].data<uint8_t>() + begin, m_scales[i].data<float>() + block,
                         v[i].data<uint8_t>() + begin, v_scales[i].data<float>() + block,
                         std::min(kPart, n - begin)});
    launch(params[0].device(), Adamw8Step{.parts = parts.data(),
                                          .num_parts = static_cast<int64_t>(parts.size()),
                                          .num_elements = num_elements,
                                          .grad_norm = grad_norm.data<float>(),
                                          .factors = factors,
                                          .m_codes = &signed_moment_codes(),
                                          .v_codes = &unsigned_moment_codes()});
  };
  enqueue(std::move(operation));
}

}  // namespace lengthen
