#include "ops/broadcast.h"

#include "core/check.h"
#include "core/stream.h"
#include "ops/linear.h"
#include "ops/reduce.h"

namespace lengthen {
Broadcast broadcast_of(const char* op, const char* argument, const Shape& small, const Shape& large) {
  Broadcast shape;
  int i = large.rank() - 1;
  const int shift = small.rank() - large.rank();
  const auto extent = [&](int dim) { return dim + shift >= 0 ? small[dim + shift] : 1; };
  for (; i >= 0 && extent(i) == 1; --i) shape.inner *= large[i];
  for (; i >= 0 && extent(i) == large[i]; --i) shape.kept *= large[i];
  for (; i >= 0 && extent(i) == 1; --i) shape.outer *= large[i];
  if (i < 0 && shift <= 0) return shape;
  throw ArgumentError(text("[", op, "] expected a shape that broadcasts to ", large.str(), " for ", argument,
                           " (its extents in one run of dimensions, 1 elsewhere), got ", small.str()));
}

Tensor expand(const Tensor& x, const Shape& shape) {
  check("expand", "x", x).dtype(DType::f32);
  const Broadcast broadcast = broadcast_of("expand", "x", x.shape(), shape);
  const Tensor y = Tensor::empty(shape, DType::f32, x.device());
  enqueue({.name = "expand", .reads = {x}, .writes = {y}, .run = [=] {
             launch(x.device(), Expand{.x = x.data<float>(), .y = y.data<float>(), .shape = broadcast});
           }});
  return y;
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  check("sum_to", "x", x).dtype(DType::f32);
  const auto [outer, kept, inner] = broadcast_of("sum_to", "shape", shape, x.shape());
  if (kept == 1) return reduce_all(Reduction::sum, x).view(shape);
  const Tensor per_row = inner == 1 ? x : reduce_last(Reduction::sum, x.view({outer * kept, inner}));
  return (outer == 1 && inner != 1 ? per_row : column_sum(per_row.view({outer, kept}))).view(shape);
}

}  // namespace lengthen
