#include "ops/group_advantage.h"

#include "core/check.h"
#include "core/stream.h"
#include "ops/index_check.h"

namespace lengthen {

Tensor group_advantage(const Tensor& rewards, const Tensor& group_offsets, const std::string& normalize) {
  check("group_advantage", "rewards", rewards).rank(1).dtype(DType::f32);
  check("group_advantage", "group_offsets", group_offsets).rank(1).dtype(DType::i32).device(rewards.device());
  require(group_offsets.numel() >= 1, "group_advantage", "at least one offset", "group_offsets", 0);
  require(normalize == "std" || normalize == "none", "group_advantage", "'std' or 'none'", "normalize",
          normalize);
  const Tensor advantages = Tensor::empty_like(rewards);
  enqueue({.name = "group_advantage", .reads = {rewards, group_offsets}, .writes = {advantages}, .run = [=] {
             require_offsets("group_advantage", "group_offsets", group_offsets, rewards.numel());
             launch(rewards.device(), GroupAdvantage{.rewards = rewards.data<float>(),
                                                     .offsets = group_offsets.data<int32_t>(),
                                                     .advantages = advantages.data<float>(),
                                                     .groups = group_offsets.numel() - 1,
                                                     .use_std = normalize == "std"});
           }});
  return advantages;
}

}  // namespace lengthen
