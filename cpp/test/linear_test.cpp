#include "ops/linear.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Case {
  int64_t rows, in, out;
};
// Around the tiles (6 and 12 rows, 16 and 32 columns), the tasks and the cut of the inner dimension (256).
const Case kCases[] = {{1, 1, 1},     {0, 5, 7},     {5, 15, 16},    {11, 64, 33},  {12, 255, 31},
                       {13, 256, 32}, {25, 257, 65}, {97, 130, 300}, {300, 70, 20}, {513, 33, 129}};

using Doubles = std::vector<double>;

Doubles reference_forward(const Case& c, const std::vector<float>& x, const std::vector<float>& w,
                          const std::vector<float>& b) {
  Doubles y(c.rows * c.out);
  for (int64_t r = 0; r < c.rows; ++r)
    for (int64_t o = 0; o < c.out; ++o) {
      double sum = b[o];
      for (int64_t i = 0; i < c.in; ++i) sum += double(x[r * c.in + i]) * w[o * c.in + i];
      y[r * c.out + o] = sum;
    }
  return y;
}

TEST_CASE("linear agrees with its formula in float64, with the same bits every way") {
  for (const Case& c : kCases) {
    CAPTURE(c.rows);
    CAPTURE(c.in);
    CAPTURE(c.out);
    const auto x = normal(c.rows * c.in, 1), w = normal(c.out * c.in, 2), b = normal(c.out, 3);
    const auto y = same_every_way([&] {
      return values_of(linear(tensor_of(x, {c.rows, c.in}), tensor_of(w, {c.out, c.in}), tensor_of(b)));
    });
    CHECK(relative_error(y, reference_forward(c, x, w, b)) < 1e-6);
    const auto bare = same_every_way([&] {
      return values_of(linear(tensor_of(x, {c.rows, c.in}), tensor_of(w, {c.out, c.in}), std::nullopt));
    });
    CHECK(relative_error(bare, reference_forward(c, x, w, std::vector<float>(c.out))) < 1e-6);
  }
}

TEST_CASE("linear's gradients agree with their formulas in float64, with the same bits every way") {
  for (const Case& c : kCases) {
    CAPTURE(c.rows);
    CAPTURE(c.in);
    CAPTURE(c.out);
    const auto dy = normal(c.rows * c.out, 1), x = normal(c.rows * c.in, 2), w = normal(c.out * c.in, 3);
    Doubles dx(c.rows * c.in), dw(c.out * c.in), db(c.out);
    for (int64_t r = 0; r < c.rows; ++r)
      for (int64_t o = 0; o < c.out; ++o) {
        const double g = dy[r * c.out + o];
        db[o] += g;
        for (int64_t i = 0; i < c.in; ++i) {
          dx[r * c.in + i] += g * w[o * c.in + i];
          dw[o * c.in + i] += g * x[r * c.in + i];
        }
      }
    std::vector<std::vector<float>> got(3);
    same_every_way([&] {
      const Tensor t_dy = tensor_of(dy, {c.rows, c.out}), t_x = tensor_of(x, {c.rows, c.in});
      got[0] = values_of(linear_input_gradient(t_dy, tensor_of(w, {c.out, c.in})));
      got[1] = values_of(linear_weight_gradient(t_dy, t_x));
      got[2] = values_of(column_sum(t_dy));
      return joined({got[0], got[1], got[2]});
    });
    CHECK(relative_error(got[0], dx) < 1e-6);
    CHECK(relative_error(got[1], dw) < 1e-6);
    CHECK(relative_error(got[2], db) < 1e-6);
  }
}

TEST_CASE("a row of linear has the same bits alone and in batches of 3 and 64") {
  const int64_t in = 300, out = 70;
  const auto x = normal(64 * in, 1), w = normal(out * in, 2), b = normal(out, 3);
  const Tensor weight = tensor_of(w, {out, in}), bias = tensor_of(b);
  for_each_way([&] {
    const auto all = values_of(linear(tensor_of(x, {64, in}), weight, bias));
    for (int64_t batch : {1, 3})
      for (int64_t r = 0; r + batch <= 64; r += 7) {
        const std::vector<float> rows(x.begin() + r * in, x.begin() + (r + batch) * in);
        const std::vector<float> expected(all.begin() + r * out, all.begin() + (r + batch) * out);
        REQUIRE(same_bits(values_of(linear(tensor_of(rows, {batch, in}), weight, bias)), expected));
      }
  });
}

TEST_CASE("linear sees a weight that was written in place, and slices of one weight apart") {
  const auto x = normal(4, 1), w = normal(8, 2), v = normal(8, 3);
  const Tensor t_x = tensor_of(x, {1, 4}), weight = tensor_of(w, {2, 4});
  const auto first = values_of(linear(t_x, weight, std::nullopt));
  const auto second_row = values_of(linear(t_x, weight.slice(1, 2), std::nullopt));
  CHECK(second_row[0] == first[1]);
  enqueue({.name = "write", .updates = {weight}, .run = [=] {
             std::memcpy(weight.raw(), v.data(), weight.bytes());
           }});
  CHECK(same_bits(values_of(linear(t_x, weight, std::nullopt)),
                  values_of(linear(t_x, tensor_of(v, {2, 4}), std::nullopt))));
}

TEST_CASE("infinities and NaN of one row or column stay there") {
  const int64_t rows = 14, in = 40, out = 45;
  auto x = normal(rows * in, 1), w = normal(out * in, 2);
  x[13 * in + 39] = NAN;
  w[44 * in + 3] = INFINITY;
  const auto y = values_of(linear(tensor_of(x, {rows, in}), tensor_of(w, {out, in}), std::nullopt));
  for (int64_t i = 0; i < rows * out; ++i) {
    CHECK(std::isnan(y[i]) == (i / out == 13));
    if (i / out != 13) CHECK(std::isinf(y[i]) == (i % out == 44));
  }
}

TEST_CASE("linear keeps leading dimensions and names the argument that does not fit") {
  const Tensor x = tensor_of(normal(24, 1), {2, 3, 4}), weight = tensor_of(normal(20, 2), {5, 4});
  CHECK(linear(x, weight, std::nullopt).shape() == Shape{2, 3, 5});
  CHECK(linear_input_gradient(linear(x, weight, std::nullopt), weight).shape() == x.shape());
  CHECK_THROWS_WITH(linear(x, tensor_of(normal(15, 2), {5, 3}), std::nullopt),
                    "[linear] expected shape [5, 4] for weight, got [5, 3]");
  CHECK_THROWS_WITH(linear(x, weight, tensor_of(normal(4, 2))),
                    "[linear] expected shape [5] for bias, got [4]");
  CHECK_THROWS_AS(linear(x, tensor_of(normal(4, 2)), std::nullopt), ArgumentError);
  CHECK_THROWS_AS(linear_weight_gradient(x, weight), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
