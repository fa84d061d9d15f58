// Ops that read a frozen weight take it in bf16: every bit of theirs is the one of the same values in f32.
#include <algorithm>

#include "ops/cast.h"
#include "ops/embedding.h"
#include "ops/linear.h"
#include "ops/sample_token.h"
#include "ops/token_logprob.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

// One weight in bf16, and its values in f32.
struct Weight {
  Tensor narrow, wide;
};

Weight weight_of(int64_t rows, int64_t columns, uint32_t seed) {
  const Tensor narrow = cast(tensor_of(normal(rows * columns, seed), {rows, columns}), DType::bf16);
  return {narrow, cast(narrow, DType::f32)};
}

std::vector<int32_t> random_indices(int64_t count, int64_t below) {
  std::mt19937 rng(5);
  std::vector<int32_t> indices(count);
  for (int32_t& i : indices) i = static_cast<int32_t>(rng() % below);
  return indices;
}

// That both weights give one result, however the op is run.
template <class Op>
void check_same_bits(const Weight& weight, const Op& op) {
  const auto expected = same_every_way([&] { return op(weight.wide); });
  CHECK(same_bits(same_every_way([&] { return op(weight.narrow); }), expected));
}

TEST_CASE("linear and its input gradient have the bits of the widened weight") {
  struct Case {
    int64_t rows, in, out;
  };
  // around the tiles (6 and 12 rows, 16 and 32 columns), the tasks and the cut of the inner dimension (256)
  for (const auto& [rows, in, out] : {Case{1, 1, 1}, Case{0, 5, 7}, Case{5, 15, 16}, Case{13, 257, 33},
                                      Case{97, 130, 300}, Case{25, 600, 65}}) {
    CAPTURE(rows);
    CAPTURE(in);
    CAPTURE(out);
    const Weight weight = weight_of(out, in, 2);
    const Tensor x = tensor_of(normal(rows * in, 1), {rows, in}), bias = tensor_of(normal(out, 3));
    const Tensor dy = tensor_of(normal(rows * out, 4), {rows, out});
    check_same_bits(weight, [&](const Tensor& w) { return values_of(linear(x, w, bias)); });
    check_same_bits(weight, [&](const Tensor& w) { return values_of(linear_input_gradient(dy, w)); });
  }
}

TEST_CASE("token_logprob and its backward have the bits of the widened weight") {
  struct Case {
    int64_t tokens, width, vocabulary;
  };
  for (const auto& [tokens, width, vocabulary] :
       {Case{1, 1, 1}, Case{65, 17, 513}, Case{300, 40, 100}, Case{50, 5, 4700}, Case{0, 4, 9}}) {
    CAPTURE(tokens);
    CAPTURE(vocabulary);
    const Weight weight = weight_of(vocabulary, width, 2);
    const Tensor hidden = tensor_of(normal(tokens * width, 1), {tokens, width});
    const Tensor targets = tensor_of(random_indices(tokens, vocabulary));
    const Tensor dlogprobs = tensor_of(normal(tokens, 3)), dentropy = tensor_of(normal(tokens, 4));
    check_same_bits(weight, [&](const Tensor& w) {
      const auto out = token_logprob(hidden, w, targets, 0.7f);
      const auto gradients = token_logprob_backward(dlogprobs, dentropy, hidden, w, targets, out.entropy,
                                                    out.lse, 0.7f, /*needs_dweight=*/false);
      CHECK(!gradients.dweight.defined());
      return joined({values_of(out.logprobs), values_of(out.entropy), values_of(gradients.dhidden)});
    });
  }
}

TEST_CASE("dhidden has the same bits with and without the weight's own gradient") {
  const Tensor hidden = tensor_of(normal(65 * 17, 1), {65, 17}),
               weight = tensor_of(normal(600 * 17, 2), {600, 17});
  const Tensor targets = tensor_of(random_indices(65, 600)), dlogprobs = tensor_of(normal(65, 3));
  const auto out = token_logprob(hidden, weight, targets, 1.0f);
  const auto dhidden = [&](bool needs_dweight) {
    return values_of(token_logprob_backward(dlogprobs, std::nullopt, hidden, weight, targets, out.entropy,
                                            out.lse, 1.0f, needs_dweight)
                         .dhidden);
  };
  CHECK(same_bits(dhidden(false), dhidden(true)));
}

TEST_CASE("sample_token draws the tokens of the widened weight, with their bits") {
  const Weight weight = weight_of(1500, 50, 2);
  const Tensor hidden = tensor_of(normal(40 * 50, 1, 0.5f), {40, 50}),
               rows = tensor_of(random_indices(40, 1000));
  for (const SampleTokenOptions& options :
       {SampleTokenOptions{.temperature = 0.6f, .seed = 3}, SampleTokenOptions{.top_k = 5, .top_p = 0.8f}})
    check_same_bits(weight, [&](const Tensor& w) {
      const auto out = sample_token(hidden, w, rows, rows, options);
      const auto tokens = values_of<int32_t>(out.tokens);
      return joined({values_of(out.logprobs), std::vector<float>(tokens.begin(), tokens.end())});
    });
}

TEST_CASE("embedding widens its rows") {
  for (const int64_t width : {1, 15, 16, 33, 300}) {
    const Weight weight = weight_of(40, width, 2);
    const Tensor tokens = tensor_of(random_indices(70, 40));
    check_same_bits(weight, [&](const Tensor& w) { return values_of(embedding(w, tokens)); });
  }
}

TEST_CASE("NaN and infinities of a bf16 weight stay in their columns") {
  std::vector<float> w = normal(45 * 40, 2);
  w[44 * 40 + 3] = INFINITY;
  w[7 * 40 + 39] = NAN;
  const Tensor weight = cast(tensor_of(w, {45, 40}), DType::bf16);
  const auto y = values_of(linear(tensor_of(normal(14 * 40, 1), {14, 40}), weight, std::nullopt));
  for (int64_t i = 0; i < 14 * 45; ++i) {
    CHECK(std::isnan(y[i]) == (i % 45 == 7));
    if (i % 45 != 7) CHECK(std::isinf(y[i]) == (i % 45 == 44));
  }
}

TEST_CASE("a bf16 weight has no gradient, and other dtypes are no weights") {
  const Tensor hidden = tensor_of(normal(4, 1), {1, 4}), row = tensor_of<float>({1.0f});
  const Tensor weight = weight_of(3, 4, 2).narrow, targets = tensor_of<int32_t>({0});
  CHECK_THROWS_WITH(token_logprob_backward(row, std::nullopt, hidden, weight, targets, row, row, 1.0f,
                                           /*needs_dweight=*/true),
                    "[token_logprob_backward] expected f32 for weight, got bf16");
  const Tensor ints = tensor_of<int32_t>({1, 2, 3, 4}, {1, 4});
  CHECK_THROWS_WITH(linear(hidden, ints, std::nullopt), "[linear] expected f32 or bf16 for weight, got i32");
  CHECK_THROWS_WITH(embedding(ints, targets), "[embedding] expected f32 or bf16 for weight, got i32");
  CHECK_THROWS_WITH(linear(weight, weight, std::nullopt), "[linear] expected f32 for x, got bf16");
}

}  // namespace
}  // namespace lengthen::test
