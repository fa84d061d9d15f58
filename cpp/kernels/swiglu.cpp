#include "ops/swiglu.h"

#include "kernels/activation.h"
#include "kernels/streaming.h"

namespace lengthen {

template <>
void SwigluForward::run<kTarget>() const {
  parallel_outputs(n, kElementsPerTask, 12 * n, [&](int64_t begin, int64_t end, auto put) {
    for_lanes(begin, end, [&](int64_t i, auto lanes) {
      const F32x16 g = load(gate + i, lanes);
      put(y + i, g * sigmoid(g) * load(up + i, lanes), lanes);
    });
  });
}

template <>
void SwigluBackward::run<kTarget>() const {
  const F32x16 one = set1(1.0f);
  parallel_outputs(n, kElementsPerTask, 20 * n, [&](int64_t begin, int64_t end, auto put) {
    for_lanes(begin, end, [&](int64_t i, auto lanes) {
      const F32x16 g = load(gate + i, lanes), s = sigmoid(g), v_dy = load(dy + i, lanes);
      put(dgate + i, v_dy * load(up + i, lanes) * s * fma(g, one - s, one), lanes);
      put(dup + i, v_dy * (g * s), lanes);
    });
  });
}

}  // namespace lengthen
