#include "ops/linear.h"

#include "core/check.h"
#include "core/stream.h"
#include "ops/packed_weight.h"

namespace lengthen {
namespace {

// The shape of `x` with another last extent.
Shape with_last(const Tensor& x, int64_t extent) { return x.shape().with(x.shape().rank() - 1, extent); }

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias) {
  check("linear", "x", x).min_rank(1).dtype(DType::f32);
  const int64_t rows = x.shape().rows(), in = x.shape().last();
  const Check checked = check_weight("linear", weight, x.device());
  const int64_t out = weight.shape()[0];
  checked.shape({out, in});
  if (bias) check("linear", "bias", *bias).rank(1).dtype(DType::f32).device(x.device()).shape({out});

  const Tensor y = Tensor::empty(with_last(x, out), DType::f32, x.device());
  std::vector<Tensor> reads = {x, weight};
  if (bias) reads.push_back(*bias);
  enqueue({.name = "linear", .reads = std::move(reads), .writes = {y}, .run = [=] {
             launch(x.device(), LinearForward{.x = x.data<float>(),
                                              .weight = weight.raw(),
                                              .packed = packed_weight(weight, WeightLayout::forward),
                                              .bias = bias ? bias->data<float>() : nullptr,
                                              .y = y.data<float>(),
                                              .rows = rows,
                                              .out = out,
                                              .in = in,
                                              .weight_dtype = weight.dtype()});
           }});
  return y;
}

Tensor linear_input_gradient(const Tensor& dy, const Tensor& weight) {
  check("linear_input_gradient", "dy", dy).min_rank(1).dtype(DType::f32);
  const int64_t rows = dy.shape().rows(), out = dy.shape().last();
  const Check checked = check_weight("linear_input_gradient", weight, dy.device());
  const int64_t in = weight.shape()[1];
  checked.shape({out, in});

  const Tensor dx = Tensor::empty(with_last(dy, in), DType::f32, dy.device());
  enqueue({.name = "linear_input_gradient", .reads = {dy, weight}, .writes = {dx}, .run = [=] {
             launch(dy.device(),
                    LinearInputGradient{.dy = dy.data<float>(),
                                        .weight = weight.raw(),
                                        .packed = packed_weight(weight, WeightLayout::input_gradient),
                                        .dx = dx.data<float>(),
                                        .rows = rows,
                                        .out = out,
                                        .in = in,
                                        .weight_dtype = weight.dtype()});
           }});
  return dx;
}

Tensor linear_weight_gradient(const Tensor& dy, const Tensor& x) {
  check("linear_weight_gradient", "dy", dy).min_rank(1).dtype(DType::f32);
  const int64_t rows = dy.shape().rows(), out = dy.shape().last();
  const auto checked =
      check("linear_weight_gradient", "x", x).min_rank(1).dtype(DType::f32).device(dy.device());
  const int64_t in = x.shape().last();
  checked.shape(with_last(dy, in));

  const Tensor dweight = Tensor::empty({out, in}, DType::f32, dy.device());
  enqueue({.name = "linear_weight_gradient", .reads = {dy, x}, .writes = {dweight}, .run = [=] {
             launch(dy.device(), LinearWeightGradient{.dy = dy.data<float>(),
                                                      .x = x.data<float>(),
                                                      .dweight = dweight.data<float>(),
                                                      .rows = rows,
                                                      .out = out,
                                                      .in = in});
           }});
  return dweight;
}

Tensor column_sum(const Tensor& dy) {
  check("column_sum", "dy", dy).min_rank(1).dtype(DType::f32);
  const int64_t rows = dy.shape().rows(), width = dy.shape().last();
  const int64_t chunks = (rows + ColumnSum::kRowsPerChunk - 1) / ColumnSum::kRowsPerChunk;

  const Tensor sum = Tensor::empty({width}, DType::f32, dy.device());
  const Tensor partial = Tensor::empty({chunks, width}, DType::f32, dy.device());
  enqueue({.name = "column_sum", .reads = {dy}, .writes = {sum, partial}, .run = [=] {
             launch(dy.device(), ColumnSum{.dy = dy.data<float>(),
                                           .sum = sum.data<float>(),
                                           .partial = partial.data<float>(),
                                           .rows = rows,
                                           .width = width});
           }});
  return sum;
}

}  // namespace lengthen
