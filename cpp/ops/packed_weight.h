// A weight in the layout the CPU's packed product reads (kernels/product.h), made once per version of its
// contents and kept beside them: panels of 32 columns, [inner][32] each, in the
// weight's dtype.
#pragma once

#include "core/check.h"
#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

enum class WeightLayout : uint8_t {
  forward,         // of B = Wᵀ, for y = x·Wᵀ: columns are outputs, the inner dimension inputs
  input_gradient,  // of B = W, for dx = dy·W: columns are inputs, the inner dimension outputs
};

// At an op's door: rank 2, f32 or bf16, on the device.
Check check_weight(const char* op, const Tensor& weight, Device device);

// weight [out, in]. Device thread only. Null on devices that need no packing.
const void* packed_weight(const Tensor& weight, WeightLayout layout);

// ---- kernels ----
struct PackWeight {
  static constexpr const char* kName = "packed_weight";
  static constexpr int64_t kPanelColumns = 32;
  const void* weight;  // [out, in]
  void* packed;        // [panels, inner, 32]
  int64_t out, in;
  WeightLayout layout;
  DType dtype = DType::f32;
  template <Target>
  void run() const;
};

}  // namespace lengthen
