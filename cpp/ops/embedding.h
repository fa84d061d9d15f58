// embedding: y[t] = weight[tokens[t]], in f32.   Backward: dweight[v] = Σ_{t: tokens[t] = v} dy[t], in order
// of t. The kernels are those of gather_rows and scatter_add_rows.
#pragma once

#include "core/tensor.h"

namespace lengthen {

// weight [V, C] f32 or bf16, tokens [T] i32 in [0, V) -> [T, C]. A token outside fails the op when it runs.
Tensor embedding(const Tensor& weight, const Tensor& tokens);
// dy [T, C] f32, tokens [T] i32 -> dweight [V, C].
Tensor embedding_backward(const Tensor& dy, const Tensor& tokens, int64_t vocabulary);

}  // namespace lengthen
