#include "ops/rms_norm.h"

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {

RmsNormResult rms_norm(const Tensor& x, const Tensor& weight, float epsilon) {
  check("rms_norm", "x", x).min_rank(1).dtype(DType::f32);
  const int64_t width = x.shape().last();
  check("rms_norm", "weight", weight).rank(1).dtype(DType::f32).device(x.device()).shape({width});
  require(epsilon > 0, "rms_norm", "a positive number", "epsilon", epsilon);

  const int64_t rows = x.shape().rows();
  RmsNormResult out{Tensor::empty_like(x), Tensor::empty({rows}, DType::f32, x.device())};
  enqueue({.name = "rms_norm", .reads = {x, weight}, .writes = {out.y, out.inverse_rms}, .run = [=] {
             launch(x.device(), RmsNormForward{.x = x.data<float>(),
                                               .weight = weight.data<float>(),
                                               .y = out.y.data<float>(),
                                               .inverse_rms = out.inverse_rms.data<float>(),
                                               .rows = rows,
                                               .width = width,
                                               .epsilon = epsilon});
           }});
  return out;
}

RmsNormGradients rms_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& weight,
                                   const Tensor& inverse_rms) {
  const int64_t rows = x.shape().rows(), width = x.shape().last();
  check("rms_norm_backward", "dy", dy).dtype(DType::f32).device(x.device()).shape(x.shape());
  check("rms_norm_backward", "inverse_rms", inverse_rms).dtype(DType::f32).device(x.device()).shape({rows});

  RmsNormGradients out{Tensor::empty_like(x), Tensor::empty_like(weight)};
  const int64_t chunks = (rows + RmsNormBackward::kRowsPerChunk - 1) / RmsNormBackward::kRowsPerChunk;
  const Tensor partial = Tensor::empty({chunks, width}, DType::f32, x.device());
  enqueue({.name = "rms_norm_backward",
           .reads = {dy, x, weight, inverse_rms},
           .writes = {out.dx, out.dweight, partial},
           .run = [=] {
             launch(x.device(), RmsNormBackward{.dy = dy.data<float>(),
                                                .x = x.data<float>(),
                                                .weight = weight.data<float>(),
                                                .inverse_rms = inverse_rms.data<float>(),
                                                .dx = out.dx.data<float>(),
                                                .dweight = out.dweight.data<float>(),
                                                .partial = partial.data<float>(),
                                                .rows = rows,
                                                .width = width});
           }});
  return out;
}

}  // namespace lengthen
