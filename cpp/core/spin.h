// Waits a short while for something that is about to happen, before parking.
#pragma once

#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lengthen {

inline void cpu_relax() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Polls `ready` for at most 50 µs; true as soon as it holds.
template <class Ready>
bool spin_until(const Ready& ready) {
  constexpr auto kLimit = std::chrono::microseconds(50);
  const auto end = std::chrono::steady_clock::now() + kLimit;
  do {
    for (int i = 0; i < 32; ++i) {
      if (ready()) return true;
      cpu_relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return ready();
}

}  // namespace lengthen
