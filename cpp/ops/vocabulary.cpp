#include "ops/vocabulary.h"

#include "core/check.h"
#include "ops/packed_weight.h"

namespace lengthen {

void check_vocabulary(const char* op, const Tensor& hidden, const Tensor& weight) {
  check(op, "hidden", hidden).rank(2).dtype(DType::f32);
  const Check checked = check_weight(op, weight, hidden.device());
  checked.shape({weight.shape()[0], hidden.shape()[1]});
  require(weight.shape()[0] > 0, op, "at least one token", "weight", weight.shape().str());
}

Tensor empty_partials(int64_t rows, int64_t vocabulary, Device device) {
  constexpr int64_t kFloats = sizeof(SoftmaxPartial) / sizeof(float);
  return Tensor::empty({rows, num_vocabulary_chunks(vocabulary), kFloats}, DType::f32, device);
}

}  // namespace lengthen
