// Shared by the kernel tests: seeded data, and comparison against float64 references.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/target.h"

namespace lengthen::test {

// Standard normal values from a fixed seed.
inline std::vector<float> normal(size_t n, uint32_t seed, float scale = 1.0f) {
  std::mt19937 rng(seed);
  std::normal_distribution<float> dist(0.0f, scale);
  std::vector<float> v(n);
  for (float& x : v) x = dist(rng);
  return v;
}

// max|a − b| / max|b| over a tensor; NaN must be where the reference has it and nowhere else.
inline double relative_error(const std::vector<float>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  double worst = 0, scale = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(got[i]) || std::isnan(expected[i])) {
      if (std::isnan(got[i]) != std::isnan(expected[i])) return INFINITY;
      continue;
    }
    if (std::isinf(expected[i]) || std::isinf(got[i])) {
      if (static_cast<double>(got[i]) != expected[i]) return INFINITY;
      continue;
    }
    worst = std::max(worst, std::abs(got[i] - expected[i]));
    scale = std::max(scale, std::abs(expected[i]));
  }
  return scale == 0 ? worst : worst / scale;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  return a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Runs the body once per instruction set that this machine has.
template <class Body>
void for_each_target(const Body& body) {
  const Target original = active_target();
  for (const char* name : {"plain", "avx2", "avx512"}) {
    try {
      set_active_target(name);
    } catch (const std::exception&) {
      continue;
    }
    CAPTURE(name);
    body();
  }
  set_active_target(name_of(original));
}

}  // namespace lengthen::test
