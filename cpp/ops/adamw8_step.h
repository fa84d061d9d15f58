// adamw8_step: adamw_step with moments of 8 bits (Dettmers et al., 2022): a moment is a code of
// moment_codes.h times the greatest absolute value of its block of 256 elements in a row, the last one of a
// tensor shorter. A step decodes a block, updates it as adamw_step does, all in float32, and encodes the new
// moments: parameters never see the rounding of their own step. Codes 0 with scales 0 are moments of 0.
#pragma once

#include <vector>

#include "core/kernel.h"
#include "core/tensor.h"
#include "ops/adamw_options.h"
#include "ops/moment_codes.h"

namespace lengthen {

// params and grads: as many f32 tensors each, of the same shapes; m and v: codes, u8 of the same shapes;
// m_scales and v_scales: f32 [number of blocks] each; grad_norm [] f32. A norm that is not finite, and
// poisoned inputs, are as in adamw_step.
void adamw8_step(const std::vector<Tensor>& params, const std::vector<Tensor>& grads,
                 const std::vector<Tensor>& m, const std::vector<Tensor>& m_scales,
                 const std::vector<Tensor>& v, const std::vector<Tensor>& v_scales, const Tensor& grad_norm,
                 const AdamwOptions& options);

// ---- kernel ----
struct Adamw8Step {
  static constexpr const char* kName = "adamw8_step";
  static constexpr int64_t kBlock = 256;
  static constexpr int64_t kPartBlocks = 64;
  struct Part {
    float* p;         // [count]
    const float* g;   // [count]
    uint8_t* m;       // [count], codes
    float* m_scales;  // [number of blocks]
    uint8_t* v;       // [count], codes
    float* v_scales;  // [number of blocks]
    int64_t count;    // at most kPartBlocks * kBlock
  };
  const Part* parts;  // [num_parts], host memory
  int64_t num_parts, num_elements;
  const float* grad_norm;  // []
  AdamwFactors factors;
  const MomentCodes *m_codes, *v_codes;  // host memory
  template <Target>
  void run() const;
};

}  // namespace lengthen
