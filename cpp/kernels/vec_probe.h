// Applies one function of vec.h to an array: lets tests check it under every target.
#pragma once

#include "core/kernel.h"

#include <cstdint>

namespace lengthen {

enum class VecFunction { exp, log };

struct VecProbe {
  static constexpr const char* kName = "vec_probe";
  VecFunction function;
  const float* x;  // [n]
  float* y;        // [n]
  int64_t n;
  template <Target>
  void run() const;
};

}  // namespace lengthen
