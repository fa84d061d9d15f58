// group_advantage: how much better each answer is than the others to its prompt. Per group of rewards R:
//   'std': (R − mean) / (std + 1e-6), std with n − 1 (Shao et al., 2024);   'none': R − mean (Liu et al.,
//   2025).
// In float64. Equal rewards give exactly 0, and so does a group of one. Not differentiated.
#pragma once

#include <string>

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// rewards [B] f32, group_offsets [P+1] i32 rising from 0 to B -> [B]. Groups may have any size.
Tensor group_advantage(const Tensor& rewards, const Tensor& group_offsets, const std::string& normalize);

// ---- kernel ----
struct GroupAdvantage {
  static constexpr const char* kName = "group_advantage";
  static constexpr double kEpsilon = 1e-6;
  const float* rewards;    // [B]
  const int32_t* offsets;  // [groups + 1]
  float* advantages;       // [B]
  int64_t groups;
  bool use_std;
  template <Target>
  void run() const;
};

}  // namespace lengthen
