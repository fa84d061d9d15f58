// group_advantage: how much better each answer is than the others. Per group of n rewards R:
//   baseline 'group': A = R − mean;  'leave-one-out': A = n / (n − 1) · (R − mean), that is R − mean of the
//   others;  'none': A = R
// and then, with a deviation of n − 1 and ε = 1e-6:
//   normalize 'group' ('std' is its older name): A / (deviation of the group's R + ε)   (Shao et al., 2024)
//   'batch': A / (deviation of all R + ε)
//   'tokens': (A − mean) / (deviation + ε), both over all tokens, each of which has its answer's A
//   'none': A                                                                           (Liu et al., 2025)
// In float64. Equal rewards give exactly 0 wherever a mean of equals is subtracted, and so does a group of
// one that has a baseline. A baseline of 'none' goes with 'tokens' and 'none' only: the others would divide a
// plain reward. Not differentiated.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

struct GroupAdvantageOptions {
  std::string baseline = "group";   // 'group', 'leave-one-out' or 'none'
  std::string normalize = "group";  // 'group', 'std', 'batch', 'tokens' or 'none'
  static constexpr auto kFields = std::make_tuple(std::pair{"baseline", &GroupAdvantageOptions::baseline},
                                                  std::pair{"normalize", &GroupAdvantageOptions::normalize});
};

// rewards [B] f32, group_offsets [P+1] i32 rising from 0 to B -> [B]. Groups may have any size. lengths [B]
// i32: each answer's tokens; needed for 'tokens'.
Tensor group_advantage(const Tensor& rewards, const Tensor& group_offsets,
                       const std::optional<Tensor>& lengths, const GroupAdvantageOptions& options);

// ---- kernel ----
enum class AdvantageBaseline : int { kGroup, kLeaveOneOut, kNone };
enum class AdvantageScale : int { kGroup, kBatch, kTokens, kNone };

struct GroupAdvantage {
  static constexpr const char* kName = "group_advantage";
  static constexpr double kEpsilon = 1e-6;
  const float* rewards;    // [answers]
  const int32_t* offsets;  // [groups + 1]
  const int32_t* lengths;  // [answers], null unless scale is kTokens
  float* advantages;       // [answers]
  int64_t answers, groups;
  AdvantageBaseline baseline;
  AdvantageScale scale;
  template <Target>
  void run() const;
};

}  // namespace lengthen
