#include "ops/broadcast.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Case {
  Shape small, large;
  Broadcast expected;
};
const Case kCases[] = {
    {{}, {5, 7}, {1, 1, 35}},
    {{7}, {5, 7}, {5, 7, 1}},
    {{5, 1}, {5, 7}, {1, 5, 7}},
    {{3, 1}, {4, 3, 5}, {4, 3, 5}},
    {{1, 300}, {200, 300}, {200, 300, 1}},
    {{40, 1}, {9, 40, 3}, {9, 40, 3}},
    {{5, 7}, {5, 7}, {1, 35, 1}},
    {{4}, {0, 4}, {0, 4, 1}},
    {{130, 1}, {130, 5000}, {1, 130, 5000}},
};

// Index into the small tensor of element i of the large one.
int64_t index_of(const Case& c, int64_t i) { return i / c.expected.inner % c.expected.kept; }

TEST_CASE("a broadcast is a run of kept dimensions between an outer and an inner part") {
  for (const Case& c : kCases) {
    const Broadcast got = broadcast_of("test", "x", c.small, c.large);
    CAPTURE(c.large.str());
    CHECK(got.outer == c.expected.outer);
    CHECK(got.kept == c.expected.kept);
    CHECK(got.inner == c.expected.inner);
  }
}

TEST_CASE("expand repeats and sum_to adds up, with the same bits every way") {
  for (const Case& c : kCases) {
    CAPTURE(c.small.str());
    const auto x = normal(c.small.numel(), 1), dy = normal(c.large.numel(), 2);
    std::vector<double> large(dy.size()), small(x.size());
    for (size_t i = 0; i < dy.size(); ++i) {
      large[i] = x[index_of(c, int64_t(i))];
      small[index_of(c, int64_t(i))] += dy[i];
    }
    CHECK(relative_error(same_every_way([&] { return values_of(expand(tensor_of(x, c.small), c.large)); }),
                         large) == 0);
    const auto dx = same_every_way([&] {
      const Tensor sum = sum_to(tensor_of(dy, c.large), c.small);
      CHECK(sum.shape() == c.small);
      return values_of(sum);
    });
    CHECK(relative_error(dx, small) < 1e-6);
  }
  CHECK_THROWS_AS(expand(tensor_of(normal(3, 1)), Shape{3, 2}), ArgumentError);
  CHECK_THROWS_AS(sum_to(tensor_of(normal(6, 1), {3, 2}), Shape{3}), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
