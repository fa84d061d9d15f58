// Functions built on exp, safe for any argument. For kernel files only.
#pragma once

#include "kernels/vec.h"

namespace lengthen {
namespace {

inline F32x16 negate(F32x16 x) { return zero16() - x; }

// e^-x may be inf: 1 / inf is the right 0.
inline F32x16 sigmoid(F32x16 x) { return set1(1.0f) / (set1(1.0f) + exp(negate(x))); }

// Below 0.625 the odd polynomial of Cephes' tanhf, where the other form would cancel; above it 1 - 2 /
// (e^2|x| + 1).
inline F32x16 tanh(F32x16 x) {
  const F32x16 one = set1(1.0f), two = set1(2.0f), size = abs(x), z = x * x;
  F32x16 p = set1(-5.70498872745e-3f);
  p = fma(p, z, set1(2.06390887954e-2f));
  p = fma(p, z, set1(-5.37397155531e-2f));
  p = fma(p, z, set1(1.33314422036e-1f));
  p = fma(p, z, set1(-3.33332819422e-1f));
  const F32x16 small = fma(p * z, x, x);
  const F32x16 large = one - two / (exp(two * size) + one);
  return select(lt(size, set1(0.625f)), small, select(lt(x, zero16()), negate(large), large));
}

// e^x - 1 - x without the cancellation near 0: there x² times the polynomial of exp. The second argument is
// e^x.
inline F32x16 exp_minus_1_minus_x(F32x16 x, F32x16 exp_x) {
  F32x16 p = set1(1.9875691500e-4f);
  p = fma(p, x, set1(1.3981999507e-3f));
  p = fma(p, x, set1(8.3334519073e-3f));
  p = fma(p, x, set1(4.1665795894e-2f));
  p = fma(p, x, set1(1.6666665459e-1f));
  p = fma(p, x, set1(5.0000001201e-1f));
  return select(lt(abs(x), set1(0.34f)), p * x * x, exp_x - set1(1.0f) - x);
}
inline F32x16 exp_minus_1_minus_x(F32x16 x) { return exp_minus_1_minus_x(x, exp(x)); }

}  // namespace
}  // namespace lengthen
