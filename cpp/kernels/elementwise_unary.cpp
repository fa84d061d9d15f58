#include "ops/elementwise_unary.h"

#include "kernels/activation.h"
#include "kernels/lanes.h"

namespace lengthen {
namespace {

template <class Fn>
void map(const ElementwiseUnary& k, const Fn& fn) {
  parallel_lanes(k.n, [&](int64_t i, auto lanes) { store(k.y + i, fn(load(k.x + i, lanes)), lanes); });
}

F32x16 sign(F32x16 x) {
  const F32x16 zero = zero16();
  return select(lt(zero, x), set1(1.0f), select(lt(x, zero), set1(-1.0f), x));
}

}  // namespace

template <>
void ElementwiseUnary::run<kTarget>() const {
  const F32x16 v_a = set1(a), v_b = set1(b);
  switch (fn) {
    case UnaryFn::neg:
      return map(*this, [](F32x16 x) { return x * set1(-1.0f); });
    case UnaryFn::exp:
      return map(*this, [](F32x16 x) { return exp(x); });
    case UnaryFn::log:
      return map(*this, [](F32x16 x) { return log(x); });
    case UnaryFn::sqrt:
      return map(*this, [](F32x16 x) { return sqrt(x); });
    case UnaryFn::abs:
      return map(*this, [](F32x16 x) { return abs(x); });
    case UnaryFn::sign:
      return map(*this, [](F32x16 x) { return sign(x); });
    case UnaryFn::square:
      return map(*this, [](F32x16 x) { return x * x; });
    case UnaryFn::sigmoid:
      return map(*this, [](F32x16 x) { return sigmoid(x); });
    case UnaryFn::tanh:
      return map(*this, [](F32x16 x) { return tanh(x); });
    case UnaryFn::relu:
      return map(*this, [](F32x16 x) { return max(zero16(), x); });  // NaN passes: the second operand wins
    case UnaryFn::add_scalar:
      return map(*this, [=](F32x16 x) { return x + v_a; });
    case UnaryFn::mul_scalar:
      return map(*this, [=](F32x16 x) { return x * v_a; });
    case UnaryFn::clamp:
      return map(*this, [=](F32x16 x) { return min(v_b, max(v_a, x)); });
  }
}

}  // namespace lengthen
