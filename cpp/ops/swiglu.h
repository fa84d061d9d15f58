// swiglu: y = silu(gate)·up with silu(g) = g·σ(g). (Shazeer, 2020)
// Backward, with s = σ(gate): dgate = dy·up·s·(1 + gate·(1 − s)), dup = dy·gate·s. Nothing is saved but the
// inputs.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// gate and up [...] f32 of one shape -> the same shape.
Tensor swiglu(const Tensor& gate, const Tensor& up);

struct SwigluGradients {
  Tensor dgate;  // as gate
  Tensor dup;    // as up
};
SwigluGradients swiglu_backward(const Tensor& dy, const Tensor& gate, const Tensor& up);

// ---- kernels ----
struct SwigluForward {
  static constexpr const char* kName = "swiglu";
  const float* gate;  // [n]
  const float* up;    // [n]
  float* y;           // [n]
  int64_t n;
  template <Target>
  void run() const;
};

struct SwigluBackward {
  static constexpr const char* kName = "swiglu_backward";
  const float* dy;    // [n]
  const float* gate;  // [n]
  const float* up;    // [n]
  float* dgate;       // [n]
  float* dup;         // [n]
  int64_t n;
  template <Target>
  void run() const;
};

}  // namespace lengthen
