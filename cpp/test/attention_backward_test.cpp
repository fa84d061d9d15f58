#include "core/thread_pool.h"
#include "ops/attention.h"
#include "test/attention_reference.h"

namespace lengthen::test {
namespace {

struct Gradients {
  std::vector<float> dq, dk, dv;
};
Gradients run(const AttentionCase& c, const AttentionInputs& in) {
  const Tensor q = tensor_of(in.q, query_shape(c)), k = tensor_of(in.k, key_shape(c)),
               v = tensor_of(in.v, key_shape(c));
  const Tensor cu_seqlens = cu_seqlens_of(c);
  const AttentionResult saved = attention(q, k, v, cu_seqlens, c.scale(), c.causal);
  const AttentionGradients out = attention_backward(tensor_of(in.dout, query_shape(c)), q, k, v, saved.o,
                                                    saved.lse, cu_seqlens, c.scale(), c.causal);
  return {values_of(out.dq), values_of(out.dk), values_of(out.dv)};
}

bool same_bits(const Gradients& a, const Gradients& b) {
  return test::same_bits(a.dq, b.dq) && test::same_bits(a.dk, b.dk) && test::same_bits(a.dv, b.dv);
}

TEST_CASE("attention_backward agrees with its formula in float64") {
  for (const AttentionCase& c : attention_cases()) {
    CAPTURE(c.tokens());
    CAPTURE(c.head_size);
    CAPTURE(c.causal);
    const AttentionInputs in = attention_inputs(c, 11);
    const auto expected = attention_reference<double>(c, in);
    const auto plain = attention_reference<float>(c, in);
    const Gradients got = run(c, in);
    check_error(got.dq, plain.dq, expected.dq);
    check_error(got.dk, plain.dk, expected.dk);
    check_error(got.dv, plain.dv, expected.dv);
  }
}

TEST_CASE("attention_backward gives the same bits on every instruction set and with any number of threads") {
  for (const AttentionCase& c :
       {AttentionCase{{0, 65, 1, 90}, 4, 2, 32, true}, AttentionCase{{110}, 7, 1, 24, true},
        AttentionCase{{70, 3}, 3, 3, 8, false}}) {
    const AttentionInputs in = attention_inputs(c, 12);
    const Gradients first = run(c, in);
    for_each_target([&] { CHECK(same_bits(run(c, in), first)); });
    const int threads = num_threads();
    for (const int n : {1, 2, 3}) {
      set_num_threads(n);
      CHECK(same_bits(run(c, in), first));
    }
    set_num_threads(threads);
  }
}

TEST_CASE("a sequence's attention gradients have the same bits alone and in a pack") {
  const AttentionCase packed{{37, 300, 64}, 6, 2, 32, true};
  const AttentionInputs in = attention_inputs(packed, 13);
  const auto part = [](const std::vector<float>& x, int64_t width) {
    return std::vector<float>{x.begin() + 37 * width, x.begin() + 337 * width};
  };
  const Gradients all = run(packed, in);
  const Gradients alone =
      run({{300}, 6, 2, 32, true}, {part(in.q, 192), part(in.k, 64), part(in.v, 64), part(in.dout, 192)});
  CHECK(same_bits(alone, {part(all.dq, 192), part(all.dk, 64), part(all.dv, 64)}));
}

TEST_CASE("NaN in the gradient of one row reaches its own query and the keys it sees, and nothing else") {
  const AttentionCase c{{150, 20}, 4, 2, 32, true};
  AttentionInputs in = attention_inputs(c, 14);
  const Gradients clean = run(c, in);
  const int64_t bad = 70;  // token 70, head 1, so K/V head 0
  in.dout[(bad * 4 + 1) * 32] = NAN;
  for_each_target([&] {
    const Gradients got = run(c, in);
    int64_t wrong = 0;
    for (int64_t t = 0; t < c.tokens(); ++t)
      for (int64_t h = 0; h < 4; ++h)
        for (int64_t d = 0; d < 32; ++d) {
          const int64_t i = (t * 4 + h) * 32 + d;
          wrong += t == bad && h == 1 ? !std::isnan(got.dq[i]) : got.dq[i] != clean.dq[i];
          if (h >= 2) continue;
          const int64_t j = (t * 2 + h) * 32 + d;
          const bool sees = t <= bad && h == 0;
          wrong += sees ? !std::isnan(got.dk[j]) : got.dk[j] != clean.dk[j];
          wrong += sees && d == 0 ? !std::isnan(got.dv[j]) : got.dv[j] != clean.dv[j];
        }
    CHECK(wrong == 0);
  });
}

TEST_CASE("a token alone in its sequence gets no gradient through its scores") {
  const AttentionCase c{{1, 1}, 2, 1, 32, true};
  const AttentionInputs in = attention_inputs(c, 15);
  const Gradients got = run(c, in);
  // Σ_d dout·v and Σ_d dout·o are the same 32 terms, summed in two orders
  for (float x : got.dq) CHECK(std::abs(x) < 1e-5f);
  for (float x : got.dk) CHECK(std::abs(x) < 1e-5f);
}

}  // namespace
}  // namespace lengthen::test
