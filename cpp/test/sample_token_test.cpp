#include "ops/sample_token.h"

#include "ops/token_logprob.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Drawn {
  std::vector<int32_t> tokens;
  std::vector<float> logprobs;
};

std::vector<int32_t> counting(int64_t n) {
  std::vector<int32_t> v(n);
  for (int64_t i = 0; i < n; ++i) v[i] = static_cast<int32_t>(i);
  return v;
}

// Width 1 and hidden 1: the weights are the logits. Row i has position i.
Drawn draw_from_logits(const std::vector<float>& logits, int64_t rows, const SampleTokenOptions& options) {
  const Tensor hidden = tensor_of(std::vector<float>(rows, 1.0f), {rows, 1});
  const Tensor weight = tensor_of(logits, {static_cast<int64_t>(logits.size()), 1});
  const auto out = sample_token(hidden, weight, tensor_of(std::vector<int32_t>(rows, 7)),
                                tensor_of(counting(rows)), options);
  return {values_of<int32_t>(out.tokens), values_of(out.logprobs)};
}

std::vector<int64_t> counts_of(const Drawn& drawn, int64_t vocabulary) {
  std::vector<int64_t> counts(vocabulary);
  for (int32_t token : drawn.tokens) {
    REQUIRE(token >= 0);
    REQUIRE(token < vocabulary);
    ++counts[token];
  }
  return counts;
}

// Σ (count − expected)² / expected; tokens of probability 0 must not occur.
double chi_square(const std::vector<int64_t>& counts, const std::vector<double>& probabilities, int64_t n) {
  double chi = 0;
  for (size_t v = 0; v < counts.size(); ++v) {
    if (probabilities[v] == 0) REQUIRE(counts[v] == 0);
    if (probabilities[v] == 0) continue;
    const double expected = probabilities[v] * n;
    chi += (counts[v] - expected) * (counts[v] - expected) / expected;
  }
  return chi;
}

std::vector<float> logs_of(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

TEST_CASE("sample_token gives its token the very bits that token_logprob gives it") {
  const int64_t rows = 64, width = 50;
  for (int64_t vocabulary : {1, 31, 64, 513, 1500})
    for (const SampleTokenOptions& options :
         {SampleTokenOptions{.temperature = 0.6f, .seed = 3},
          SampleTokenOptions{.temperature = 1.3f, .top_k = 5, .top_p = 0.8f},
          SampleTokenOptions{.temperature = 0}}) {
      CAPTURE(vocabulary);
      CAPTURE(options.temperature);
      const auto h = normal(rows * width, 1, 0.5f), w = normal(vocabulary * width, 2, 0.5f);
      same_every_way([&] {
        const Tensor hidden = tensor_of(h, {rows, width}), weight = tensor_of(w, {vocabulary, width});
        const auto out =
            sample_token(hidden, weight, tensor_of(counting(rows)), tensor_of(counting(rows)), options);
        const float temperature = options.temperature == 0 ? 1.0f : options.temperature;
        const auto logprobs = values_of(out.logprobs);
        REQUIRE(
            same_bits(logprobs, values_of(token_logprob(hidden, weight, out.tokens, temperature).logprobs)));
        return logprobs;
      });
    }
}

TEST_CASE("a row draws the same token alone and in batches of 3 and 64") {
  const int64_t rows = 64, width = 300, vocabulary = 700;
  const auto h = normal(rows * width, 1, 0.1f), w = normal(vocabulary * width, 2);
  const Tensor weight = tensor_of(w, {vocabulary, width});
  const auto ids = counting(rows);
  const auto run = [&](int64_t begin, int64_t end, const SampleTokenOptions& options) {
    const std::vector<float> hidden(h.begin() + begin * width, h.begin() + end * width);
    const Tensor t_ids = tensor_of(std::vector<int32_t>(ids.begin() + begin, ids.begin() + end));
    const auto out = sample_token(tensor_of(hidden, {end - begin, width}), weight, t_ids, t_ids, options);
    return Drawn{values_of<int32_t>(out.tokens), values_of(out.logprobs)};
  };
  for (const SampleTokenOptions& options :
       {SampleTokenOptions{.seed = 11}, SampleTokenOptions{.top_k = 40, .top_p = 0.9f, .seed = 11}})
    for_each_way([&] {
      const Drawn all = run(0, rows, options);
      for (int64_t batch : {1, 3})
        for (int64_t r = 0; r + batch <= rows; r += 9) {
          const Drawn some = run(r, r + batch, options);
          for (int64_t i = 0; i < batch; ++i) REQUIRE(some.tokens[i] == all.tokens[r + i]);
          REQUIRE(same_bits(some.logprobs, {all.logprobs.begin() + r, all.logprobs.begin() + r + batch}));
        }
    });
}

TEST_CASE("draws follow the distribution, over one chunk of the vocabulary and over several") {
  const int64_t n = 20000;
  for (int64_t vocabulary : {5, 2000}) {
    // five tokens with chances, spread over the vocabulary; the others underflow to nothing
    const double chances[] = {0.5, 0.25, 0.15, 0.09, 0.01};
    std::vector<double> p(vocabulary);
    std::vector<float> logits(vocabulary, -300.0f);
    for (int64_t i = 0; i < 5; ++i) {
      const int64_t token = i * (vocabulary - 1) / 4;
      p[token] = chances[i];
      logits[token] = static_cast<float>(std::log(chances[i]));
    }
    for (int64_t seed : {1, 2, 3}) {
      const auto counts = counts_of(draw_from_logits(logits, n, {.seed = seed}), vocabulary);
      CHECK(chi_square(counts, p, n) < 18.5);  // 4 degrees of freedom: once in a thousand
    }
  }
}

TEST_CASE("temperature sharpens the distribution") {
  // probabilities 0.6 and 0.4 at temperature 0.5 become 0.36 : 0.16 = 9 : 4
  const int64_t n = 20000;
  const auto counts = counts_of(draw_from_logits(logs_of({0.6, 0.4}), n, {.temperature = 0.5f}), 2);
  CHECK(chi_square(counts, {9.0 / 13, 4.0 / 13}, n) < 10.8);  // 1 degree of freedom
}

TEST_CASE("top-k keeps the k most probable tokens, the first among equals, and renormalises the draw only") {
  const int64_t n = 10000;
  const auto logits = logs_of({0.1, 0.3, 0.2, 0.2, 0.2});
  const Drawn drawn = draw_from_logits(logits, n, {.top_k = 3});
  CHECK(chi_square(counts_of(drawn, 5), {0, 3.0 / 7, 2.0 / 7, 2.0 / 7, 0}, n) <
        13.8);  // 2 degrees of freedom
  for (int64_t i = 0; i < 20; ++i)
    CHECK(drawn.logprobs[i] == doctest::Approx(logits[drawn.tokens[i]]).epsilon(1e-6));
  // 1: the most probable; as many as there are, or more: everything
  CHECK(counts_of(draw_from_logits(logits, 100, {.top_k = 1}), 5)[1] == 100);
  CHECK(counts_of(draw_from_logits({0.0f, 1.0f, 1.0f}, 100, {.top_k = 1}), 3)[1] == 100);
  CHECK(draw_from_logits(logits, 500, {.top_k = 5}).tokens == draw_from_logits(logits, 500, {}).tokens);
  CHECK(draw_from_logits(logits, 500, {.top_k = 99}).tokens == draw_from_logits(logits, 500, {}).tokens);
}

TEST_CASE("top-p keeps the smallest set that reaches p, never nothing") {
  const int64_t n = 10000;
  const auto logits = logs_of({0.1, 0.4, 0.2, 0.3});
  // 0.4 + 0.3 = 0.7 falls short of 0.75, so 0.2 joins
  CHECK(chi_square(counts_of(draw_from_logits(logits, n, {.top_p = 0.75f}), 4),
                   {0, 4.0 / 9, 2.0 / 9, 3.0 / 9}, n) < 13.8);
  CHECK(chi_square(counts_of(draw_from_logits(logits, n, {.top_p = 0.65f}), 4), {0, 4.0 / 7, 0, 3.0 / 7}, n) <
        10.8);
  CHECK(counts_of(draw_from_logits(logits, 200, {.top_p = 1e-6f}), 4)[1] == 200);
  // of the three that top-k leaves, 4 : 3 : 2, the first has 0.44 < 0.5 and two have 0.78
  CHECK(chi_square(counts_of(draw_from_logits(logits, n, {.top_k = 3, .top_p = 0.5f}), 4),
                   {0, 4.0 / 7, 0, 3.0 / 7}, n) < 10.8);
  // equal tokens: the first ones
  const auto flat = counts_of(draw_from_logits(std::vector<float>(40, -2.0f), n, {.top_p = 0.5f}), 40);
  for (int64_t v = 0; v < 40; ++v) CHECK((flat[v] > 0) == (v < 20));
}

TEST_CASE("temperature 0 takes the most probable token, the lowest index among equals") {
  CHECK(draw_from_logits({-1.0f, 2.0f, 2.0f, 0.0f}, 1, {.temperature = 0}).tokens[0] == 1);
  std::vector<float> logits(1500, -5.0f);
  logits[1400] = logits[700] = 0.5f;
  CHECK(draw_from_logits(logits, 3, {.temperature = 0}).tokens == std::vector<int32_t>{700, 700, 700});
}

TEST_CASE("a draw depends on seed, sequence and position") {
  const std::vector<float> flat(256, 0.0f);
  const auto first = draw_from_logits(flat, 200, {.seed = 1}).tokens;
  CHECK(first == draw_from_logits(flat, 200, {.seed = 1}).tokens);
  CHECK(first != draw_from_logits(flat, 200, {.seed = 2}).tokens);
  CHECK(first != draw_from_logits(flat, 200, {.seed = int64_t{1} << 40 | 1}).tokens);
  CHECK(counts_of({first, {}}, 256) != std::vector<int64_t>(256, 200));
}

TEST_CASE("sample_token names the row whose logits are NaN, and the option that is out of range") {
  const Tensor weight = tensor_of(normal(12, 2), {4, 3}), ids = tensor_of(counting(2));
  auto h = normal(6, 1);
  h[4] = NAN;
  const auto out = sample_token(tensor_of(h, {2, 3}), weight, ids, ids, {});
  CHECK_THROWS_WITH(
      values_of<int32_t>(out.tokens),
      "ArgumentError: [sample_token] expected finite logits, row 1 has NaN logits or an infinite one");
  const Tensor hidden = tensor_of(normal(6, 1), {2, 3});
  CHECK_THROWS_AS(sample_token(hidden, weight, ids, ids, {.temperature = -1}), ArgumentError);
  CHECK_THROWS_AS(sample_token(hidden, weight, ids, ids, {.temperature = NAN}), ArgumentError);
  CHECK_THROWS_AS(sample_token(hidden, weight, ids, ids, {.top_k = -1}), ArgumentError);
  CHECK_THROWS_WITH(sample_token(hidden, weight, ids, ids, {.top_p = 0}),
                    "[sample_token] expected a number above 0 and at most 1 for topP, got 0");
  CHECK_THROWS_AS(sample_token(hidden, weight, ids, tensor_of(counting(3)), {}), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
