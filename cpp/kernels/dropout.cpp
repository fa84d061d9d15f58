#include "ops/dropout.h"

#include "kernels/lanes.h"
#include "kernels/philox_lanes.h"

namespace lengthen {

template <>
void Dropout::run<kTarget>() const {
  constexpr int64_t kStep = 4 * kPhiloxLanes;
  parallel_rows((n + kStep - 1) / kStep, kElementsPerTask / kStep, [&](int64_t begin, int64_t end) {
    for (int64_t step = begin; step < end; ++step) {
      uint32_t s_words[kStep];
      philox_lanes(static_cast<uint32_t>(step * kPhiloxLanes), call, site, kDropoutStream, key, s_words);
      const int64_t first = step * kStep, count = n - first < kStep ? n - first : kStep;
      // chosen, not multiplied by 0: an infinity that is dropped is gone
      for (int64_t i = 0; i < count; ++i)
        y[first + i] = (s_words[i] >> 8) < threshold ? 0.0f : x[first + i] * scale;
    }
  });
}

}  // namespace lengthen
