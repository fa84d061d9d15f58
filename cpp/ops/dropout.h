// dropout: y = x / (1 − rate), but 0 for the elements that are dropped: element i is where the i-th uniform
// number of the call is below rate. Numbers come from Philox: key = seed, counter = (i / 4, call, site,
// kDropoutStream), word i mod 4. Backward is the same op on dy, so nothing is saved.
#pragma once

#include <tuple>
#include <utility>

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// The last word of the counter keeps these numbers apart from other uses of the seed: "drop" in ASCII.
constexpr uint32_t kDropoutStream = 0x64726F70;

struct DropoutOptions {
  float rate = 0.0f;  // in [0, 1)
  int64_t seed = 0;
  int32_t call = 0;  // >= 0
  int32_t site = 0;  // >= 0
  static constexpr auto kFields =
      std::make_tuple(std::pair{"rate", &DropoutOptions::rate}, std::pair{"seed", &DropoutOptions::seed},
                      std::pair{"call", &DropoutOptions::call}, std::pair{"site", &DropoutOptions::site});
};

// x of any shape, f32, at most 2³⁴ elements -> y of its shape.
Tensor dropout(const Tensor& x, const DropoutOptions& options);

// ---- kernels ----
struct Dropout {
  static constexpr const char* kName = "dropout";
  const float* x;  // [n]
  float* y;        // [n]
  int64_t n;
  uint32_t key[2];
  uint32_t call, site;
  uint32_t threshold;  // dropped where the upper 24 bits of the word are below it
  float scale;         // of the others
  template <Target>
  void run() const;
};

}  // namespace lengthen
