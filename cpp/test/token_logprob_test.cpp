#include "ops/token_logprob.h"

#include "ops/packed_weight.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

struct Case {
  int64_t tokens, width, vocabulary;
  float temperature;
};
// Around the row tiles (48), the chunks of the vocabulary (512), and the passes of the backward (8 chunks).
const Case kCases[] = {{1, 1, 1, 1.0f},     {1, 16, 64, 0.6f},    {63, 33, 511, 1.0f}, {64, 20, 512, 0.6f},
                       {65, 17, 513, 2.0f}, {1000, 8, 100, 0.6f}, {50, 5, 4700, 0.3f}, {0, 4, 9, 1.0f}};

struct Inputs {
  std::vector<float> hidden, weight, dlogprobs, dentropy;
  std::vector<int32_t> targets;
};

Inputs inputs_of(const Case& c) {
  Inputs in{normal(c.tokens * c.width, 1),
            normal(c.vocabulary * c.width, 2),
            normal(c.tokens, 3),
            normal(c.tokens, 4),
            {}};
  std::mt19937 rng(5);
  for (int64_t t = 0; t < c.tokens; ++t) in.targets.push_back(static_cast<int32_t>(rng() % c.vocabulary));
  return in;
}

using Doubles = std::vector<double>;
struct Reference {
  Doubles logprobs, entropy, lse, dhidden, dweight;
};

Reference reference(const Case& c, const Inputs& in, bool has_dentropy) {
  Reference ref{{}, {}, {}, Doubles(c.tokens * c.width), Doubles(c.vocabulary * c.width)};
  Doubles l(c.vocabulary);
  for (int64_t t = 0; t < c.tokens; ++t) {
    double top = -INFINITY, sum = 0, entropy = 0;
    for (int64_t v = 0; v < c.vocabulary; ++v) {
      l[v] = 0;
      for (int64_t i = 0; i < c.width; ++i)
        l[v] += double(in.hidden[t * c.width + i]) * in.weight[v * c.width + i];
      l[v] /= c.temperature;
      top = std::max(top, l[v]);
    }
    for (double x : l) sum += std::exp(x - top);
    const double lse = top + std::log(sum);
    for (double x : l) entropy -= std::exp(x - lse) * (x - lse);
    ref.logprobs.push_back(l[in.targets[t]] - lse);
    ref.entropy.push_back(entropy);
    ref.lse.push_back(lse);
    for (int64_t v = 0; v < c.vocabulary; ++v) {
      const double p = std::exp(l[v] - lse), is_target = v == in.targets[t] ? 1 : 0;
      double g = in.dlogprobs[t] * (is_target - p);
      if (has_dentropy) g -= in.dentropy[t] * p * (l[v] - lse + entropy);
      for (int64_t i = 0; i < c.width; ++i) {
        ref.dhidden[t * c.width + i] += g / c.temperature * in.weight[v * c.width + i];
        ref.dweight[v * c.width + i] += g / c.temperature * in.hidden[t * c.width + i];
      }
    }
  }
  return ref;
}

TEST_CASE("token_logprob agrees with its formula in float64, with the same bits every way") {
  for (const Case& c : kCases) {
    CAPTURE(c.tokens);
    CAPTURE(c.vocabulary);
    const Inputs in = inputs_of(c);
    const Reference ref = reference(c, in, false);
    std::vector<float> logprobs, entropy, lse;
    same_every_way([&] {
      const auto out =
          token_logprob(tensor_of(in.hidden, {c.tokens, c.width}),
                        tensor_of(in.weight, {c.vocabulary, c.width}), tensor_of(in.targets), c.temperature);
      logprobs = values_of(out.logprobs), entropy = values_of(out.entropy), lse = values_of(out.lse);
      return joined({logprobs, entropy, lse});
    });
    CHECK(relative_error(logprobs, ref.logprobs) < 1e-6);
    CHECK(relative_error(entropy, ref.entropy) < 1e-6);
    CHECK(relative_error(lse, ref.lse) < 1e-6);
  }
}

TEST_CASE("token_logprob_backward agrees with its formula in float64, with the same bits every way") {
  for (const Case& c : kCases)
    for (bool has_dentropy : {false, true}) {
      CAPTURE(c.tokens);
      CAPTURE(c.vocabulary);
      CAPTURE(has_dentropy);
      const Inputs in = inputs_of(c);
      const Reference ref = reference(c, in, has_dentropy);
      std::vector<float> dhidden, dweight;
      same_every_way([&] {
        const Tensor hidden = tensor_of(in.hidden, {c.tokens, c.width}), targets = tensor_of(in.targets);
        const Tensor weight = tensor_of(in.weight, {c.vocabulary, c.width});
        const auto out = token_logprob(hidden, weight, targets, c.temperature);
        const auto dentropy = has_dentropy ? std::optional(tensor_of(in.dentropy)) : std::nullopt;
        const auto gradients = token_logprob_backward(tensor_of(in.dlogprobs), dentropy, hidden, weight,
                                                      targets, out.entropy, out.lse, c.temperature);
        dhidden = values_of(gradients.dhidden), dweight = values_of(gradients.dweight);
        return joined({dhidden, dweight});
      });
      CHECK(relative_error(dhidden, ref.dhidden) < 3e-6);
      CHECK(relative_error(dweight, ref.dweight) < 3e-6);
    }
}

TEST_CASE("a token has the same log-probability bits alone and in batches of 3 and 64") {
  const Case c{64, 300, 1100, 0.6f};
  const Inputs in = inputs_of(c);
  const Tensor weight = tensor_of(in.weight, {c.vocabulary, c.width});
  const auto run = [&](int64_t begin, int64_t end) {
    const std::vector<float> hidden(in.hidden.begin() + begin * c.width, in.hidden.begin() + end * c.width);
    const std::vector<int32_t> targets(in.targets.begin() + begin, in.targets.begin() + end);
    const auto out =
        token_logprob(tensor_of(hidden, {end - begin, c.width}), weight, tensor_of(targets), c.temperature);
    return std::pair{values_of(out.logprobs), values_of(out.entropy)};
  };
  for_each_way([&] {
    const auto [logprobs, entropy] = run(0, 64);
    for (int64_t batch : {1, 3})
      for (int64_t r = 0; r + batch <= 64; r += 9) {
        const auto [some, some_entropy] = run(r, r + batch);
        REQUIRE(same_bits(some, {logprobs.begin() + r, logprobs.begin() + r + batch}));
        REQUIRE(same_bits(some_entropy, {entropy.begin() + r, entropy.begin() + r + batch}));
      }
  });
}

TEST_CASE("the size of a pass over tokens and vocabulary does not change a bit of the gradients") {
  const Case c{600, 40, 1300, 0.7f};
  const Inputs in = inputs_of(c);
  std::vector<float> packed((c.vocabulary + 31) / 32 * 32 * c.width), logprobs(c.tokens), entropy(c.tokens),
      lse(c.tokens);
  std::vector<SoftmaxPartial> partial(c.tokens * num_vocabulary_chunks(c.vocabulary));
  run_on_cpu(PackWeight{in.weight.data(), packed.data(), c.vocabulary, c.width, WeightLayout::forward});
  std::vector<std::vector<float>> results;
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{600, 1300}, {256, 512}, {512, 1024}}) {
    run_on_cpu(TokenLogprobForward{in.hidden.data(), in.weight.data(), packed.data(), in.targets.data(),
                                   logprobs.data(), entropy.data(), lse.data(), partial.data(), c.tokens,
                                   c.width, c.vocabulary, rows, c.temperature});
    std::vector<float> dhidden(c.tokens * c.width, NAN), dweight(c.vocabulary * c.width, NAN),
        dlogits(rows * columns, NAN);
    run_on_cpu(TokenLogprobBackward{in.dlogprobs.data(), in.dentropy.data(), in.hidden.data(),
                                    in.weight.data(), packed.data(), in.targets.data(), entropy.data(),
                                    lse.data(), dhidden.data(), dweight.data(), dlogits.data(), c.tokens,
                                    c.width, c.vocabulary, rows, columns, c.temperature});
    results.push_back(joined({logprobs, entropy, lse, dhidden, dweight}));
    CHECK(same_bits(results.back(), results.front()));
  }
}

TEST_CASE("large logits neither overflow nor lose the target") {
  // two logits a = 3000 and b = 2990: logprob(a) = −ln(1 + e^−10), logprob(b) = −10 − ln(1 + e^−10)
  const Tensor hidden = tensor_of<float>({1, 1}, {2, 1}), weight = tensor_of<float>({3000, 2990}, {2, 1});
  const auto out = token_logprob(hidden, weight, tensor_of<int32_t>({0, 1}), 1.0f);
  const double tail = std::log1p(std::exp(-10.0));
  CHECK(relative_error(values_of(out.logprobs), {-tail, -10 - tail}) < 1e-6);
  // entropy = ln(1 + e^−10) + 10·e^−10 / (1 + e^−10), as exact as a float sum near 1 can be
  const double entropy = tail + 10 * std::exp(-10.0) / (1 + std::exp(-10.0));
  for (float got : values_of(out.entropy)) CHECK(std::abs(got - entropy) < 6e-8);
  // a vocabulary of logits so far apart that all but one vanish
  const auto far =
      token_logprob(tensor_of<float>({1}, {1, 1}), tensor_of<float>({1e30f, -1e38f, 3.0f}, {3, 1}),
                    tensor_of<int32_t>({0}), 1.0f);
  CHECK(values_of(far.logprobs)[0] == 0.0f);
  CHECK(values_of(far.entropy)[0] == 0.0f);
}

TEST_CASE("a NaN in one token's hidden state stays in that token") {
  const Case c{50, 9, 600, 1.0f};
  Inputs in = inputs_of(c);
  in.hidden[49 * c.width] = NAN;
  const auto out = token_logprob(tensor_of(in.hidden, {c.tokens, c.width}),
                                 tensor_of(in.weight, {c.vocabulary, c.width}), tensor_of(in.targets), 1.0f);
  for (const Tensor& t : {out.logprobs, out.entropy, out.lse}) {
    const auto values = values_of(t);
    for (int64_t i = 0; i < c.tokens; ++i) CHECK(std::isnan(values[i]) == (i == 49));
  }
}

TEST_CASE("token_logprob refuses targets outside the vocabulary and temperatures that are not positive") {
  const Tensor hidden = tensor_of(normal(6, 1), {2, 3}), weight = tensor_of(normal(12, 2), {4, 3});
  CHECK_THROWS_WITH(values_of(token_logprob(hidden, weight, tensor_of<int32_t>({0, 4}), 1.0f).logprobs),
                    "ArgumentError: [token_logprob] expected values in [0, 4) for targets, got 4 at 1");
  const Tensor targets = tensor_of<int32_t>({0, 3});
  CHECK_THROWS_WITH(token_logprob(hidden, weight, targets, 0.0f),
                    "[token_logprob] expected a positive number for temperature, got 0");
  CHECK_THROWS_AS(token_logprob(hidden, weight, targets, NAN), ArgumentError);
  CHECK_THROWS_WITH(token_logprob(hidden, tensor_of(normal(8, 2), {4, 2}), targets, 1.0f),
                    "[token_logprob] expected shape [4, 3] for weight, got [4, 2]");
  CHECK_THROWS_AS(token_logprob(hidden, weight, tensor_of<int32_t>({0}), 1.0f), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
