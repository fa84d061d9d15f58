#include "kernels/vec_probe.h"

#include "kernels/vec.h"

namespace lengthen {

template <>
void VecProbe::run<kTarget>() const {
  for (int64_t i = 0; i < n; i += kLanes) {
    const int lanes = static_cast<int>(n - i < kLanes ? n - i : kLanes);
    const F32x16 v = load_n(x + i, lanes);
    store_n(y + i, function == VecFunction::exp ? exp(v) : log(v), lanes);
  }
}

}  // namespace lengthen
