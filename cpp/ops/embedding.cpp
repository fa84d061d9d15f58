#include "ops/embedding.h"

#include "core/check.h"
#include "ops/gather_rows.h"

namespace lengthen {

Tensor embedding(const Tensor& weight, const Tensor& tokens) {
  check("embedding", "weight", weight).rank(2);
  return gather_rows_as({"embedding", "weight", "tokens", true}, weight, tokens);
}

Tensor embedding_backward(const Tensor& dy, const Tensor& tokens, int64_t vocabulary) {
  check("embedding_backward", "dy", dy).rank(2);
  return scatter_add_rows_as({"embedding_backward", "dy", "tokens"}, dy, tokens, vocabulary);
}

}  // namespace lengthen
