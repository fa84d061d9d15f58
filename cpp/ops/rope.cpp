#include "ops/rope.h"

#include "core/check.h"
#include "core/stream.h"
#include "ops/index_check.h"

namespace lengthen {

Tensor rope(const Tensor& x, const Tensor& positions, const Tensor& cos, const Tensor& sin, bool inverse) {
  check("rope", "x", x).rank(3).dtype(DType::f32);
  const int64_t tokens = x.shape()[0], heads = x.shape()[1], head_size = x.shape()[2];
  require(head_size % 2 == 0, "rope", "an even head size", "x", x.shape().str());
  check("rope", "positions", positions).rank(1).dtype(DType::i32).device(x.device()).shape({tokens});
  check("rope", "cos", cos).rank(2).dtype(DType::f32).device(x.device());
  check("rope", "cos", cos).shape({cos.shape()[0], head_size / 2});
  check("rope", "sin", sin).rank(2).dtype(DType::f32).device(x.device()).shape(cos.shape());

  const Tensor y = Tensor::empty_like(x);
  enqueue({.name = "rope", .reads = {x, positions, cos, sin}, .writes = {y}, .run = [=] {
             require_indices("rope", "positions", positions, cos.shape()[0]);
             launch(x.device(), Rope{.x = x.data<float>(),
                                     .positions = positions.data<int32_t>(),
                                     .cos = cos.data<float>(),
                                     .sin = sin.data<float>(),
                                     .y = y.data<float>(),
                                     .tokens = tokens,
                                     .heads = heads,
                                     .head_size = head_size,
                                     .direction = inverse ? -1.0f : 1.0f});
           }});
  return y;
}

}  // namespace lengthen
