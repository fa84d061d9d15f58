#include "ops/grpo_loss.h"

#include <cmath>

#include "core/check.h"
#include "core/stream.h"
#include "ops/index_check.h"

namespace lengthen {
namespace {

void check_options(const GrpoLossOptions& o, bool has_reference) {
  require(o.clip_low >= 0, "grpo_loss", "a number of at least 0", "clipLow", o.clip_low);
  require(o.clip_high >= 0, "grpo_loss", "a number of at least 0", "clipHigh", o.clip_high);
  require(o.ratio == "token" || o.ratio == "sequence" || o.ratio == "product", "grpo_loss",
          "'token', 'sequence' or 'product'", "ratio", o.ratio);
  require(o.surrogate == "clipped" || o.surrogate == "cispo", "grpo_loss", "'clipped' or 'cispo'",
          "surrogate", o.surrogate);
  require(o.dual_clip > 1, "grpo_loss", "a number above 1", "dualClip", o.dual_clip);
  require(o.surrogate == "clipped" || std::isinf(o.dual_clip), "grpo_loss", "none, as surrogate is 'cispo',",
          "dualClip", o.dual_clip);
  require(o.aggregation == "token" || o.aggregation == "sequence", "grpo_loss", "'token' or 'sequence'",
          "aggregation", o.aggregation);
  require(o.denominator > 0 && std::isfinite(o.denominator), "grpo_loss", "a positive number", "denominator",
          o.denominator);
  require(o.kl_weight >= 0, "grpo_loss", "a number of at least 0", "klWeight", o.kl_weight);
  require(o.kl_weight == 0 || has_reference, "grpo_loss", "a tensor, as klWeight is above 0",
          "reference_logprobs", "none");
  require(o.kl_estimator == "k1" || o.kl_estimator == "k2" || o.kl_estimator == "k3", "grpo_loss",
          "'k1', 'k2' or 'k3'", "klEstimator", o.kl_estimator);
}

GrpoRatio ratio_of(const std::string& name) {
  if (name == "token") return GrpoRatio::kToken;
  return name == "sequence" ? GrpoRatio::kSequence : GrpoRatio::kProduct;
}

}  // namespace

GrpoLossResult grpo_loss(const Tensor& policy, const Tensor& rollout, const Tensor& advantages,
                         const Tensor& offsets, const std::optional<Tensor>& mask,
                         const std::optional<Tensor>& reference, const GrpoLossOptions& options) {
  check("grpo_loss", "policy_logprobs", policy).rank(1).dtype(DType::f32);
  const Device device = policy.device();
  check("grpo_loss", "rollout_logprobs", rollout)
      .rank(1)
      .dtype(DType::f32)
      .device(device)
      .shape(policy.shape());
  check("grpo_loss", "advantages", advantages).rank(1).dtype(DType::f32).device(device);
  const int64_t tokens = policy.numel(), sequences = advantages.numel();
  check("grpo_loss", "offsets", offsets).rank(1).dtype(DType::i32).device(device).shape({sequences + 1});
  if (mask) check("grpo_loss", "mask", *mask).rank(1).dtype(DType::u8).device(device).shape(policy.shape());
  if (reference)
    check("grpo_loss", "reference_logprobs", *reference)
        .rank(1)
        .dtype(DType::f32)
        .device(device)
        .shape(policy.shape());
  check_options(options, reference.has_value());

  GrpoLossResult out{Tensor::empty({}, DType::f32, device), Tensor::empty_like(policy),
                     Tensor::empty({GrpoStat::kCount}, DType::f32, device)};
  const Tensor partial = Tensor::empty({sequences, GrpoStat::kCount + 1}, DType::f32, device);
  Operation operation{.name = "grpo_loss",
                      .reads = {policy, rollout, advantages, offsets},
                      .writes = {out.loss, out.dpolicy, out.stats, partial}};
  if (mask) operation.reads.push_back(*mask);
  if (reference) operation.reads.push_back(*reference);
  operation.run = [=] {
    require_offsets("grpo_loss", "offsets", offsets, tokens);
    launch(device, GrpoLoss{.policy = policy.data<float>(),
                            .rollout = rollout.data<float>(),
                            .advantages = advantages.data<float>(),
                            .offsets = offsets.data<int32_t>(),
                            .mask = mask ? mask->data<uint8_t>() : nullptr,
                            .reference = reference ? reference->data<float>() : nullptr,
                            .loss = out.loss.data<float>(),
                            .dpolicy = out.dpolicy.data<float>(),
                            .stats = out.stats.data<float>(),
                            .partial = partial.data<float>(),
                            .tokens = tokens,
                            .sequences = sequences,
                            .ratio = ratio_of(options.ratio),
                            .is_cispo = options.surrogate == "cispo",
                            .lowest_ratio = static_cast<float>(1 - options.clip_low),
                            .highest_ratio = static_cast<float>(1 + options.clip_high),
                            .dual_clip = static_cast<float>(options.dual_clip),
                            .denominator = options.denominator,
                            .kl_weight = static_cast<float>(options.kl_weight),
                            .kl_estimator = options.kl_estimator[1] - '0',
                            .is_sequence_mean = options.aggregation == "sequence"});
  };
  enqueue(std::move(operation));
  return out;
}

}  // namespace lengthen
