#include "test/grpo_loss_reference.h"

namespace lengthen::test {
namespace {

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
  CHECK(relative_error(by_token.stats, {4, 2, 1, 1, 0, 5, 0.594535, 0, 0.693147}) < 1e-6);
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

TEST_CASE("the ratio of a sequence worked by hand") {
  // Both answers have r = 4 and 1: mean of log r = ln 2, sum = ln 4. A = 1 and −1, clip at 1.5.
  // 'sequence': s = 2. Answer 0: clipped, ℓ = −1.5, no gradient. Answer 1: ℓ = 2, ∂ℓ/∂policy = 2 · 1/2 each.
  //   Over 2 answers: (−1.5 + 2)/2 = 0.25; slopes 1/2.
  // 'product': s = 4. Answer 1: ℓ = 4, ∂ℓ/∂policy = 4 each. (−1.5 + 4)/2 = 1.25; slopes 2.
  // By tokens, over 4, each token with its answer's ℓ: (2·−1.5 + 2·2)/4 = 0.25; slopes 2·1/4, and 2·4/4.
  // Masked but for the tokens of r = 4, 'sequence' is s = 4, and both are one of one token.
  const float ln4 = std::log(4.0f);
  Batch b{{ln4 - 2, -1, ln4 - 3, -1}, {-2, -1, -3, -1}, {1, -1}, {0, 2, 4}, {}, {}};
  const auto check_ratio = [&](const char* ratio, const char* aggregation, double denominator, double loss,
                               double slope) {
    const Values v =
        run(b, {.clip_high = 0.5, .ratio = ratio, .aggregation = aggregation, .denominator = denominator});
    CHECK(relative_error(v.loss, {loss}) < 1e-6);
    const double last = b.mask.empty() ? slope : 0;
    CHECK(relative_error(v.dpolicy, {0, 0, slope, last}) < 1e-6);
    return v.stats;
  };
  const auto stats = check_ratio("sequence", "sequence", 2, 0.25, 0.5);
  CHECK(stats[GrpoStat::kClippedHigh] == 2);
  CHECK(stats[GrpoStat::kRatioSum] == doctest::Approx(8).epsilon(1e-6));
  check_ratio("product", "sequence", 2, 1.25, 2);
  check_ratio("sequence", "token", 4, 0.25, 0.5);
  check_ratio("product", "token", 4, 1.25, 2);
  b.mask = {1, 0, 1, 0};
  check_ratio("sequence", "sequence", 2, 1.25, 2);
  check_ratio("product", "sequence", 2, 1.25, 2);
  check_ratio("sequence", "token", 2, 1.25, 2);
}

TEST_CASE("the dual clip worked by hand") {
  // Clip at 0.8 and 1.2, c = 3. A = −2: r = 4: ℓ = 8, no more than 6, no gradient; r = 2: ℓ = 4, slope 4;
  // r = 0.5: ℓ = 1.6 by the lower clip. A = 2, r = 4: ℓ = −2.4 by the upper clip, as without.
  const float ln2 = std::log(2.0f);
  const Batch b{{2 * ln2 - 3, ln2 - 2, -ln2 - 4, 2 * ln2 - 3}, {-3, -2, -4, -3}, {-2, 2}, {0, 3, 4}, {}, {}};
  const Values v = run(b, {.dual_clip = 3, .denominator = 1});
  CHECK(relative_error(v.loss, {6 + 4 + 1.6 - 2.4}) < 1e-6);
  CHECK(relative_error(v.dpolicy, {0, 4, 0, 0}) < 1e-6);
  CHECK(v.stats[GrpoStat::kClippedLow] == 1);
  CHECK(v.stats[GrpoStat::kClippedHigh] == 1);
  CHECK(v.stats[GrpoStat::kClippedDual] == 1);
  // A ratio beyond float32: the loss stays what the dual clip says.
  const Values far = run({{0}, {-200}, {-2}, {0, 1}, {}, {}}, {.dual_clip = 3, .denominator = 1});
  CHECK(far.loss[0] == 6);
  CHECK(far.dpolicy[0] == 0);
}

TEST_CASE("CISPO worked by hand") {
  // Clip at 0.8 and 1.2. A = 1: r = 4, policy −1: ℓ = −1.2 · −1 = 1.2, slope −1.2; r = 1, policy −3: ℓ = 3,
  // slope −1. A = −2: r = 0.5, policy −2: ℓ = 0.8 · 2 · −2 = −3.2, slope 1.6.
  // By tokens over 3: (1.2 + 3 − 3.2)/3 = 1/3. By answers: (2.1 − 3.2)/2 = −0.55.
  const float ln2 = std::log(2.0f);
  const Batch b{{-1, -3, -2}, {-1 - 2 * ln2, -3, -2 + ln2}, {1, -2}, {0, 2, 3}, {}, {}};
  const Values by_token = run(b, {.surrogate = "cispo", .denominator = 3});
  CHECK(relative_error(by_token.loss, {1.0 / 3}) < 1e-6);
  CHECK(relative_error(by_token.dpolicy, {-0.4, -1.0 / 3, 1.6 / 3}) < 1e-6);
  CHECK(by_token.stats[GrpoStat::kClippedLow] == 1);
  CHECK(by_token.stats[GrpoStat::kClippedHigh] == 1);
  const Values by_answer = run(b, {.surrogate = "cispo", .aggregation = "sequence", .denominator = 2});
  CHECK(relative_error(by_answer.loss, {-0.55}) < 1e-6);
  // With the answers' own ratios, 2 and 0.5: 1.2 · 1 and 1.2 · 3, and as before.
  const Values of_answers = run(b, {.ratio = "sequence", .surrogate = "cispo", .denominator = 3});
  CHECK(relative_error(of_answers.loss, {(1.2 + 3.6 - 3.2) / 3}) < 1e-6);
  CHECK(relative_error(of_answers.dpolicy, {-0.4, -0.4, 1.6 / 3}) < 1e-6);
}

TEST_CASE("loss and gradient of every ratio and surrogate agree with float64, with the same bits every way") {
  for (const auto& lengths : {std::vector<int32_t>{1}, {15, 0, 16, 17}, {300, 1, 4097, 63, 2, 3, 5}})
    for (const char* aggregation : {"token", "sequence"})
      for (const Variant& variant : kVariants)
        for (const bool has_mask : {false, true}) {
          CAPTURE(aggregation);
          CAPTURE(variant.ratio);
          CAPTURE(variant.surrogate);
          CAPTURE(lengths.size());
          Batch b = random_batch(lengths, has_mask, true);
          // so that a long answer's likelihood stays a number
          const bool is_product = std::string(variant.ratio) == "product";
          if (is_product)
            for (size_t t = 0; t < b.policy.size(); ++t)
              b.policy[t] = b.rollout[t] + (b.policy[t] - b.rollout[t]) / 16;
          const GrpoLossOptions options = options_of(variant, aggregation, 37);
          const Values got = run(b, options);
          const Reference expected = reference(b, options);
          CHECK(std::abs(got.loss[0] - expected.loss) <
                1e-6 * (std::abs(expected.loss) + double(b.policy.size()) / 37));
          CHECK(relative_error(got.dpolicy, expected.dpolicy) < 1e-5);
        }
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
  CHECK(v.stats == std::vector<float>{75, 2, 0, 0, 0, 75, 0, 0, 0});
  for (const Variant& variant : kVariants) {
    GrpoLossOptions options = options_of(variant, "token", 1);
    options.kl_weight = 0;
    const bool is_product =
        std::string(variant.ratio) == "product" && std::string(variant.surrogate) == "clipped";
    const Values other = run(b, options);
    for (int t = 0; t < 75; ++t)
      CHECK(other.dpolicy[t] == -b.advantages[t < 5 ? 0 : 1] * float(is_product ? t < 5 ? 5 : 70 : 1));
    CHECK(other.stats == v.stats);
  }
}

TEST_CASE("micro-batches add up to the batch") {
  const Batch all = random_batch({300, 40, 500, 7}, true, true);
  std::vector<GrpoLossOptions> every;
  for (const char* aggregation : {"token", "sequence"}) {
    every.push_back({.aggregation = aggregation, .denominator = 11, .kl_weight = 0.1});
    for (const Variant& variant : kVariants) every.push_back(options_of(variant, aggregation, 11));
  }
  for (const GrpoLossOptions& options : every) {
    CAPTURE(options.ratio);
    CAPTURE(options.surrogate);
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
  std::vector<GrpoLossOptions> every{{.aggregation = "sequence", .denominator = 3, .kl_weight = 0.1}};
  for (const Variant& variant : kVariants) every.push_back(options_of(variant, "sequence", 3));
  for (const GrpoLossOptions& options : every) {
    CAPTURE(options.ratio);
    CAPTURE(options.surrogate);
    Batch b = random_batch({20, 0, 33, 9}, true, true);
    for (int t = 20; t < 53; ++t) b.mask[t] = 0;
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
    GrpoLossOptions plain = options;
    plain.kl_weight = 0;
    const Values none = run({{}, {}, {}, {0}, {}, {}}, plain);
    CHECK(none.loss[0] == 0);
    CHECK(none.stats == std::vector<float>(GrpoStat::kCount, 0.0f));
  }
}

TEST_CASE(
    "with a ratio for each sequence an advantage of zero stays zero, and NaN spoils its own sequence only") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Variant& variant : kVariants) {
    CAPTURE(variant.ratio);
    CAPTURE(variant.surrogate);
    GrpoLossOptions options = options_of(variant, "token", 1);
    options.kl_weight = 0;
    // Ratios beyond float32, and tokens that the policy would never give.
    const Values zero = run({{0, 0, -infinity, 0}, {-200, -200, -1, -1}, {0, 0}, {0, 2, 4}, {}, {}}, options);
    CHECK(zero.dpolicy == std::vector<float>{0, 0, 0, 0});
    CHECK(zero.loss[0] == 0);
    Batch nan = random_batch({20, 20}, false, false);
    nan.policy[3] = NAN;
    for_each_target([&] {
      const Values bad = run_once(nan, options);
      CHECK(std::isnan(bad.loss[0]));
      const bool is_own = std::string(variant.ratio) == "token";
      for (int t = 0; t < 40; ++t) CHECK(std::isnan(bad.dpolicy[t]) == (is_own ? t == 3 : t < 20));
    });
  }
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
  CHECK_THROWS_AS(run_once(b, {.ratio = "answer", .denominator = 1}), ArgumentError);
  CHECK_THROWS_AS(run_once(b, {.surrogate = "ppo", .denominator = 1}), ArgumentError);
  CHECK_THROWS_AS(run_once(b, {.dual_clip = 1, .denominator = 1}), ArgumentError);
  CHECK_THROWS_AS(run_once(b, {.dual_clip = NAN, .denominator = 1}), ArgumentError);
  CHECK_THROWS_AS(run_once(b, {.surrogate = "cispo", .dual_clip = 3, .denominator = 1}), ArgumentError);
  Batch short_offsets = b;
  short_offsets.offsets = {0, 3, 4};
  CHECK_THROWS_WITH(
      run_once(short_offsets, {.denominator = 1}),
      "ArgumentError: [grpo_loss] expected offsets that rise from 0 to 5 for offsets, got 4 at 2");
}

}  // namespace
}  // namespace lengthen::test
