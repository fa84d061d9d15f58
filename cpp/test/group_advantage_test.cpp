#include "ops/group_advantage.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

std::vector<float> run(const std::vector<float>& rewards, const std::vector<int32_t>& offsets,
                       const char* normalize) {
  return same_every_way(
      [&] { return values_of(group_advantage(tensor_of(rewards), tensor_of(offsets), normalize)); });
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

TEST_CASE("equal rewards of any value and group size give exactly zero") {
  for (const float reward : {0.1f, -1.0f / 3, 1e-30f, 3e38f}) {
    const std::vector<float> rewards(999, reward);
    for (const char* normalize : {"std", "none"})
      CHECK(run(rewards, {0, 7, 998, 999}, normalize) == std::vector<float>(999, 0.0f));
  }
}

TEST_CASE("a reward that is NaN spoils its own group only") {
  const auto advantages =
      values_of(group_advantage(tensor_of<float>({1, NAN, 1, 0}), tensor_of<int32_t>({0, 2, 4}), "std"));
  CHECK(std::isnan(advantages[0]));
  CHECK(advantages[2] > 0);
}

TEST_CASE("offsets that do not cover the rewards and unknown names are refused") {
  const Tensor rewards = tensor_of<float>({1, 2, 3});
  for (const auto& offsets : {std::vector<int32_t>{0, 2}, {1, 3}, {0, 4}, {0, 2, 1, 3}, {0, -1, 3}, {0}})
    CHECK_THROWS(values_of(group_advantage(rewards, tensor_of(offsets), "std")));
  CHECK_THROWS_WITH(values_of(group_advantage(rewards, tensor_of<int32_t>({0, 2}), "std")),
                    "ArgumentError: [group_advantage] expected offsets that rise from 0 to 3 for "
                    "group_offsets, got 2 at 1");
  CHECK_THROWS_AS(group_advantage(rewards, tensor_of<int32_t>({0, 3}), "var"), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
