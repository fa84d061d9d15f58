#include "ops/cast.h"

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {

Tensor cast(const Tensor& x, DType dtype) {
  check("cast", "x", x);
  const Tensor y = Tensor::empty(x.shape(), dtype, x.device());
  enqueue({.name = "cast", .reads = {x}, .writes = {y}, .run = [=] {
             launch(x.device(),
                    Cast{.x = x.raw(), .y = y.raw(), .n = x.numel(), .from = x.dtype(), .to = y.dtype()});
           }});
  return y;
}

}  // namespace lengthen
