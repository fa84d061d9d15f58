#include "ops/swiglu.h"

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {

Tensor swiglu(const Tensor& gate, const Tensor& up) {
  check("swiglu", "gate", gate).dtype(DType::f32);
  check("swiglu", "up", up).dtype(DType::f32).device(gate.device()).shape(gate.shape());
  const Tensor y = Tensor::empty_like(gate);
  enqueue({.name = "swiglu", .reads = {gate, up}, .writes = {y}, .run = [=] {
             launch(gate.device(), SwigluForward{.gate = gate.data<float>(),
                                                 .up = up.data<float>(),
                                                 .y = y.data<float>(),
                                                 .n = gate.numel()});
           }});
  return y;
}

SwigluGradients swiglu_backward(const Tensor& dy, const Tensor& gate, const Tensor& up) {
  check("swiglu_backward", "gate", gate).dtype(DType::f32);
  check("swiglu_backward", "up", up).dtype(DType::f32).device(gate.device()).shape(gate.shape());
  check("swiglu_backward", "dy", dy).dtype(DType::f32).device(gate.device()).shape(gate.shape());
  SwigluGradients out{Tensor::empty_like(gate), Tensor::empty_like(up)};
  enqueue({.name = "swiglu_backward", .reads = {dy, gate, up}, .writes = {out.dgate, out.dup}, .run = [=] {
             launch(gate.device(), SwigluBackward{.dy = dy.data<float>(),
                                                  .gate = gate.data<float>(),
                                                  .up = up.data<float>(),
                                                  .dgate = out.dgate.data<float>(),
                                                  .dup = out.dup.data<float>(),
                                                  .n = gate.numel()});
           }});
  return out;
}

}  // namespace lengthen
