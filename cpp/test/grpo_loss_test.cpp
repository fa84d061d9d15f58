#include "ops/grpo_loss.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Batch {
  std::vector<float> policy, rollout, advantages;
  std::vector<int32_t> offsets;
  std::vector<uint8_t> mask;     // empty: none
  std::vector<float> reference;  // empty: none
};

struct Values {
  std::vector<float> loss, dpolicy, stats;
};

Values run_once(const Batch& b, const GrpoLossOptions& options) {
  std::optional<Tensor> mask, reference;
  if (!b.mask.empty()) mask = tensor_of(b.mask);
  if (!b.reference.empty()) reference = tensor_of(b.reference);
  const auto [loss, dpolicy, stats] =
      grpo_loss(tensor_of(b.policy), tensor_of(b.rollout), tensor_of(b.advantages), tensor_of(b.offsets),
                mask, reference, options);
  return {values_of(loss), values_of(dpolicy), values_of(stats)};
}

Values run(const Batch& b, const GrpoLossOptions& options) {
  Values last;
  same_every_way([&] {
    last = run_once(b, options);
    return joined({last.loss, last.dpolicy, last.stats});
  });
  return last;
}

double loss_of_token(const Batch& b, int64_t t, double policy, double advantage, const GrpoLossOptions& o) {
  const double ratio = std::exp(policy - b.rollout[t]);
  const double bounded = ratio < 1 - o.clip_low    ? 1 - o.clip_low
                         : ratio > 1 + o.clip_high ? 1 + o.clip_high
                                                   : ratio;
  const double loss = -std::fmin(ratio * advantage, bounded * advantage);
  if (b.reference.empty()) return loss;
  const double x = policy - b.reference[t];
  return loss + o.kl_weight * (o.kl_estimator == "k1"   ? x
                               : o.kl_estimator == "k2" ? x * x / 2
                                                        : std::exp(-x) + x - 1);
}

struct Reference {
  double loss = 0;
  std::vector<double> dpolicy;
};

// The gradient by central differences of the float64 loss.
Reference reference(const Batch& b, const GrpoLossOptions& o) {
  Reference out{0, std::vector<double>(b.policy.size())};
  for (size_t s = 0; s < b.advantages.size(); ++s) {
    double count = 0;
    const auto is_in = [&](int t) { return b.mask.empty() || b.mask[t]; };
    for (int t = b.offsets[s]; t < b.offsets[s + 1]; ++t) count += is_in(t);
    const double scale = 1 / o.denominator / (o.aggregation == "sequence" ? count : 1);
    for (int t = b.offsets[s]; t < b.offsets[s + 1]; ++t) {
      if (!is_in(t)) continue;
      const auto loss = [&](double policy) {
        return scale * loss_of_token(b, t, policy, b.advantages[s], o);
      };
      out.loss += loss(b.policy[t]);
      out.dpolicy[t] = (loss(b.policy[t] + 1e-6) - loss(b.policy[t] - 1e-6)) / 2e-6;
    }
  }
  return out;
}

// Sequences of the given lengths; ratios spread widely around 1.
Batch random_batch(const std::vector<int32_t>& lengths, bool has_mask, bool has_reference) {
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

TEST_CASE("loss, gradient and statistics worked by hand") {
  // Sequence 0, A = 1:  r = 1.5 is clipped to 1.2, ℓ = −1.2, no gradient;  r = 1, ℓ = −1, slope −rA = −1.
  // Sequence 1, A = −2: r = 0.5, rA = −1, clip gives 0.8·−2 = −1.6, the smaller: ℓ = 1.6, no gradient.
  //                     r = 2, rA = −4, clip gives 1.2·−2 = −2.4, the larger: ℓ = 4, slope −rA = 4.
  // Token mean over 4: (−1.2 − 1 + 1.6 + 4) / 4 = 0.85.
  // Sequence mean over 2: (−2.2/2 + 5.6/2) / 2 = 0.85; slopes −1/(2·2) and 4/(2·2).
  const float ln2 = std::log(2.0f);
  const Batch b{{std::log(1.5f) - 1, -3, -ln2 - 2, ln2 - 4}, {-1, -3, -2, -4}, {1, -2}, {0, 2, 4}, {}, {}};
  const Values by_token = run(b, {.denominator = 4});
  CHECK(relative_error(by_token.loss, {0.85}) < 1e-6);
  CHECK(relative_error(by_token.dpolicy, {0, -0.25, 0, 1}) < 1e-6);
  const Values by_sequence = run(b, {.aggregation = "sequence", .denominator = 2});
  CHECK(relative_error(by_sequence.loss, {0.85}) < 1e-6);
  CHECK(relative_error(by_sequence.dpolicy, {0, -0.25, 0, 1}) < 1e-6);
  // Σr = 1.5 + 1 + 0.5 + 2; Σ(r − 1 − ln r) = 0.094535 + 0 + 0.193147 + 0.306853; max |ln r| = ln 2.
  CHECK(relative_error(by_token.stats, {4, 2, 1, 1, 5, 0.594535, 0, 0.693147}) < 1e-6);
}

TEST_CASE("the KL term worked by hand") {
  // x = ln 2 with A = 0: k1 = 0.693147, slope 1; k2 = 0.240227, slope 0.693147; k3 = 1/2 + 0.693147 − 1,
  // slope 1/2.
  const Batch b{{-1}, {-1}, {0}, {0, 1}, {}, {-1 - std::log(2.0f)}};
  const auto check_kl = [&](const char* estimator, double value, double slope) {
    const Values v = run(b, {.denominator = 1, .kl_weight = 0.5, .kl_estimator = estimator});
    CHECK(relative_error(v.loss, {value / 2}) < 1e-6);
    CHECK(relative_error(v.dpolicy, {slope / 2}) < 1e-6);
    CHECK(v.stats[GrpoStat::kReferenceKlSum] == doctest::Approx(value).epsilon(1e-6));
  };
  check_kl("k1", 0.6931472, 1);
  check_kl("k2", 0.2402265, 0.6931472);
  check_kl("k3", 0.1931472, 0.5);
}

TEST_CASE(
    "loss and gradient agree with float64 for every aggregation, mask and estimator, with the same bits "
    "every way") {
  for (const auto& lengths : {std::vector<int32_t>{1}, {15, 0, 16, 17}, {1000, 1, 4097, 63}, {9000, 9000}})
    for (const char* aggregation : {"token", "sequence"})
      for (const char* estimator : {"", "k1", "k2", "k3"})
        for (const bool has_mask : {false, true}) {
          CAPTURE(aggregation);
          CAPTURE(estimator);
          const bool has_kl = *estimator;
          const Batch b = random_batch(lengths, has_mask, has_kl);
          GrpoLossOptions options{.clip_high = 0.28, .aggregation = aggregation, .denominator = 37};
          if (has_kl) options.kl_weight = 0.3, options.kl_estimator = estimator;
          const Values got = run(b, options);
          const Reference expected = reference(b, options);
          CHECK(std::abs(got.loss[0] - expected.loss) <
                1e-6 * (std::abs(expected.loss) + double(b.policy.size()) / 37));
          CHECK(relative_error(got.dpolicy, expected.dpolicy) < 1e-5);
        }
}

TEST_CASE("on policy the ratio is one: nothing is clipped and the slope of the loss is minus the advantage") {
  Batch b = random_batch({5, 70}, false, false);
  b.rollout = b.policy;
  const Values v = run(b, {.clip_low = 0, .clip_high = 0, .denominator = 1});
  for (int t = 0; t < 75; ++t) CHECK(v.dpolicy[t] == -b.advantages[t < 5 ? 0 : 1]);
  CHECK(v.stats == std::vector<float>{75, 2, 0, 0, 75, 0, 0, 0});
}

TEST_CASE("micro-batches add up to the batch") {
  const Batch all = random_batch({300, 40, 500, 7}, true, true);
  for (const char* aggregation : {"token", "sequence"}) {
    const GrpoLossOptions options{.aggregation = aggregation, .denominator = 11, .kl_weight = 0.1};
    const Values whole = run_once(all, options);
    double loss = 0;
    std::vector<float> dpolicy;
    std::vector<double> stats(GrpoStat::kCount);
    for (size_t first : {0u, 2u}) {
      const int begin = all.offsets[first], end = all.offsets[first + 2];
      const auto cut = [&](const auto& v) {
        return std::decay_t<decltype(v)>(v.begin() + begin, v.begin() + end);
      };
      const Batch part{cut(all.policy),
                       cut(all.rollout),
                       {all.advantages[first], all.advantages[first + 1]},
                       {0, all.offsets[first + 1] - begin, end - begin},
                       cut(all.mask),
                       cut(all.reference)};
      const Values v = run_once(part, options);
      loss += v.loss[0];
      dpolicy = joined({dpolicy, v.dpolicy});
      for (int s = 0; s < GrpoStat::kMaxLogprobDifference; ++s) stats[s] += v.stats[s];
      stats[GrpoStat::kMaxLogprobDifference] =
          std::max(stats[GrpoStat::kMaxLogprobDifference], double(v.stats[GrpoStat::kMaxLogprobDifference]));
    }
    CHECK(same_bits(dpolicy, whole.dpolicy));
    CHECK(relative_error(whole.loss, {loss}) < 1e-6);
    CHECK(relative_error(whole.stats, stats) < 1e-6);
  }
}

TEST_CASE("masked tokens are not looked at, and a sequence without tokens adds nothing") {
  Batch b = random_batch({20, 0, 33, 9}, true, true);
  for (int t = 20; t < 53; ++t) b.mask[t] = 0;
  const GrpoLossOptions options{.aggregation = "sequence", .denominator = 3, .kl_weight = 0.1};
  const Values clean = run(b, options);
  for (size_t t = 0; t < b.mask.size(); ++t)
    if (!b.mask[t]) b.policy[t] = b.rollout[t] = b.reference[t] = NAN;
  b.advantages[1] = b.advantages[2] = NAN;
  const Values spoilt = run(b, options);
  CHECK(same_bits(joined({spoilt.loss, spoilt.dpolicy, spoilt.stats}),
                  joined({clean.loss, clean.dpolicy, clean.stats})));
  for (size_t t = 0; t < b.mask.size(); ++t)
    if (!b.mask[t]) CHECK(spoilt.dpolicy[t] == 0);
  CHECK(spoilt.stats[GrpoStat::kSequences] == 2);
  const Values none = run({{}, {}, {}, {0}, {}, {}}, {.denominator = 3});
  CHECK(none.loss[0] == 0);
  CHECK(none.stats == std::vector<float>(GrpoStat::kCount, 0.0f));
}

TEST_CASE("far off policy: an advantage of zero stays zero, and NaN shows in loss, gradient and statistics") {
  const Batch far{{0, 0}, {-200, -200}, {0, 1}, {0, 1, 2}, {}, {}};
  const Values v = run(far, {.denominator = 1});
  CHECK(v.dpolicy == std::vector<float>{0, 0});
  CHECK(v.loss[0] == doctest::Approx(-1.2));
  CHECK(v.stats[GrpoStat::kMaxLogprobDifference] == 200);
  Batch nan = random_batch({20, 20}, false, false);
  nan.policy[3] = NAN;
  for_each_target([&] {
    const Values bad = run_once(nan, {.denominator = 1});
    CHECK(std::isnan(bad.loss[0]));
    CHECK(std::isnan(bad.stats[GrpoStat::kMaxLogprobDifference]));
    for (int t = 0; t < 40; ++t) CHECK(std::isnan(bad.dpolicy[t]) == (t == 3));
  });
}

TEST_CASE("grpo_loss refuses unlike tensors, missing tensors and unknown names") {
  const Batch b = random_batch({3, 2}, false, false);
  CHECK_THROWS_AS(run_once(b, {}), ArgumentError);  // no denominator
  CHECK_THROWS_AS(run_once(b, {.aggregation = "mean", .denominator = 1}), ArgumentError);
  CHECK_THROWS_AS(run_once(b, {.denominator = 1, .kl_weight = 1}), ArgumentError);
  CHECK_THROWS_AS(run_once(b, {.denominator = 1, .kl_estimator = "k4"}), ArgumentError);
  CHECK_THROWS_AS(run_once(b, {.clip_low = NAN, .denominator = 1}), ArgumentError);
  Batch short_offsets = b;
  short_offsets.offsets = {0, 3, 4};
  CHECK_THROWS_WITH(
      run_once(short_offsets, {.denominator = 1}),
      "ArgumentError: [grpo_loss] expected offsets that rise from 0 to 5 for offsets, got 4 at 2");
}

}  // namespace
}  // namespace lengthen::test
