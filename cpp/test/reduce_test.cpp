#include "ops/reduce.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

double reference(Reduction reduction, const float* x, int64_t n) {
  double sum = 0, most = -INFINITY;
  for (int64_t i = 0; i < n; ++i) {
    sum += x[i];
    most = x[i] > most || std::isnan(x[i]) ? x[i] : most;
    if (std::isnan(most)) break;
  }
  if (reduction == Reduction::max) return most;
  return reduction == Reduction::mean ? sum / static_cast<double>(n) : sum;
}

constexpr Reduction kAll[] = {Reduction::sum, Reduction::mean, Reduction::max};

TEST_CASE("reductions over all elements agree with float64, with the same bits every way") {
  for (const Reduction reduction : kAll)
    for (const int64_t n : {1, 15, 16, 17, 4097, 16384, 16385, 100001}) {
      CAPTURE(n);
      auto x = normal(n, 1);
      for (float& v : x) v += 1;
      const auto y = same_every_way([&] { return values_of(reduce_all(reduction, tensor_of(x))); });
      CHECK(relative_error(y, {reference(reduction, x.data(), n)}) < 2e-7);
    }
}

TEST_CASE(
    "reductions over the last dimension agree with float64, and a row's bits do not depend on the others") {
  for (const Reduction reduction : kAll)
    for (const auto& [rows, width] : {std::pair{1, 1}, {7, 15}, {300, 129}, {3, 5000}, {0, 5}}) {
      CAPTURE(width);
      auto x = normal(size_t(rows * width), 2);
      for (float& v : x) v -= 1;  // all maxima of short rows may be negative
      std::vector<double> expected;
      for (int r = 0; r < rows; ++r) expected.push_back(reference(reduction, x.data() + r * width, width));
      const auto y =
          same_every_way([&] { return values_of(reduce_last(reduction, tensor_of(x, {rows, width}))); });
      CHECK(relative_error(y, expected) < 1e-6);
      if (rows == 0) continue;
      const std::vector<float> last(x.end() - width, x.end());
      CHECK(values_of(reduce_last(reduction, tensor_of(last)))[0] == y.back());
    }
}

TEST_CASE("NaN and infinity reach the result of their own row only") {
  const std::vector<float> x{1, NAN, 2, INFINITY, 1, 5, -INFINITY, 0, 3, -1, -2, -3};
  for_each_target([&] {
    const auto most = values_of(reduce_last(Reduction::max, tensor_of(x, {4, 3})));
    CHECK(std::isnan(most[0]));
    CHECK(most[1] == INFINITY);
    CHECK(most[2] == 3);
    CHECK(most[3] == -1);
    CHECK(std::isnan(values_of(reduce_all(Reduction::max, tensor_of(x)))[0]));
    const auto sum = values_of(reduce_last(Reduction::sum, tensor_of(x, {4, 3})));
    CHECK(std::isnan(sum[0]));
    CHECK(sum[1] == INFINITY);
    CHECK(sum[2] == -INFINITY);
    CHECK(sum[3] == -6);
  });
}

TEST_CASE("nothing sums to zero, has no mean and no maximum") {
  const Tensor none = tensor_of<float>({}, {0});
  CHECK(values_of(reduce_all(Reduction::sum, none))[0] == 0);
  CHECK(std::isnan(values_of(reduce_all(Reduction::mean, none))[0]));
  CHECK_THROWS_WITH(reduce_all(Reduction::max, none), "[max] expected at least one element for x, got [0]");
  CHECK(values_of(reduce_last(Reduction::sum, tensor_of<float>({}, {2, 0}))) == std::vector<float>{0, 0});
  CHECK(reduce_last(Reduction::sum, tensor_of(normal(3, 1))).shape() == Shape{});
  CHECK_THROWS_AS(reduce_last(Reduction::sum, Tensor::empty({}, DType::f32)), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
