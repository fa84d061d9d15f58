// Batches for grpo_loss, and the float64 reference of its loss and gradient.
#pragma once

#include <limits>

#include "ops/grpo_loss.h"
#include "test/run_op.h"

namespace lengthen::test {

struct Batch {
  std::vector<float> policy, rollout, advantages;
  std::vector<int32_t> offsets;
  std::vector<uint8_t> mask;     // empty: none
  std::vector<float> reference;  // empty: none
};

struct Values {
  std::vector<float> loss, dpolicy, stats;
};

inline Values run_once(const Batch& b, const GrpoLossOptions& options) {
  std::optional<Tensor> mask, reference;
  if (!b.mask.empty()) mask = tensor_of(b.mask);
  if (!b.reference.empty()) reference = tensor_of(b.reference);
  const auto [loss, dpolicy, stats] =
      grpo_loss(tensor_of(b.policy), tensor_of(b.rollout), tensor_of(b.advantages), tensor_of(b.offsets),
                mask, reference, options);
  return {values_of(loss), values_of(dpolicy), values_of(stats)};
}

inline Values run(const Batch& b, const GrpoLossOptions& options) {
  Values last;
  same_every_way([&] {
    last = run_once(b, options);
    return joined({last.loss, last.dpolicy, last.stats});
  });
  return last;
}

// The surrogate of a token whose policy log-probability is `policy` and whose ratio has this logarithm.
inline double surrogate_of(double policy, double log_ratio, double advantage, const GrpoLossOptions& o) {
  const double ratio = std::exp(log_ratio);
  const double bounded = ratio < 1 - o.clip_low    ? 1 - o.clip_low
                         : ratio > 1 + o.clip_high ? 1 + o.clip_high
                                                   : ratio;
  if (o.surrogate == "cispo") return -bounded * advantage * policy;
  const double loss = -std::fmin(ratio * advantage, bounded * advantage);
  return advantage < 0 ? std::fmin(loss, -o.dual_clip * advantage) : loss;
}

inline double kl_of_token(double policy, double reference, const GrpoLossOptions& o) {
  const double x = policy - reference;
  return o.kl_weight * (o.kl_estimator == "k1"   ? x
                        : o.kl_estimator == "k2" ? x * x / 2
                                                 : std::exp(-x) + x - 1);
}

struct Reference {
  double loss = 0;
  std::vector<double> dpolicy;
};

// The gradient by central differences of the float64 loss, of which only the terms that change are computed.
inline Reference reference(const Batch& b, const GrpoLossOptions& o) {
  Reference out{0, std::vector<double>(b.policy.size())};
  for (size_t s = 0; s < b.advantages.size(); ++s) {
    double count = 0, log_sum = 0;
    const auto is_in = [&](int t) { return b.mask.empty() || b.mask[t]; };
    for (int t = b.offsets[s]; t < b.offsets[s + 1]; ++t)
      if (is_in(t)) ++count, log_sum += double(b.policy[t]) - b.rollout[t];
    const double scale = 1 / o.denominator / (o.aggregation == "sequence" ? count : 1);
    for (int t = b.offsets[s]; t < b.offsets[s + 1]; ++t) {
      if (!is_in(t)) continue;
      const bool is_shared = o.ratio != "token", is_constant = o.surrogate == "cispo";
      // with this token's policy log-probability raised by d
      const auto log_ratio = [&](double d) {
        if (o.ratio == "token") return b.policy[t] - double(b.rollout[t]) + d;
        return o.ratio == "sequence" ? (log_sum + d) / count : log_sum + d;
      };
      const auto own = [&](double d) {
        const double kl = b.reference.empty() ? 0 : kl_of_token(b.policy[t] + d, b.reference[t], o);
        return surrogate_of(b.policy[t] + d, log_ratio(is_constant ? 0 : d), b.advantages[s], o) + kl;
      };
      // a ratio that the sequence shares changes the other tokens' terms too, each by as much
      const auto others = [&](double d) {
        return is_shared && !is_constant ? (count - 1) * surrogate_of(0, log_ratio(d), b.advantages[s], o)
                                         : 0;
      };
      out.loss += scale * own(0);
      out.dpolicy[t] = scale * (own(1e-6) - own(-1e-6) + others(1e-6) - others(-1e-6)) / 2e-6;
    }
  }
  return out;
}

// Sequences of the given lengths; ratios spread widely around 1.
inline Batch random_batch(const std::vector<int32_t>& lengths, bool has_mask, bool has_reference) {
  Batch b{{}, {}, normal(lengths.size(), 1), {0}, {}, {}};
  for (const int32_t n : lengths) b.offsets.push_back(b.offsets.back() + n);
  const size_t tokens = size_t(b.offsets.back());
  b.rollout = normal(tokens, 2);
  b.policy = normal(tokens, 3, 0.3f);
  for (size_t t = 0; t < tokens; ++t) b.policy[t] += b.rollout[t];
  if (has_reference) b.reference = normal(tokens, 4);
  if (has_mask)
    for (size_t t = 0; t < tokens; ++t) b.mask.push_back(t % 3 ? 5 : 0);
  return b;
}

// Every ratio and surrogate.
struct Variant {
  const char *ratio, *surrogate;
  double dual_clip = std::numeric_limits<double>::infinity();
};
constexpr Variant kVariants[] = {{"token", "clipped", 1.5},    {"token", "cispo"},    {"sequence", "clipped"},
                                 {"sequence", "clipped", 1.1}, {"sequence", "cispo"}, {"product", "clipped"},
                                 {"product", "clipped", 3},    {"product", "cispo"}};
inline GrpoLossOptions options_of(const Variant& v, const char* aggregation, double denominator) {
  const bool is_sequence = std::string(v.ratio) == "sequence";
  return {.clip_low = is_sequence ? 0.01 : 0.2,
          .clip_high = is_sequence ? 0.02 : 0.28,
          .ratio = v.ratio,
          .surrogate = v.surrogate,
          .dual_clip = v.dual_clip,
          .aggregation = aggregation,
          .denominator = denominator,
          .kl_weight = 0.3};
}

}  // namespace lengthen::test
