#include "ops/copy_rows.h"

#include "core/check.h"
#include "core/stream.h"
#include "ops/index_check.h"

namespace lengthen {

void copy_rows(const Tensor& x, const Tensor& from, const Tensor& to) {
  check("copy_rows", "x", x).min_rank(1).dtype(DType::f32);
  check("copy_rows", "from", from).rank(1).dtype(DType::i32).device(x.device());
  check("copy_rows", "to", to).rank(1).dtype(DType::i32).device(x.device()).shape(from.shape());
  const int64_t num_rows = x.shape()[0], width = x.shape().with(0, 1).numel(), count = from.numel();
  enqueue({.name = "copy_rows", .reads = {from, to}, .updates = {x}, .run = [=] {
             require_indices("copy_rows", "from", from, num_rows);
             require_indices("copy_rows", "to", to, num_rows);
             launch(x.device(), CopyRows{.x = x.data<float>(),
                                         .from = from.data<int32_t>(),
                                         .to = to.data<int32_t>(),
                                         .count = count,
                                         .width = width});
           }});
}

}  // namespace lengthen
