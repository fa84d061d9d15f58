#include "ops/group_advantage.h"

#include <limits>

#include "core/check.h"
#include "core/stream.h"
#include "ops/index_check.h"

namespace lengthen {
namespace {

AdvantageBaseline baseline_of(const std::string& name) {
  if (name == "group") return AdvantageBaseline::kGroup;
  if (name == "leave-one-out") return AdvantageBaseline::kLeaveOneOut;
  require(name == "none", "group_advantage", "'group', 'leave-one-out' or 'none'", "baseline", name);
  return AdvantageBaseline::kNone;
}

AdvantageScale scale_of(const std::string& name) {
  if (name == "group" || name == "std") return AdvantageScale::kGroup;
  if (name == "batch") return AdvantageScale::kBatch;
  if (name == "tokens") return AdvantageScale::kTokens;
  require(name == "none", "group_advantage", "'group', 'std', 'batch', 'tokens' or 'none'", "normalize",
          name);
  return AdvantageScale::kNone;
}

}  // namespace

Tensor group_advantage(const Tensor& rewards, const Tensor& group_offsets,
                       const std::optional<Tensor>& lengths, const GroupAdvantageOptions& options) {
  const Device device = rewards.device();
  check("group_advantage", "rewards", rewards).rank(1).dtype(DType::f32);
  check("group_advantage", "group_offsets", group_offsets).rank(1).dtype(DType::i32).device(device);
  require(group_offsets.numel() >= 1, "group_advantage", "at least one offset", "group_offsets", 0);
  if (lengths)
    check("group_advantage", "lengths", *lengths)
        .rank(1)
        .dtype(DType::i32)
        .device(device)
        .shape(rewards.shape());
  const AdvantageBaseline baseline = baseline_of(options.baseline);
  const AdvantageScale scale = scale_of(options.normalize);
  require(scale != AdvantageScale::kTokens || lengths, "group_advantage",
          "a tensor, as normalize is 'tokens',", "lengths", "none");
  const bool may_lack_baseline = scale == AdvantageScale::kTokens || scale == AdvantageScale::kNone;
  require(baseline != AdvantageBaseline::kNone || may_lack_baseline, "group_advantage",
          "'tokens' or 'none', as baseline is 'none',", "normalize", options.normalize);

  const Tensor advantages = Tensor::empty_like(rewards);
  Operation operation{.name = "group_advantage", .reads = {rewards, group_offsets}, .writes = {advantages}};
  if (lengths) operation.reads.push_back(*lengths);
  operation.run = [=] {
    require_offsets("group_advantage", "group_offsets", group_offsets, rewards.numel());
    if (lengths) require_indices("group_advantage", "lengths", *lengths, std::numeric_limits<int32_t>::max());
    launch(device, GroupAdvantage{.rewards = rewards.data<float>(),
                                  .offsets = group_offsets.data<int32_t>(),
                                  .lengths = lengths ? lengths->data<int32_t>() : nullptr,
                                  .advantages = advantages.data<float>(),
                                  .answers = rewards.numel(),
                                  .groups = group_offsets.numel() - 1,
                                  .baseline = baseline,
                                  .scale = scale});
  };
  enqueue(std::move(operation));
  return advantages;
}

}  // namespace lengthen
