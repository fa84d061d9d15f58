// adamw_step: Adam with decoupled weight decay (Loshchilov & Hutter, 2019), in PyTorch's formula and order.
// Per element, with g already times the clip factor and t = step, counted from 1:
//   p ← p·(1 − lr·λ);  m ← m + (1 − β1)(g − m);  v ← β2·v + (1 − β2)g²;
//   p ← p − lr/(1 − β1^t) · m / (sqrt(v)/sqrt(1 − β2^t) + ε)
// The clip factor is min(1, maxGradNorm / (grad_norm + 1e-6)) where maxGradNorm > 0. When grad_norm is not
// finite nothing is written. When an input is poisoned the parameters and moments stay as they were.
#pragma once

#include <optional>
#include <vector>

#include "core/kernel.h"
#include "core/tensor.h"
#include "ops/adamw_options.h"

namespace lengthen {

// params, grads, m and v: as many f32 tensors each, of the same shapes; grad_norm [] f32, needed for
// clipping.
void adamw_step(const std::vector<Tensor>& params, const std::vector<Tensor>& grads,
                const std::vector<Tensor>& m, const std::vector<Tensor>& v,
                const std::optional<Tensor>& grad_norm, const AdamwOptions& options);

// ---- kernel ----
struct AdamwStep {
  static constexpr const char* kName = "adamw_step";
  static constexpr int64_t kPartElements = 16384;
  struct Part {
    float* p;        // [count]
    const float* g;  // [count]
    float* m;        // [count]
    float* v;        // [count]
    int64_t count;   // at most kPartElements
  };
  const Part* parts;  // [num_parts], host memory
  int64_t num_parts, num_elements;
  const float* grad_norm;  // [], may be null
  AdamwFactors factors;
  template <Target>
  void run() const;
};

}  // namespace lengthen
