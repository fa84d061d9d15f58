#include "ops/adamw_step.h"

#include "ops/gather_rows.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

using Values = std::vector<std::vector<float>>;

struct State {
  std::vector<Tensor> params, grads, m, v;
};

State state_of(const Values& params, const Values& grads) {
  State s;
  for (size_t i = 0; i < params.size(); ++i) {
    s.params.push_back(tensor_of(params[i]));
    s.grads.push_back(tensor_of(grads[i]));
    s.m.push_back(tensor_of(std::vector<float>(params[i].size(), 0.0f)));
    s.v.push_back(tensor_of(std::vector<float>(params[i].size(), 0.0f)));
  }
  return s;
}

std::vector<float> all_of(const std::vector<Tensor>& tensors) {
  std::vector<float> all;
  for (const Tensor& t : tensors)
    for (const float x : values_of(t)) all.push_back(x);
  return all;
}

// torch.optim.AdamW for one element, in float64.
struct Reference {
  double p, m = 0, v = 0;
  void step(double g, const AdamwOptions& o) {
    p -= o.learning_rate * o.weight_decay * p;
    m = o.beta1 * m + (1 - o.beta1) * g;
    v = o.beta2 * v + (1 - o.beta2) * g * g;
    const double m_hat = m / (1 - std::pow(o.beta1, double(o.step)));
    const double v_hat = v / (1 - std::pow(o.beta2, double(o.step)));
    p -= o.learning_rate * m_hat / (std::sqrt(v_hat) + o.epsilon);
  }
};

TEST_CASE("ten steps agree with AdamW in float64, with the same bits every way") {
  const AdamwOptions options{.learning_rate = 0.01, .beta2 = 0.99, .weight_decay = 0.1};
  for (const auto& sizes : {std::vector<size_t>{1}, {17, 0, 3}, {16385, 1, 40000}}) {
    Values params, grads;
    std::vector<Reference> references;
    for (const size_t n : sizes) {
      params.push_back(normal(n, 1 + uint32_t(n)));
      grads.push_back(normal(n, 2 + uint32_t(n), 1e-3f));
      for (const float p : params.back()) references.push_back({p});
    }
    const auto p = same_every_way([&] {
      const State s = state_of(params, grads);
      AdamwOptions at = options;
      for (at.step = 1; at.step <= 10; ++at.step) adamw_step(s.params, s.grads, s.m, s.v, {}, at);
      return all_of(s.params);
    });
    std::vector<double> expected;
    size_t i = 0;
    for (const auto& grad : grads)
      for (const float g : grad) {
        AdamwOptions at = options;
        for (at.step = 1; at.step <= 10; ++at.step) references[i].step(g, at);
        expected.push_back(references[i++].p);
      }
    CHECK(relative_error(p, expected) < 1e-6);
  }
}

TEST_CASE("clipping scales the gradient by maxGradNorm over the norm, and never up") {
  const auto p = normal(100, 1), g = normal(100, 2);
  const AdamwOptions options{.max_grad_norm = 2};
  for (const float norm : {8.0f, 0.5f}) {
    const double factor = std::min(1.0, 2 / (norm + 1e-6));
    const State s = state_of({p}, {g});
    adamw_step(s.params, s.grads, s.m, s.v, tensor_of<float>({norm}, {}), options);
    std::vector<double> m, v;
    for (const float x : g) {
      m.push_back(0.1 * factor * x);
      v.push_back(0.001 * factor * x * factor * x);
    }
    CHECK(relative_error(values_of(s.m[0]), m) < 1e-6);
    CHECK(relative_error(values_of(s.v[0]), v) < 1e-6);
  }
}

TEST_CASE("a norm that is not finite, or a poisoned gradient, leaves everything as it was") {
  const auto p = normal(20000, 1), g = normal(20000, 2);
  for (const float norm : {NAN, INFINITY, -INFINITY}) {
    const State s = state_of({p}, {g});
    adamw_step(s.params, s.grads, s.m, s.v, tensor_of<float>({norm}, {}), {.max_grad_norm = 1});
    CHECK(same_bits(values_of(s.params[0]), p));
    CHECK(same_bits(joined({values_of(s.m[0]), values_of(s.v[0])}), std::vector<float>(40000, 0.0f)));
  }
  State s = state_of({p}, {g});
  s.grads[0] = gather_rows(s.grads[0], tensor_of(std::vector<int32_t>(20000, -1)));
  adamw_step(s.params, s.grads, s.m, s.v, {}, {});
  CHECK(same_bits(values_of(s.params[0]), p));
}

TEST_CASE("adamw_step wants as many tensors of the same shapes, sane options, and a norm to clip by") {
  const State s = state_of({normal(4, 1), normal(3, 1)}, {normal(4, 2), normal(3, 2)});
  CHECK_THROWS_AS(adamw_step(s.params, {s.grads[0]}, s.m, s.v, {}, {}), ArgumentError);
  CHECK_THROWS_AS(adamw_step(s.params, {s.grads[1], s.grads[0]}, s.m, s.v, {}, {}), ArgumentError);
  CHECK_THROWS_AS(adamw_step({}, {}, {}, {}, {}, {}), ArgumentError);
  CHECK_THROWS_AS(adamw_step(s.params, s.grads, s.m, s.v, {}, {.step = 0}), ArgumentError);
  CHECK_THROWS_AS(adamw_step(s.params, s.grads, s.m, s.v, {}, {.beta1 = 1}), ArgumentError);
  CHECK_THROWS_AS(adamw_step(s.params, s.grads, s.m, s.v, {}, {.max_grad_norm = 1}), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
