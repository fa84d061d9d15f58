#include "ops/elementwise_binary.h"

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {

const char* name_of(BinaryFn fn) {
  static constexpr const char* kNames[] = {"add",     "sub",        "mul",     "div",
                                           "maximum", "minimum",    "greater", "greater_equal",
                                           "less",    "less_equal", "equal"};
  return kNames[static_cast<size_t>(fn)];
}

Tensor apply_binary(BinaryFn fn, const Tensor& a, const Tensor& b) {
  check(name_of(fn), "a", a).dtype(DType::f32);
  check(name_of(fn), "b", b).dtype(DType::f32).device(a.device());
  const Broadcast shape = broadcast_of(name_of(fn), "b", b.shape(), a.shape());
  const Tensor y = Tensor::empty_like(a);
  enqueue({.name = name_of(fn), .reads = {a, b}, .writes = {y}, .run = [=] {
             launch(a.device(), ElementwiseBinary{.fn = fn,
                                                  .a = a.data<float>(),
                                                  .b = b.data<float>(),
                                                  .y = y.data<float>(),
                                                  .shape = shape});
           }});
  return y;
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  check("where", "condition", condition).dtype(DType::f32);
  check("where", "a", a).dtype(DType::f32).device(condition.device()).shape(condition.shape());
  check("where", "b", b).dtype(DType::f32).device(condition.device()).shape(condition.shape());
  const Tensor y = Tensor::empty_like(a);
  enqueue({.name = "where", .reads = {condition, a, b}, .writes = {y}, .run = [=] {
             launch(a.device(), Where{.condition = condition.data<float>(),
                                      .a = a.data<float>(),
                                      .b = b.data<float>(),
                                      .y = y.data<float>(),
                                      .n = a.numel()});
           }});
  return y;
}

}  // namespace lengthen
