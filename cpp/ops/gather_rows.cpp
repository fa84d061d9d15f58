#include "ops/gather_rows.h"

#include "core/check.h"
#include "core/stream.h"
#include "ops/index_check.h"

namespace lengthen {
namespace {

// Elements in one row, also where there are no rows.
int64_t row_width(const Shape& shape) { return shape.with(0, 1).numel(); }

}  // namespace

Tensor gather_rows_as(const RowArguments& names, const Tensor& x, const Tensor& indices) {
  const Check checked = check(names.op, names.rows, x).min_rank(1);
  const bool is_bf16 = x.dtype() == DType::bf16;
  if (names.may_be_bf16 && x.dtype() != DType::f32 && !is_bf16)
    checked.fail("f32 or bf16", name_of(x.dtype()));
  if (!names.may_be_bf16) checked.dtype(DType::f32);
  check(names.op, names.indices, indices).rank(1).dtype(DType::i32).device(x.device());
  const int64_t count = indices.numel(), num_rows = x.shape()[0], width = row_width(x.shape());
  const Tensor y = Tensor::empty(x.shape().with(0, count), DType::f32, x.device());
  enqueue({.name = names.op, .reads = {x, indices}, .writes = {y}, .run = [=] {
             require_indices(names.op, names.indices, indices, num_rows);
             launch(x.device(), GatherRows{.x = x.raw(),
                                           .indices = indices.data<int32_t>(),
                                           .y = y.data<float>(),
                                           .count = count,
                                           .width = width,
                                           .dtype = x.dtype()});
           }});
  return y;
}

Tensor scatter_add_rows_as(const RowArguments& names, const Tensor& dy, const Tensor& indices,
                           int64_t num_rows) {
  check(names.op, names.rows, dy).min_rank(1).dtype(DType::f32);
  check(names.op, names.indices, indices)
      .rank(1)
      .dtype(DType::i32)
      .device(dy.device())
      .shape({dy.shape()[0]});
  require(num_rows >= 0, names.op, "a count of at least 0", "num_rows", num_rows);
  const Tensor dx = Tensor::empty(dy.shape().with(0, num_rows), DType::f32, dy.device());
  const int64_t count = indices.numel(), width = row_width(dy.shape());
  const Tensor scratch = Tensor::empty({num_rows + 1 + count}, DType::i32, dy.device());
  enqueue({.name = names.op, .reads = {dy, indices}, .writes = {dx, scratch}, .run = [=] {
             require_indices(names.op, names.indices, indices, num_rows);
             launch(dy.device(), ScatterAddRows{.dy = dy.data<float>(),
                                                .indices = indices.data<int32_t>(),
                                                .dx = dx.data<float>(),
                                                .scratch = scratch.data<int32_t>(),
                                                .count = count,
                                                .num_rows = num_rows,
                                                .width = width});
           }});
  return dx;
}

Tensor gather_rows(const Tensor& x, const Tensor& indices) {
  return gather_rows_as({"gather_rows", "x", "indices"}, x, indices);
}

Tensor scatter_add_rows(const Tensor& dy, const Tensor& indices, int64_t num_rows) {
  return scatter_add_rows_as({"scatter_add_rows", "dy", "indices"}, dy, indices, num_rows);
}

}  // namespace lengthen
