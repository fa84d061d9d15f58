#include "ops/dropout.h"

#include <algorithm>

#include "core/philox.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

std::vector<float> reference(const std::vector<float>& x, const DropoutOptions& o) {
  const auto bits = static_cast<uint64_t>(o.seed);
  const PhiloxKey key{static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
  std::vector<float> y(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const PhiloxCounter counter{static_cast<uint32_t>(i / 4), static_cast<uint32_t>(o.call),
                                static_cast<uint32_t>(o.site), kDropoutStream};
    const bool is_dropped = uniform01(philox4x32(counter, key)[i % 4]) < o.rate;
    y[i] = is_dropped ? 0.0f : x[i] * (1.0f / (1.0f - o.rate));
  }
  return y;
}

TEST_CASE(
    "dropout drops where the uniform number of the place is below the rate, with the same bits every way") {
  for (const int64_t n : {0, 1, 63, 64, 65, 16384, 16385, 50001})
    for (const float rate : {0.0f, 0.05f, 0.5f, 0.999f}) {
      CAPTURE(n);
      CAPTURE(rate);
      const auto x = normal(n, 1);
      const DropoutOptions options{rate, int64_t{1} << 40 | 7, 3, 11};
      const auto y = same_every_way([&] { return values_of(dropout(tensor_of(x), options)); });
      CHECK(same_bits(y, reference(x, options)));
    }
}

TEST_CASE("about the rate of the elements is dropped, others with every seed, call and site") {
  const std::vector<float> x(100000, 1.0f);
  const auto dropped = [&](int64_t seed, int32_t call, int32_t site) {
    return values_of(dropout(tensor_of(x), {0.1f, seed, call, site}));
  };
  const auto first = dropped(1, 1, 1);
  const auto zeros = std::count(first.begin(), first.end(), 0.0f);
  CHECK(std::abs(static_cast<double>(zeros) / 1e5 - 0.1) < 0.004);  // four deviations
  for (const auto& other : {dropped(2, 1, 1), dropped(1, 2, 1), dropped(1, 1, 2)}) {
    size_t both = 0;
    for (size_t i = 0; i < x.size(); ++i) both += first[i] == 0 && other[i] == 0;
    CHECK(std::abs(static_cast<double>(both) / 1e5 - 0.01) < 0.0013);
  }
}

TEST_CASE("what is dropped is 0 whatever it was, and the rest keeps infinities and NaN") {
  const std::vector<float> x(200, NAN);
  const auto y = values_of(dropout(tensor_of(x), {0.5f, 1, 0, 0}));
  const auto expected = reference(x, {0.5f, 1, 0, 0});
  for (size_t i = 0; i < x.size(); ++i) CHECK(std::isnan(y[i]) == std::isnan(expected[i]));
}

TEST_CASE("dropout names the argument that does not fit") {
  const Tensor x = tensor_of(normal(4, 1));
  CHECK_THROWS_WITH(dropout(x, {1.0f}), "[dropout] expected a number from 0 to below 1 for rate, got 1");
  CHECK_THROWS_WITH(dropout(x, {0.1f, 1, -1}), "[dropout] expected a number of at least 0 for call, got -1");
  CHECK_THROWS_AS(dropout(tensor_of<int32_t>({1, 2}), {0.1f}), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
