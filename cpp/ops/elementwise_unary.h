// Functions of one tensor, element by element: y = f(x), some with up to two numbers. NaN gives NaN.
// Their backward is composed in lib/ops from these functions: exp: dy·y; log: dy/x; sqrt: dy/(2y); square:
// 2x·dy; sigmoid: dy·y·(1 − y); tanh: dy·(1 − y²); abs: dy·sign(x); relu: dy·sign(y); clamp: dy where
// clamp(x) = x.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

enum class UnaryFn : uint8_t {
  neg,
  exp,
  log,
  sqrt,
  abs,
  sign,  // -1, 0 or 1
  square,
  sigmoid,
  tanh,
  relu,
  add_scalar,  // x + a
  mul_scalar,  // x · a
  clamp,       // min(max(x, a), b)
};
const char* name_of(UnaryFn fn);

// x [...] f32 -> the same shape.
Tensor apply_unary(UnaryFn fn, const Tensor& x, float a = 0, float b = 0);

// One function per name, for the binding's table.
template <UnaryFn kFn>
Tensor unary(const Tensor& x) {
  return apply_unary(kFn, x);
}
template <UnaryFn kFn>
Tensor unary_with_scalar(const Tensor& x, float value) {
  return apply_unary(kFn, x, value);
}
// Throws unless low <= high.
Tensor clamp(const Tensor& x, float low, float high);

// ---- kernel ----
struct ElementwiseUnary {
  static constexpr const char* kName = "elementwise_unary";
  UnaryFn fn;
  const float* x;  // [n]
  float* y;        // [n]
  int64_t n;
  float a, b;  // as UnaryFn says
  template <Target>
  void run() const;
};

}  // namespace lengthen
