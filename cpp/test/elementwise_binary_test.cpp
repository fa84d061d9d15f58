#include "ops/elementwise_binary.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Fn {
  BinaryFn fn;
  double (*reference)(double, double);
};
const Fn kFns[] = {
    {BinaryFn::add, [](double a, double b) { return a + b; }},
    {BinaryFn::sub, [](double a, double b) { return a - b; }},
    {BinaryFn::mul, [](double a, double b) { return a * b; }},
    {BinaryFn::div, [](double a, double b) { return a / b; }},
    {BinaryFn::maximum, [](double a, double b) { return std::isnan(a) || a > b ? a : b; }},
    {BinaryFn::minimum, [](double a, double b) { return std::isnan(a) || a < b ? a : b; }},
    {BinaryFn::greater, [](double a, double b) { return double(a > b); }},
    {BinaryFn::greater_equal, [](double a, double b) { return double(a >= b); }},
    {BinaryFn::less, [](double a, double b) { return double(a < b); }},
    {BinaryFn::less_equal, [](double a, double b) { return double(a <= b); }},
    {BinaryFn::equal, [](double a, double b) { return double(a == b); }},
};

struct Shapes {
  Shape a, b;
  int64_t (*b_index)(int64_t i);  // of a's element i
};
const Shapes kShapes[] = {
    {{}, {}, [](int64_t) -> int64_t { return 0; }},
    {{33000}, {33000}, [](int64_t i) { return i; }},
    {{33000}, {}, [](int64_t) -> int64_t { return 0; }},
    {{5, 17}, {1, 1}, [](int64_t) -> int64_t { return 0; }},
    {{7, 3, 19}, {19}, [](int64_t i) { return i % 19; }},
    {{7, 3, 19}, {1, 3, 19}, [](int64_t i) { return i % 57; }},
    {{70, 300}, {70, 1}, [](int64_t i) { return i / 300; }},
    {{4, 5, 6}, {5, 1}, [](int64_t i) { return i / 6 % 5; }},
    {{0, 4}, {4}, [](int64_t) -> int64_t { return 0; }},
};

// Rounded, so that equal values occur.
std::vector<float> halves(int64_t n, uint32_t seed) {
  auto v = normal(n, seed);
  for (float& x : v) x = std::round(2 * x) / 2;
  return v;
}

TEST_CASE("binary functions agree with float64 for every broadcast shape, with the same bits every way") {
  for (const Shapes& s : kShapes) {
    CAPTURE(s.a.str());
    CAPTURE(s.b.str());
    const auto a = halves(s.a.numel(), 1);
    auto b = halves(s.b.numel(), 2);
    for (const Fn& f : kFns) {
      CAPTURE(name_of(f.fn));
      if (f.fn == BinaryFn::div)
        for (float& x : b) x += x == 0 ? 1 : 0;
      std::vector<double> expected;
      for (size_t i = 0; i < a.size(); ++i) expected.push_back(f.reference(a[i], b[s.b_index(int64_t(i))]));
      const auto y =
          same_every_way([&] { return values_of(apply_binary(f.fn, tensor_of(a, s.a), tensor_of(b, s.b))); });
      CHECK(relative_error(y, expected) < 1e-7);
    }
  }
}

TEST_CASE("NaN and infinity go where the formula sends them") {
  const float inf = INFINITY;
  const std::vector<float> a{NAN, 1, NAN, inf, -inf, inf, 0}, b{1, NAN, NAN, inf, inf, -inf, 0};
  for (const Fn& f : kFns) {
    CAPTURE(name_of(f.fn));
    std::vector<double> expected;
    for (size_t i = 0; i < a.size(); ++i) expected.push_back(f.reference(a[i], b[i]));
    for_each_target([&] {
      CHECK(relative_error(values_of(apply_binary(f.fn, tensor_of(a), tensor_of(b))), expected) == 0);
    });
  }
}

TEST_CASE("where takes from one side and leaves NaN of the other out") {
  const std::vector<float> condition{1, 0, -2, 0}, a{1, NAN, 3, NAN}, b{NAN, 20, NAN, 40};
  for_each_target([&] {
    CHECK(values_of(where(tensor_of(condition), tensor_of(a), tensor_of(b))) ==
          std::vector<float>{1, 20, 3, 40});
  });
  CHECK_THROWS_AS(where(tensor_of(condition), tensor_of(a), tensor_of(normal(3, 1))), ArgumentError);
}

TEST_CASE("a shape that does not broadcast is refused by name") {
  const Tensor a = tensor_of(normal(12, 1), {2, 2, 3});
  for (const Shape& b : {Shape{2}, Shape{2, 1, 3}, Shape{1, 2, 2, 3}, Shape{3, 1}})
    CHECK_THROWS_AS(binary<BinaryFn::add>(a, Tensor::empty(b, DType::f32)), ArgumentError);
  CHECK_THROWS_WITH(
      binary<BinaryFn::mul>(a, tensor_of(normal(2, 1))),
      "[mul] expected a shape that broadcasts to [2, 2, 3] for b (its extents in one run of dimensions, 1 "
      "elsewhere), got [2]");
}

}  // namespace
}  // namespace lengthen::test
