#include "ops/dropout.h"

#include <cmath>

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {

Tensor dropout(const Tensor& x, const DropoutOptions& options) {
  check("dropout", "x", x).dtype(DType::f32);
  const auto [rate, seed, call, site] = options;
  require(rate >= 0 && rate < 1, "dropout", "a number from 0 to below 1", "rate", rate);
  require(call >= 0, "dropout", "a number of at least 0", "call", call);
  require(site >= 0, "dropout", "a number of at least 0", "site", site);
  require(x.numel() <= int64_t{1} << 34, "dropout", "at most 2^34 elements", "x", x.shape().str());

  const Tensor y = Tensor::empty_like(x);
  const auto key = static_cast<uint64_t>(seed);
  const auto threshold = static_cast<uint32_t>(std::ceil(static_cast<double>(rate) * 0x1p24));
  enqueue({.name = "dropout", .reads = {x}, .writes = {y}, .run = [=, rate = rate, call = call, site = site] {
             launch(x.device(), Dropout{.x = x.data<float>(),
                                        .y = y.data<float>(),
                                        .n = x.numel(),
                                        .key = {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)},
                                        .call = static_cast<uint32_t>(call),
                                        .site = static_cast<uint32_t>(site),
                                        .threshold = threshold,
                                        .scale = 1.0f / (1.0f - rate)});
           }});
  return y;
}

}  // namespace lengthen
