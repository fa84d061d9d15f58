#include "ops/copy_rows.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

TEST_CASE("copy_rows copies rows in the order of its lists and leaves the others alone") {
  for (const int64_t width : {1, 17, 1023, 1024, 2600}) {
    CAPTURE(width);
    const auto before = normal(5 * width, 1);
    const std::vector<int32_t> from = {0, 4, 1, 2}, to = {2, 1, 3, 2};
    auto expected = before;
    for (size_t i = 0; i < from.size(); ++i)
      for (int64_t c = 0; c < width; ++c) expected[to[i] * width + c] = expected[from[i] * width + c];
    const auto after = same_every_way([&] {
      const Tensor x = tensor_of(before, {5, width});
      copy_rows(x, tensor_of(from), tensor_of(to));
      return values_of(x);
    });
    CHECK(same_bits(after, expected));
  }
}

TEST_CASE("copy_rows takes rows of rows and empty lists") {
  const auto before = normal(12, 2);
  const Tensor x = tensor_of(before, {2, 3, 2});
  const Tensor none = tensor_of(std::vector<int32_t>{});
  copy_rows(x, none, none);
  CHECK(same_bits(values_of(x), before));
  copy_rows(x, tensor_of<int32_t>({1}), tensor_of<int32_t>({0}));
  const auto after = values_of(x);
  for (int i = 0; i < 12; ++i) CHECK(after[i] == before[6 + i % 6]);
}

TEST_CASE("copy_rows names an index outside, and poisons the tensor") {
  const Tensor x = tensor_of(normal(6, 1), {3, 2});
  copy_rows(x, tensor_of<int32_t>({0}), tensor_of<int32_t>({3}));
  CHECK_THROWS_WITH(values_of(x), "ArgumentError: [copy_rows] expected values in [0, 3) for to, got 3 at 0");
  const Tensor y = tensor_of(normal(6, 1), {3, 2});
  CHECK_THROWS_AS(copy_rows(y, tensor_of<int32_t>({0}), tensor_of<int32_t>({0, 1})), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
