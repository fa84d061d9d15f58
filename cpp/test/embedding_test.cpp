#include "ops/embedding.h"

#include "ops/gather_rows.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Case {
  int64_t num_rows, width, count;
};
const Case kCases[] = {{1, 1, 1}, {5, 3, 0}, {7, 17, 40}, {300, 255, 513}, {33, 257, 1000}};

std::vector<int32_t> random_indices(const Case& c) {
  std::mt19937 rng(3);
  std::vector<int32_t> indices(c.count);
  for (int32_t& i : indices) i = static_cast<int32_t>(rng() % c.num_rows);
  return indices;
}

TEST_CASE("embedding picks the rows of its tokens") {
  for (const Case& c : kCases) {
    const auto weight = normal(c.num_rows * c.width, 1);
    const auto tokens = random_indices(c);
    const auto y = same_every_way(
        [&] { return values_of(embedding(tensor_of(weight, {c.num_rows, c.width}), tensor_of(tokens))); });
    REQUIRE(y.size() == static_cast<size_t>(c.count * c.width));
    for (int64_t i = 0; i < c.count * c.width; ++i)
      REQUIRE(y[i] == weight[tokens[i / c.width] * c.width + i % c.width]);
  }
}

TEST_CASE("embedding_backward adds the rows of equal tokens, with the same bits for any number of threads") {
  for (const Case& c : kCases) {
    CAPTURE(c.width);
    const auto dy = normal(c.count * c.width, 2);
    const auto tokens = random_indices(c);
    std::vector<double> expected(c.num_rows * c.width);
    for (int64_t i = 0; i < c.count * c.width; ++i)
      expected[tokens[i / c.width] * c.width + i % c.width] += dy[i];
    const auto dweight = same_every_way([&] {
      return values_of(embedding_backward(tensor_of(dy, {c.count, c.width}), tensor_of(tokens), c.num_rows));
    });
    CHECK(relative_error(dweight, expected) < 1e-6);
  }
}

TEST_CASE("a token outside the vocabulary fails the op and names place and value") {
  const Tensor weight = tensor_of(normal(6, 1), {3, 2});
  CHECK_THROWS_WITH(values_of(embedding(weight, tensor_of<int32_t>({0, 3}))),
                    "ArgumentError: [embedding] expected values in [0, 3) for tokens, got 3 at 1");
  CHECK_THROWS_WITH(values_of(embedding_backward(weight, tensor_of<int32_t>({0, 1, -1}), 3)),
                    "ArgumentError: [embedding_backward] expected values in [0, 3) for tokens, got -1 at 2");
  CHECK_THROWS_AS(embedding(weight, tensor_of(normal(2, 1))), ArgumentError);
  CHECK_THROWS_AS(embedding_backward(weight, tensor_of<int32_t>({0, 1}), 3), ArgumentError);
}

TEST_CASE("gather_rows and scatter_add_rows also take numbers and rows of rows") {
  const auto x = normal(12, 4);
  const auto indices = std::vector<int32_t>{2, 0, 2};
  CHECK(values_of(gather_rows(tensor_of(x), tensor_of(indices))) == std::vector<float>{x[2], x[0], x[2]});
  const Tensor rows = gather_rows(tensor_of(x, {3, 2, 2}), tensor_of(indices));
  CHECK(rows.shape() == Shape{3, 2, 2});
  CHECK(values_of(rows)[4] == x[0]);
  CHECK(values_of(scatter_add_rows(tensor_of<float>({1, 2, 4}), tensor_of(indices), 4)) ==
        std::vector<float>{2, 0, 5, 0});
}

}  // namespace
}  // namespace lengthen::test
