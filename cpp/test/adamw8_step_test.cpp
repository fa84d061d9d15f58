#include "ops/adamw8_step.h"

#include <algorithm>
#include <limits>

#include "ops/gather_rows.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

constexpr size_t kBlock = 256;

size_t blocks_of(size_t n) { return (n + kBlock - 1) / kBlock; }

// The paper's map, from its description: an indicator bit after k zeros says the decade, the bits behind it
// one of 2^(levels) equal parts of [0.1, 1].
std::vector<double> map_of(bool has_sign) {
  std::vector<double> values{0.0, 1.0};
  for (int zeros = 0; zeros < 7; ++zeros) {
    const int parts = 1 << ((has_sign ? 6 : 7) - zeros);
    for (int part = 0; part < parts; ++part) {
      const double low = 0.1 + part * 0.9 / parts, high = 0.1 + (part + 1) * 0.9 / parts;
      const double value = std::pow(10.0, -zeros) * (low + high) / 2;
      values.push_back(value);
      if (has_sign) values.push_back(-value);
    }
  }
  std::sort(values.begin(), values.end());
  return values;
}

// How much further from x the code's value is than the nearest one, in parts of their distance to 1.
double excess(const std::vector<double>& map, uint8_t code, double x) {
  double nearest = INFINITY;
  for (const double value : map) nearest = std::min(nearest, std::abs(value - x));
  return std::abs(map[code] - x) - nearest;
}

struct State {
  std::vector<Tensor> params, grads, m, m_scales, v, v_scales;
  Tensor norm;

  void step(const AdamwOptions& options) const {
    adamw8_step(params, grads, m, m_scales, v, v_scales, norm, options);
  }
};

State state_of(const std::vector<std::vector<float>>& params, const std::vector<std::vector<float>>& grads,
               float norm = 1) {
  State s;
  s.norm = tensor_of<float>({norm}, {});
  for (size_t i = 0; i < params.size(); ++i) {
    const size_t n = params[i].size();
    s.params.push_back(tensor_of(params[i]));
    s.grads.push_back(tensor_of(grads[i]));
    for (auto* codes : {&s.m, &s.v}) codes->push_back(tensor_of(std::vector<uint8_t>(n, 0)));
    for (auto* scales : {&s.m_scales, &s.v_scales})
      scales->push_back(tensor_of(std::vector<float>(blocks_of(n), 0.0f)));
  }
  return s;
}

// Everything a step writes, codes as numbers.
std::vector<float> all_of(const State& s) {
  std::vector<float> all;
  for (size_t i = 0; i < s.params.size(); ++i) {
    for (const auto* t : {&s.params[i], &s.m_scales[i], &s.v_scales[i]})
      for (const float x : values_of(*t)) all.push_back(x);
    for (const auto* t : {&s.m[i], &s.v[i]})
      for (const uint8_t c : values_of<uint8_t>(*t)) all.push_back(c);
  }
  return all;
}

// One tensor's values as the host sees them.
struct Values {
  std::vector<float> p, m_scales, v_scales;
  std::vector<uint8_t> m, v;
};

Values values_of(const State& s, size_t i) {
  return {test::values_of(s.params[i]), test::values_of(s.m_scales[i]), test::values_of(s.v_scales[i]),
          test::values_of<uint8_t>(s.m[i]), test::values_of<uint8_t>(s.v[i])};
}

// Checks a step from `before` to `after` in float64: parameters and scales, and that no code is worse than
// the nearest.
void check_step(const Values& before, const Values& after, const std::vector<float>& grads,
                const AdamwOptions& o, double factor) {
  static const auto signed_map = map_of(true), unsigned_map = map_of(false);
  const size_t n = grads.size();
  std::vector<double> p(n), m(n), v(n);
  std::vector<double> m_scales(blocks_of(n), 0.0), v_scales(blocks_of(n), 0.0);
  for (size_t i = 0; i < n; ++i) {
    const double g = factor * grads[i];
    const size_t block = i / kBlock;
    m[i] = o.beta1 * signed_map[before.m[i]] * before.m_scales[block] + (1 - o.beta1) * g;
    v[i] = o.beta2 * unsigned_map[before.v[i]] * before.v_scales[block] + (1 - o.beta2) * g * g;
    const double m_hat = m[i] / (1 - std::pow(o.beta1, double(o.step)));
    const double v_hat = v[i] / (1 - std::pow(o.beta2, double(o.step)));
    p[i] = before.p[i] * (1 - o.learning_rate * o.weight_decay) -
           o.learning_rate * m_hat / (std::sqrt(v_hat) + o.epsilon);
    m_scales[block] = std::max(m_scales[block], std::abs(m[i]));
    v_scales[block] = std::max(v_scales[block], v[i]);
  }
  CHECK(relative_error(after.p, p) < 1e-6);
  CHECK(relative_error(after.m_scales, m_scales) < 1e-6);
  CHECK(relative_error(after.v_scales, v_scales) < 1e-6);
  double worst = 0;
  for (size_t i = 0; i < n; ++i) {
    const size_t block = i / kBlock;
    if (m_scales[block] > 0) worst = std::max(worst, excess(signed_map, after.m[i], m[i] / m_scales[block]));
    // Above 0 it is rounded to the least level at least.
    const double x = v_scales[block] > 0 ? v[i] / v_scales[block] : 0;
    if (x > unsigned_map[1]) worst = std::max(worst, excess(unsigned_map, after.v[i], x));
    if (x <= unsigned_map[1]) CHECK(after.v[i] == (v[i] > 0 ? 1 : 0));
  }
  CHECK(worst < 1e-6);
}

TEST_CASE("every number's code is that of the nearest level, and each level's is its own") {
  for (const bool has_sign : {true, false}) {
    const auto map = map_of(has_sign);
    const MomentCodes& codes = has_sign ? signed_moment_codes() : unsigned_moment_codes();
    REQUIRE(map.size() == 256);
    const auto code_of = [&](float x) {
      const uint8_t first = codes.first_codes[std::bit_cast<uint32_t>(x) >> 16];
      return static_cast<uint8_t>(first + (x >= codes.borders[first]));
    };
    for (size_t c = 0; c < 256; ++c) {
      CHECK(codes.values[c] == static_cast<float>(map[c]));
      CHECK(code_of(codes.values[c]) == c);
    }
    double worst = 0;
    for (float x = 1.0f; x > 1e-8f; x *= 0.9999f)
      for (const float signed_x : {x, -x})
        if (has_sign || signed_x > 4e-7f) worst = std::max(worst, excess(map, code_of(signed_x), signed_x));
    for (size_t c = 0; c < 255; ++c)  // both sides of each border
      for (const float toward : {-2.0f, 2.0f}) {
        const float x = std::nextafter(static_cast<float>((map[c] + map[c + 1]) / 2), toward);
        if (has_sign || x > 4e-7f) worst = std::max(worst, excess(map, code_of(x), x));
      }
    CHECK(worst < 1e-7);
  }
  const MomentCodes& codes = unsigned_moment_codes();
  const float least = std::numeric_limits<float>::denorm_min();
  CHECK(codes.first_codes[0] + (least >= codes.borders[0]) == 1);
  CHECK(codes.first_codes[0] + (0.0f >= codes.borders[0]) == 0);
}

TEST_CASE(
    "six steps agree with AdamW in float64 between decoding and encoding, with the same bits every way") {
  const AdamwOptions options{.learning_rate = 0.01, .beta2 = 0.99, .weight_decay = 0.1, .max_grad_norm = 2};
  const double factor = 2 / (8 + 1e-6);
  for (const auto& sizes : {std::vector<size_t>{1}, {255, 0, 257}, {16385, 512, 4097}}) {
    std::vector<std::vector<float>> params, grads;
    for (const size_t n : sizes) {
      params.push_back(normal(n, 1 + uint32_t(n)));
      grads.push_back(normal(n, 2 + uint32_t(n), 1e-3f));
      for (size_t i = 0; i < n; i += 7) grads.back()[i] *= 1e-4f;  // small ones beside large ones
    }
    same_every_way([&] {
      const State s = state_of(params, grads, 8);
      AdamwOptions at = options;
      for (at.step = 1; at.step <= 6; ++at.step) {
        std::vector<Values> before;
        for (size_t i = 0; i < sizes.size(); ++i) before.push_back(values_of(s, i));
        s.step(at);
        for (size_t i = 0; i < sizes.size(); ++i)
          check_step(before[i], values_of(s, i), grads[i], at, factor);
      }
      return all_of(s);
    });
  }
}

TEST_CASE("a block without gradients stays at 0, and one that had some forgets them in the end") {
  std::vector<float> g(512, 0.0f);
  const State s = state_of({normal(512, 1)}, {g});
  s.step({.weight_decay = 0});
  CHECK(same_bits(test::values_of(s.params[0]), normal(512, 1)));
  CHECK(same_bits(test::values_of(s.m_scales[0]), {0, 0}));
  for (size_t i = 256; i < 512; ++i) g[i] = 1e-20f;  // whose squares are no float
  State with = s;
  with.grads = {tensor_of(g)};
  AdamwOptions at{.beta1 = 0.5, .weight_decay = 0};
  with.step(at);
  CHECK(test::values_of(s.m_scales[0])[0] == 0);
  CHECK(test::values_of(s.m_scales[0])[1] > 0);
  for (at.step = 2; at.step <= 200; ++at.step) s.step(at);
  CHECK(same_bits(test::values_of(s.m_scales[0]), {0, 0}));
  for (const float p : test::values_of(s.params[0])) CHECK(std::isfinite(p));
}

TEST_CASE("a norm that is not finite, or a poisoned gradient, leaves 8-bit moments as they were") {
  const auto p = normal(20000, 1), g = normal(20000, 2);
  const State first = state_of({p}, {g});
  first.step({});
  const auto before = all_of(first);
  State s = first;
  for (const float norm : {NAN, INFINITY, -INFINITY}) {
    s.norm = tensor_of<float>({norm}, {});
    s.step({.step = 2, .max_grad_norm = 1});
    CHECK(same_bits(all_of(s), before));
  }
  s = first;
  s.grads = {gather_rows(first.grads[0], tensor_of(std::vector<int32_t>(20000, -1)))};
  s.step({.step = 2});
  CHECK(same_bits(all_of(s), before));
}

TEST_CASE("adamw8_step wants codes of the parameters' shapes and a scale for each block") {
  const State good = state_of({normal(300, 1), normal(3, 1)}, {normal(300, 2), normal(3, 2)});
  const auto refuses = [&](const auto& change) {
    State s = good;
    change(s);
    CHECK_THROWS_AS(s.step({}), ArgumentError);
  };
  refuses([](State& s) { s.m.pop_back(); });
  refuses([](State& s) { s.v[0] = s.params[0]; });
  refuses([](State& s) { std::swap(s.m_scales[0], s.m_scales[1]); });
  refuses([](State& s) { s.v_scales[0] = s.v[0]; });
  refuses([](State& s) { s.norm = s.params[0]; });
  CHECK_THROWS_AS(good.step({.step = 0}), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
