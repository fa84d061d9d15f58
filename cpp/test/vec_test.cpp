// vec.h is for kernel files only, so the test brings a kernel of its own (vec_probe in cpp/kernels) under
// every target.
#include <doctest/doctest.h>

#include <limits>

#include "kernels/vec_probe.h"
#include "test/reference.h"

namespace lengthen::test {
namespace {

std::vector<float> apply(VecFunction function, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  run_on_cpu(VecProbe{function, x.data(), y.data(), static_cast<int64_t>(x.size())});
  return y;
}

std::vector<float> sweep(float low, float high, int n) {
  std::vector<float> x;
  for (int i = 0; i < n; ++i)
    x.push_back(low + (high - low) * static_cast<float>(i) / static_cast<float>(n - 1));
  return x;
}

// Distance in units of the last place of the expected value.
double worst_ulp(const std::vector<float>& got, const std::vector<double>& expected) {
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const float e = static_cast<float>(expected[i]);
    const double ulp = std::nextafter(std::abs(e), INFINITY) - static_cast<double>(std::abs(e));
    worst = std::max(worst, std::abs(got[i] - expected[i]) / ulp);
  }
  return worst;
}

TEST_CASE("exp is within 1.5 units of the last place, with the same bits on every instruction set") {
  const auto x = sweep(-87.0f, 88.7f, 100'003);
  std::vector<double> expected;
  for (float v : x) expected.push_back(std::exp(static_cast<double>(v)));
  std::vector<float> first;
  for_each_target([&] {
    const auto y = apply(VecFunction::exp, x);
    CHECK(worst_ulp(y, expected) < 1.5);
    if (first.empty()) first = y;
    CHECK(same_bits(y, first));
  });
}

TEST_CASE("log is right to 2e-7, denormals included") {
  auto x = sweep(0.01f, 100.0f, 100'003);
  for (float v = 1e-45f; v < 1e38f; v *= 1.6f) x.push_back(v);
  std::vector<double> expected;
  for (float v : x) expected.push_back(std::log(static_cast<double>(v)));
  std::vector<float> first;
  for_each_target([&] {
    const auto y = apply(VecFunction::log, x);
    double worst = 0;  // relative, or near 1, where log vanishes, absolute
    for (size_t i = 0; i < x.size(); ++i)
      worst = std::max(worst, std::abs(y[i] - expected[i]) / std::max(std::abs(expected[i]), 0.1));
    CHECK(worst < 2e-7);
    if (first.empty()) first = y;
    CHECK(same_bits(y, first));
  });
}

TEST_CASE("exp and log treat infinities, zero and NaN as mathematics does") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for_each_target([&] {
    const auto e = apply(VecFunction::exp, {-inf, inf, nan, 0.0f, -200.0f, 200.0f});
    CHECK(e[0] == 0);
    CHECK(e[1] == inf);
    CHECK(std::isnan(e[2]));
    CHECK(e[3] == 1);
    CHECK(e[4] == 0);
    CHECK(e[5] == inf);
    const auto l = apply(VecFunction::log, {0.0f, inf, nan, -1.0f, 1.0f, -inf});
    CHECK(l[0] == -inf);
    CHECK(l[1] == inf);
    CHECK(std::isnan(l[2]));
    CHECK(std::isnan(l[3]));
    CHECK(l[4] == 0);
    CHECK(std::isnan(l[5]));
  });
}

}  // namespace
}  // namespace lengthen::test
