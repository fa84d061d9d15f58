#include "ops/elementwise_unary.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

constexpr float kInf = INFINITY;

struct Case {
  UnaryFn fn;
  double (*reference)(double);
  bool is_for_positive = false;
};
const Case kCases[] = {
    {UnaryFn::neg, [](double x) { return -x; }},
    {UnaryFn::exp, [](double x) { return std::exp(x); }},
    {UnaryFn::log, [](double x) { return std::log(x); }, true},
    {UnaryFn::sqrt, [](double x) { return std::sqrt(x); }, true},
    {UnaryFn::abs, [](double x) { return std::fabs(x); }},
    {UnaryFn::sign, [](double x) { return x > 0   ? 1.0
                                          : x < 0 ? -1.0
                                                  : x; }},
    {UnaryFn::square, [](double x) { return x * x; }},
    {UnaryFn::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
    {UnaryFn::tanh, [](double x) { return std::tanh(x); }},
    {UnaryFn::relu, [](double x) { return x < 0 ? 0.0 : x; }},
    {UnaryFn::add_scalar, [](double x) { return x + 0.75; }},
    {UnaryFn::mul_scalar, [](double x) { return x * 0.75; }},
    {UnaryFn::clamp, [](double x) { return x < 0.75  ? 0.75
                                           : x > 1.5 ? 1.5
                                                     : x; }},
};

std::vector<float> run(const Case& c, const std::vector<float>& x) {
  return same_every_way([&] { return values_of(apply_unary(c.fn, tensor_of(x), 0.75f, 1.5f)); });
}

TEST_CASE("elementwise functions agree with float64 in every element, with the same bits every way") {
  for (const Case& c : kCases)
    for (const size_t n : {0u, 1u, 17u, 33000u}) {
      CAPTURE(name_of(c.fn));
      auto x = normal(n, 1, 3);
      if (c.is_for_positive)
        for (float& v : x) v = std::abs(v);
      const auto y = run(c, x);
      double worst = 0;  // relative, element by element
      for (size_t i = 0; i < n; ++i) {
        const double expected = c.reference(x[i]);
        worst = std::max(worst, std::abs(y[i] - expected) / std::max(std::abs(expected), 1e-30));
      }
      CHECK(worst < 5e-7);
    }
}

TEST_CASE("elementwise functions treat zeros, infinities, huge values and NaN as their formulas do") {
  const std::vector<float> x{0, -0.0f, kInf, -kInf, NAN, 3e38f, -3e38f, 100, -100, 1e-30f, -1e-30f};
  for (const Case& c : kCases) {
    CAPTURE(name_of(c.fn));
    for_each_target([&] {
      const auto y = values_of(apply_unary(c.fn, tensor_of(x), 0.75f, 1.5f));
      for (size_t i = 0; i < x.size(); ++i) {
        CAPTURE(x[i]);
        const float expected = static_cast<float>(c.reference(x[i]));
        if (std::isnan(expected))
          CHECK(std::isnan(y[i]));
        else if (std::isinf(expected))
          CHECK(y[i] == expected);
        else
          CHECK(std::abs(y[i] - expected) <= 5e-7f * std::abs(expected) + 1e-37f);
      }
    });
  }
}

TEST_CASE("clamp wants its bounds in order, and all want float32") {
  CHECK_THROWS_AS(clamp(tensor_of(normal(3, 1)), 2, 1), ArgumentError);
  CHECK_THROWS_AS(unary<UnaryFn::exp>(tensor_of<int32_t>({1})), ArgumentError);
  CHECK(unary<UnaryFn::exp>(tensor_of(normal(6, 1), {1, 2, 3})).shape() == Shape{1, 2, 3});
}

}  // namespace
}  // namespace lengthen::test
