// Philox4x32-10 for sixteen counters side by side: the numbers of core/philox.h.
//
// For kernel files only: all of it is file-local.
#pragma once

#include <cstdint>

namespace lengthen {
namespace {

constexpr int kPhiloxLanes = 16;

// words[4·i + w] is word w for the counter (first + i, c1, c2, c3).
inline void philox_lanes(uint32_t first, uint32_t c1, uint32_t c2, uint32_t c3, const uint32_t (&key)[2],
                         uint32_t (&words)[4 * kPhiloxLanes]) {
  uint32_t s[4][kPhiloxLanes];
  for (int i = 0; i < kPhiloxLanes; ++i) {
    s[0][i] = first + static_cast<uint32_t>(i);
    s[1][i] = c1;
    s[2][i] = c2;
    s[3][i] = c3;
  }
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85)
    for (int i = 0; i < kPhiloxLanes; ++i) {
      const uint64_t p0 = uint64_t{0xD2511F53} * s[0][i], p1 = uint64_t{0xCD9E8D57} * s[2][i];
      s[0][i] = static_cast<uint32_t>(p1 >> 32) ^ s[1][i] ^ k0;
      s[1][i] = static_cast<uint32_t>(p1);
      s[2][i] = static_cast<uint32_t>(p0 >> 32) ^ s[3][i] ^ k1;
      s[3][i] = static_cast<uint32_t>(p0);
    }
  for (int i = 0; i < kPhiloxLanes; ++i)
    for (int w = 0; w < 4; ++w) words[4 * i + w] = s[w][i];
}

}  // namespace
}  // namespace lengthen
