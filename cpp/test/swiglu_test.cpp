#include "ops/swiglu.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

constexpr float kInf = INFINITY;

double silu(double g) { return g / (1 + std::exp(-g)); }
// Central difference of the float64 formula, exact to about 1e-9.
double silu_slope(double g) { return (silu(g + 1e-5) - silu(g - 1e-5)) / 2e-5; }

TEST_CASE("swiglu and its gradients agree with the formula in float64, with the same bits every way") {
  for (const size_t n : {0u, 1u, 15u, 16u, 17u, 16385u, 40000u}) {
    CAPTURE(n);
    const auto gate = normal(n, 1, 3), up = normal(n, 2), dy = normal(n, 3);
    std::vector<double> y, dgate, dup;
    for (size_t i = 0; i < n; ++i) {
      y.push_back(silu(gate[i]) * up[i]);
      dgate.push_back(dy[i] * up[i] * silu_slope(gate[i]));
      dup.push_back(dy[i] * silu(gate[i]));
    }
    CHECK(relative_error(same_every_way([&] { return values_of(swiglu(tensor_of(gate), tensor_of(up))); }),
                         y) < 1e-6);
    const auto both = same_every_way([&] {
      const auto [a, b] = swiglu_backward(tensor_of(dy), tensor_of(gate), tensor_of(up));
      return joined({values_of(a), values_of(b)});
    });
    const auto middle = both.begin() + static_cast<int64_t>(n);
    CHECK(relative_error({both.begin(), middle}, dgate) < 1e-6);
    CHECK(relative_error({middle, both.end()}, dup) < 1e-6);
  }
}

TEST_CASE("swiglu is finite for gates of any finite size") {
  const std::vector<float> gate{-3e38f, -1000, -100, -88, 0, 88, 1000, 3e38f, kInf, NAN};
  const std::vector<float> one(gate.size(), 1.0f);
  for_each_target([&] {
    const auto y = values_of(swiglu(tensor_of(gate), tensor_of(one)));
    for (int i : {0, 1, 2, 3, 4}) CHECK(std::abs(y[i]) < 1e-35f);
    for (int i : {5, 6, 7, 8}) CHECK(y[i] == gate[i]);
    CHECK(std::isnan(y[9]));
    const auto dgate = values_of(swiglu_backward(tensor_of(one), tensor_of(gate), tensor_of(one)).dgate);
    for (int i : {0, 1, 2}) CHECK(std::abs(dgate[i]) < 1e-35f);
    CHECK(dgate[4] == 0.5f);
    for (int i : {5, 6, 7}) CHECK(dgate[i] == 1.0f);
  });
}

TEST_CASE("swiglu refuses different shapes") {
  CHECK_THROWS_AS(swiglu(tensor_of(normal(4, 1)), tensor_of(normal(4, 1), {2, 2})), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
