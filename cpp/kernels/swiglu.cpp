#include "ops/swiglu.h"

#include "kernels/activation.h"
#include "kernels/lanes.h"

namespace lengthen {

template <>
void SwigluForward::run<kTarget>() const {
  parallel_lanes(n, [&](int64_t i, auto lanes) {
    const F32x16 g = load(gate + i, lanes);
    store(y + i, g * sigmoid(g) * load(up + i, lanes), lanes);
  });
}

template <>
void SwigluBackward::run<kTarget>() const {
  const F32x16 one = set1(1.0f);
  parallel_lanes(n, [&](int64_t i, auto lanes) {
    const F32x16 g = load(gate + i, lanes), s = sigmoid(g), v_dy = load(dy + i, lanes);
    store(dgate + i, v_dy * load(up + i, lanes) * s * fma(g, one - s, one), lanes);
    store(dup + i, v_dy * (g * s), lanes);
  });
}

}  // namespace lengthen
