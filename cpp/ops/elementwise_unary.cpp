#include "ops/elementwise_unary.h"

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {

const char* name_of(UnaryFn fn) {
  static constexpr const char* kNames[] = {"neg",        "exp",        "log",     "sqrt", "abs",
                                           "sign",       "square",     "sigmoid", "tanh", "relu",
                                           "add_scalar", "mul_scalar", "clamp"};
  return kNames[static_cast<size_t>(fn)];
}

Tensor apply_unary(UnaryFn fn, const Tensor& x, float a, float b) {
  check(name_of(fn), "x", x).dtype(DType::f32);
  const Tensor y = Tensor::empty_like(x);
  enqueue({.name = name_of(fn), .reads = {x}, .writes = {y}, .run = [=] {
             launch(
                 x.device(),
                 ElementwiseUnary{
                     .fn = fn, .x = x.data<float>(), .y = y.data<float>(), .n = x.numel(), .a = a, .b = b});
           }});
  return y;
}

Tensor clamp(const Tensor& x, float low, float high) {
  require(low <= high, "clamp", "low <= high", "low and high", text(low, " and ", high));
  return apply_unary(UnaryFn::clamp, x, low, high);
}

}  // namespace lengthen
