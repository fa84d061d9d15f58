#include "ops/group_advantage.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

std::vector<float> run(const std::vector<float>& rewards, const std::vector<int32_t>& offsets,
                       const GroupAdvantageOptions& options, const std::vector<int32_t>& lengths = {}) {
  return same_every_way([&] {
    std::optional<Tensor> length_tensor;
    if (!lengths.empty()) length_tensor = tensor_of(lengths);
    return values_of(group_advantage(tensor_of(rewards), tensor_of(offsets), length_tensor, options));
  });
}
std::vector<float> run(const std::vector<float>& rewards, const std::vector<int32_t>& offsets,
                       const char* normalize) {
  return run(rewards, offsets, {.normalize = normalize});
}

TEST_CASE("advantages worked by hand: mixed, single, equal and empty groups") {
  // Group 0: rewards 1 0 0 1, mean 1/2, variance 4·(1/4)/3 = 1/3, std 0.57735; 0.5 / 0.577351 = 0.866024.
  // Group 1: one answer. Group 2: equal rewards. Group 3: none. Group 4: 0 and 3, mean 1.5, std sqrt(2·2.25)
  // = 2.12132; 1.5 / 2.121321 = 0.707106.
  const std::vector<float> rewards{1, 0, 0, 1, 3, 0.1f, 0.1f, 0.1f, 0, 3};
  const std::vector<int32_t> offsets{0, 4, 5, 8, 8, 10};
  const std::vector<double> by_std{0.866024, -0.866024, -0.866024, 0.866024, 0, 0, 0, 0, -0.707106, 0.707106};
  CHECK(relative_error(run(rewards, offsets, "std"), by_std) < 1e-6);
  CHECK(run(rewards, offsets, "none") ==
        std::vector<float>{0.5f, -0.5f, -0.5f, 0.5f, 0, 0, 0, 0, -1.5f, 1.5f});
  for (int i : {4, 5, 6, 7}) CHECK(run(rewards, offsets, "std")[i] == 0);
}

TEST_CASE("other baselines worked by hand") {
  // Group 0: the others' mean is 1/3 where the reward is 1 and 2/3 where it is 0. Group 1: one answer has no
  // others. Group 2: equal rewards. Group 3: 3 against 0.
  const std::vector<float> rewards{1, 0, 0, 1, 3, 2, 2, 0, 3};
  const std::vector<int32_t> offsets{0, 4, 5, 7, 9};
  const auto left_out = run(rewards, offsets, {.baseline = "leave-one-out", .normalize = "none"});
  CHECK(relative_error(left_out, {2.0 / 3, -2.0 / 3, -2.0 / 3, 2.0 / 3, 0, 0, 0, -3, 3}) < 1e-6);
  for (int i : {4, 5, 6}) CHECK(left_out[i] == 0);
  CHECK(run(rewards, offsets, {.baseline = "none", .normalize = "none"}) == rewards);
  // Divided by the same deviation as the group's mean: 4/3 of ±0.866024, 2 of ±0.707106.
  const auto scaled = run(rewards, offsets, {.baseline = "leave-one-out"});
  CHECK(scaled[0] == doctest::Approx(1.154699).epsilon(1e-6));
  CHECK(scaled[8] == doctest::Approx(1.414213).epsilon(1e-6));
}

TEST_CASE("normalisation over the batch worked by hand") {
  // 1 0 0 1, 5/6 and 0 3 have the mean 5/6. Σ (R − 5/6)² = 2·(1/6)² + 3·(5/6)² + (13/6)² = 41/6; over 6:
  // 41/36, deviation 1.067187; 0.5 and 1.5 over 1.067188.
  const std::vector<float> rewards{1, 0, 0, 1, 5.0f / 6, 0, 3};
  const std::vector<int32_t> offsets{0, 4, 5, 7};
  const auto advantages = run(rewards, offsets, "batch");
  CHECK(relative_error(advantages, {0.468521, -0.468521, -0.468521, 0.468521, 0, -1.405563, 1.405563}) <
        1e-6);
  CHECK(advantages[4] == 0);
}

TEST_CASE("whitening over tokens worked by hand") {
  // Answers of 1, 3, 2 and 2 tokens; group 0: 1 and 0, group 1 equal. REINFORCE++ without a baseline, group 0
  // alone: mean 1/4 over tokens, Σ = (3/4)² + 3·(1/4)² = 3/4, over 3: 1/4, deviation 1/2: 1.5 and −0.5.
  const GroupAdvantageOptions plain{.baseline = "none", .normalize = "tokens"};
  CHECK(relative_error(run({1, 0}, {0, 2}, plain, {1, 3}), {1.499997, -0.499999}) < 1e-6);
  // With the groups' means subtracted: 1/2, −1/2 and 0; over tokens mean (1/2 − 3/2)/8 = −1/8,
  // Σ = (5/8)² + 3·(3/8)² + 4·(1/8)² = 7/8, over 7: 1/8, deviation 0.353553.
  const GroupAdvantageOptions centred{.normalize = "tokens"};
  CHECK(relative_error(run({1, 0, 1, 1}, {0, 2, 4}, centred, {1, 3, 2, 2}),
                       {1.767762, -1.060657, 0.353552, 0.353552}) < 1e-6);
  // Equal rewards, one answer and answers without tokens.
  CHECK(run({0.1f, 0.1f, 0.1f}, {0, 1, 3}, plain, {7, 1000003, 5}) == std::vector<float>{0, 0, 0});
  CHECK(run({3}, {0, 1}, plain, {5}) == std::vector<float>{0});
  CHECK(run({3, 1, 5}, {0, 3}, plain, {2, 2, 0})[0] == run({3, 1}, {0, 2}, plain, {2, 2})[0]);
  CHECK(run({}, {0}, "batch").empty());
}

TEST_CASE("advantages of random groups agree with float64") {
  std::vector<int32_t> offsets{0};
  for (int i = 0; i < 1500; ++i) offsets.push_back(offsets.back() + 1 + i % 9);
  const auto rewards = normal(size_t(offsets.back()), 1);
  std::vector<double> expected;
  for (size_t p = 0; p + 1 < offsets.size(); ++p) {
    const int n = offsets[p + 1] - offsets[p];
    long double sum = 0, squares = 0;
    for (int i = offsets[p]; i < offsets[p + 1]; ++i)
      sum += rewards[i], squares += (long double)rewards[i] * rewards[i];
    const long double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : 0;
    for (int i = offsets[p]; i < offsets[p + 1]; ++i)
      expected.push_back(double((rewards[i] - sum / n) / (sqrtl(variance) + 1e-6L)));
  }
  CHECK(relative_error(run(rewards, offsets, "std"), expected) < 1e-6);
}

TEST_CASE("every baseline with every normalisation agrees with float64") {
  std::vector<int32_t> offsets{0}, lengths;
  for (int i = 0; i < 700; ++i) offsets.push_back(offsets.back() + i % 7);
  const auto rewards = normal(size_t(offsets.back()), 3);
  for (size_t i = 0; i < rewards.size(); ++i) lengths.push_back(int32_t(1 + i * i % 97));
  using Values = std::vector<long double>;
  const auto spread = [](const Values& values, const std::vector<int32_t>& weights) {
    long double n = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < values.size(); ++i) n += weights[i], sum += weights[i] * values[i];
    for (size_t i = 0; i < values.size(); ++i)
      squares += weights[i] * (values[i] - sum / n) * (values[i] - sum / n);
    return std::pair{sum / n, n > 1 ? sqrtl(squares / (n - 1)) : 0};
  };
  const std::vector<int32_t> ones(rewards.size(), 1);
  for (const char* baseline : {"group", "leave-one-out", "none"})
    for (const char* normalize : {"group", "std", "batch", "tokens", "none"}) {
      const std::string by = normalize;
      if (std::string(baseline) == "none" && by != "tokens" && by != "none") continue;
      CAPTURE(baseline);
      CAPTURE(normalize);
      Values expected;
      const Values all(rewards.begin(), rewards.end());
      for (size_t p = 0; p + 1 < offsets.size(); ++p) {
        const Values group(all.begin() + offsets[p], all.begin() + offsets[p + 1]);
        for (const long double reward : group) {
          const auto [mean, deviation] = spread(group, ones);
          const long double n = group.size(), others = n > 1 ? (mean * n - reward) / (n - 1) : reward;
          const long double base = *baseline == 'g' ? mean : *baseline == 'l' ? others : 0;
          const bool is_group = by == "group" || by == "std";
          expected.push_back((reward - base) / (is_group ? deviation + 1e-6L : 1));
        }
      }
      const auto [mean, deviation] = by == "tokens" ? spread(expected, lengths) : spread(all, ones);
      for (auto& a : expected)
        a = by == "tokens" ? (a - mean) / (deviation + 1e-6L) : by == "batch" ? a / (deviation + 1e-6L) : a;
      const auto actual = run(rewards, offsets, {.baseline = baseline, .normalize = normalize}, lengths);
      CHECK(relative_error(actual, std::vector<double>(expected.begin(), expected.end())) < 1e-6);
    }
}

TEST_CASE("equal rewards of any value and group size give exactly zero") {
  for (const float reward : {0.1f, -1.0f / 3, 1e-30f, 3e38f}) {
    const std::vector<float> rewards(999, reward);
    for (const char* baseline : {"group", "leave-one-out"})
      for (const char* normalize : {"std", "batch", "tokens", "none"})
        CHECK(run(rewards, {0, 7, 998, 999}, {.baseline = baseline, .normalize = normalize},
                  std::vector<int32_t>(999, 31)) == std::vector<float>(999, 0.0f));
  }
}

TEST_CASE("a reward that is NaN spoils its own group only") {
  const auto advantages =
      values_of(group_advantage(tensor_of<float>({1, NAN, 1, 0}), tensor_of<int32_t>({0, 2, 4}), {}, {}));
  CHECK(std::isnan(advantages[0]));
  CHECK(advantages[2] > 0);
}

TEST_CASE("offsets that do not cover the rewards and unknown names are refused") {
  const Tensor rewards = tensor_of<float>({1, 2, 3});
  for (const auto& offsets : {std::vector<int32_t>{0, 2}, {1, 3}, {0, 4}, {0, 2, 1, 3}, {0, -1, 3}, {0}})
    CHECK_THROWS(values_of(group_advantage(rewards, tensor_of(offsets), {}, {})));
  CHECK_THROWS_WITH(values_of(group_advantage(rewards, tensor_of<int32_t>({0, 2}), {}, {})),
                    "ArgumentError: [group_advantage] expected offsets that rise from 0 to 3 for "
                    "group_offsets, got 2 at 1");
  const auto refused = [&](const GroupAdvantageOptions& options, const std::optional<Tensor>& lengths) {
    return values_of(group_advantage(rewards, tensor_of<int32_t>({0, 3}), lengths, options));
  };
  CHECK_THROWS_AS(refused({.normalize = "var"}, {}), ArgumentError);
  CHECK_THROWS_AS(refused({.baseline = "mean"}, {}), ArgumentError);
  CHECK_THROWS_AS(refused({.normalize = "tokens"}, {}), ArgumentError);
  CHECK_THROWS_AS(refused({.normalize = "tokens"}, tensor_of<int32_t>({1, 2})), ArgumentError);
  CHECK_THROWS_WITH(refused({.normalize = "tokens"}, tensor_of<int32_t>({1, 2, -1})),
                    "ArgumentError: [group_advantage] expected values in [0, 2147483647) for lengths, got -1 "
                    "at 2");
  CHECK_THROWS_AS(refused({.baseline = "none", .normalize = "batch"}, {}), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
