#include "ops/reduce.h"

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {
namespace {

const char* name_over_all(Reduction reduction) {
  static constexpr const char* kNames[] = {"sum", "mean", "max"};
  return kNames[static_cast<size_t>(reduction)];
}
const char* name_over_last(Reduction reduction) {
  static constexpr const char* kNames[] = {"sum_last", "mean_last", "max_last"};
  return kNames[static_cast<size_t>(reduction)];
}

// A maximum over nothing has no value.
void check_not_empty(Reduction reduction, const char* op, int64_t extent, const Tensor& x) {
  require(reduction != Reduction::max || extent > 0, op, "at least one element", "x", x.shape().str());
}

}  // namespace

Tensor reduce_all(Reduction reduction, const Tensor& x) {
  const char* op = name_over_all(reduction);
  check(op, "x", x).dtype(DType::f32);
  check_not_empty(reduction, op, x.numel(), x);
  const int64_t n = x.numel();
  const Tensor y = Tensor::empty({}, DType::f32, x.device());
  const Tensor partial =
      Tensor::empty({(n + ReduceAll::kChunk - 1) / ReduceAll::kChunk}, DType::f32, x.device());
  enqueue({.name = op, .reads = {x}, .writes = {y, partial}, .run = [=] {
             launch(x.device(), ReduceAll{.reduction = reduction,
                                          .x = x.data<float>(),
                                          .partial = partial.data<float>(),
                                          .y = y.data<float>(),
                                          .n = n});
           }});
  return y;
}

Tensor reduce_last(Reduction reduction, const Tensor& x) {
  const char* op = name_over_last(reduction);
  check(op, "x", x).min_rank(1).dtype(DType::f32);
  const int64_t rows = x.shape().rows(), width = x.shape().last();
  check_not_empty(reduction, op, width, x);
  const Shape shape(x.shape().dims().first(static_cast<size_t>(x.shape().rank() - 1)));
  const Tensor y = Tensor::empty(shape, DType::f32, x.device());
  enqueue({.name = op, .reads = {x}, .writes = {y}, .run = [=] {
             launch(x.device(), ReduceLast{.reduction = reduction,
                                           .x = x.data<float>(),
                                           .y = y.data<float>(),
                                           .rows = rows,
                                           .width = width});
           }});
  return y;
}

}  // namespace lengthen
