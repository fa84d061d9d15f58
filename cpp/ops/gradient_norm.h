// gradient_norm: sqrt(Σ g²) over all elements of many tensors. Squares are summed in float64 over chunks of
// fixed size, so the value depends neither on threads nor on how the tensors were allocated.
#pragma once

#include <vector>

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// grads f32 of any shapes, on one device, at least one -> [].
Tensor gradient_norm(const std::vector<Tensor>& grads);

// ---- kernel ----
struct GradientNorm {
  static constexpr const char* kName = "gradient_norm";
  static constexpr int64_t kPartElements = 16384;
  struct Part {
    const float* g;  // [count]
    int64_t count;   // at most kPartElements
  };
  const Part* parts;  // [num_parts], host memory: the tensors one after the other, each cut at multiples of
                      // kPartElements
  int64_t num_parts, num_elements;
  float* partial;  // [num_parts], scratch
  float* norm;     // []
  template <Target>
  void run() const;
};

}  // namespace lengthen
