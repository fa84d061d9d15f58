#include "ops/rope.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Case {
  int64_t tokens, heads, head_size, num_positions;
};
const Case kCases[] = {{1, 1, 2, 1}, {0, 2, 4, 3}, {5, 3, 30, 9}, {67, 2, 64, 100}, {40, 5, 128, 41}};

struct Inputs {
  std::vector<float> x, cos, sin;
  std::vector<int32_t> positions;
};

Inputs inputs_of(const Case& c) {
  Inputs in;
  in.x = normal(c.tokens * c.heads * c.head_size, 1);
  for (int64_t p = 0; p < c.num_positions; ++p)
    for (int64_t i = 0; i < c.head_size / 2; ++i) {
      const double angle = p * std::pow(10000.0, -2.0 * i / c.head_size);
      in.cos.push_back(static_cast<float>(std::cos(angle)));
      in.sin.push_back(static_cast<float>(std::sin(angle)));
    }
  for (int64_t t = 0; t < c.tokens; ++t)
    in.positions.push_back(static_cast<int32_t>((t * 7) % c.num_positions));
  return in;
}

std::vector<float> run(const Case& c, const Inputs& in, const std::vector<float>& x, bool inverse) {
  const Shape table{c.num_positions, c.head_size / 2};
  return values_of(rope(tensor_of(x, {c.tokens, c.heads, c.head_size}), tensor_of(in.positions),
                        tensor_of(in.cos, table), tensor_of(in.sin, table), inverse));
}

// Rotates each pair (i, i + D/2) as a complex number by its angle.
std::vector<double> reference(const Case& c, const Inputs& in, double direction) {
  std::vector<double> y(in.x.size());
  const int64_t half = c.head_size / 2;
  for (int64_t t = 0; t < c.tokens; ++t)
    for (int64_t h = 0; h < c.heads; ++h)
      for (int64_t i = 0; i < half; ++i) {
        const int64_t at = (t * c.heads + h) * c.head_size + i;
        const double re = in.x[at], im = in.x[at + half];
        const double cos = in.cos[in.positions[t] * half + i],
                     sin = direction * in.sin[in.positions[t] * half + i];
        y[at] = re * cos - im * sin;
        y[at + half] = re * sin + im * cos;
      }
  return y;
}

TEST_CASE("rope rotates the halves of each head by its position's angles, and its inverse rotates back") {
  for (const Case& c : kCases) {
    CAPTURE(c.head_size);
    const Inputs in = inputs_of(c);
    const auto y = same_every_way([&] { return run(c, in, in.x, false); });
    CHECK(relative_error(y, reference(c, in, 1)) < 1e-6);
    const auto inverse = same_every_way([&] { return run(c, in, in.x, true); });
    CHECK(relative_error(inverse, reference(c, in, -1)) < 1e-6);
    CHECK(relative_error(run(c, in, y, true), std::vector<double>(in.x.begin(), in.x.end())) < 1e-6);
  }
}

TEST_CASE("rope gives a token the same bits alone and in a pack") {
  const Case pack{40, 5, 128, 41};
  const Inputs in = inputs_of(pack);
  const auto all = run(pack, in, in.x, false);
  const int64_t width = pack.heads * pack.head_size, t = 17;
  Inputs one = in;
  one.positions = {in.positions[t]};
  const std::vector<float> x(in.x.begin() + t * width, in.x.begin() + (t + 1) * width);
  CHECK(same_bits(run({1, pack.heads, pack.head_size, pack.num_positions}, one, x, false),
                  {all.begin() + t * width, all.begin() + (t + 1) * width}));
}

TEST_CASE("rope refuses positions outside its tables and odd head sizes") {
  const Tensor x = tensor_of(normal(8, 1), {2, 1, 4}), table = tensor_of(normal(6, 2), {3, 2});
  CHECK_THROWS_WITH(values_of(rope(x, tensor_of<int32_t>({2, 3}), table, table, false)),
                    "ArgumentError: [rope] expected values in [0, 3) for positions, got 3 at 1");
  CHECK_THROWS_AS(rope(tensor_of(normal(6, 1), {2, 1, 3}), tensor_of<int32_t>({0, 1}), table, table, false),
                  ArgumentError);
  CHECK_THROWS_AS(rope(x, tensor_of<int32_t>({0}), table, table, false), ArgumentError);
  CHECK_THROWS_AS(rope(x, tensor_of<int32_t>({0, 1}), x, table, false), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
