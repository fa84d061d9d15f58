// Functions of two tensors, element by element: y = f(a, b). b has a's shape or broadcasts to it
// (ops/broadcast.h). maximum and minimum give NaN where either is NaN. Comparisons give 1 or 0, and 0 where
// either is NaN. Their backward is composed in lib/ops: mul: dy·b and dy·a; div: dy/b and −dy·y/b; maximum:
// dy where a (b) was picked; comparisons have none. A broadcast b's gradient then goes through sum_to.
#pragma once

#include "ops/broadcast.h"

namespace lengthen {

enum class BinaryFn : uint8_t {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  greater,
  greater_equal,
  less,
  less_equal,
  equal
};
const char* name_of(BinaryFn fn);

// a [...] f32, b f32 -> a's shape.
Tensor apply_binary(BinaryFn fn, const Tensor& a, const Tensor& b);

// One function per name, for the binding's table.
template <BinaryFn kFn>
Tensor binary(const Tensor& a, const Tensor& b) {
  return apply_binary(kFn, a, b);
}

// where: y = a where condition is not 0, else b; all of one shape, f32. The other value is not looked at: NaN
// stays out.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

// ---- kernels ----
struct ElementwiseBinary {
  static constexpr const char* kName = "elementwise_binary";
  BinaryFn fn;
  const float* a;  // [outer, kept, inner]
  const float* b;  // [kept]
  float* y;        // [outer, kept, inner]
  Broadcast shape;
  template <Target>
  void run() const;
};

struct Where {
  static constexpr const char* kName = "where";
  const float* condition;  // [n]
  const float* a;          // [n]
  const float* b;          // [n]
  float* y;                // [n]
  int64_t n;
  template <Target>
  void run() const;
};

}  // namespace lengthen
