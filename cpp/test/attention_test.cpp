#include "ops/attention.h"

#include "core/thread_pool.h"
#include "test/attention_reference.h"

namespace lengthen::test {
namespace {

struct Forward {
  std::vector<float> o, lse;
};
Forward run(const AttentionCase& c, const AttentionInputs& in) {
  const AttentionResult out = attention(tensor_of(in.q, query_shape(c)), tensor_of(in.k, key_shape(c)),
                                        tensor_of(in.v, key_shape(c)), cu_seqlens_of(c), c.scale(), c.causal);
  return {values_of(out.o), values_of(out.lse)};
}

// Rows [begin, end) of tokens.
std::vector<float> rows_of(const std::vector<float>& x, int64_t begin, int64_t end, int64_t width) {
  return {x.begin() + begin * width, x.begin() + end * width};
}

std::vector<float> stacked(const std::vector<float>& x, int64_t width,
                           std::vector<std::pair<int64_t, int64_t>> ranges) {
  std::vector<float> out;
  for (const auto& [begin, end] : ranges) {
    const auto part = rows_of(x, begin, end, width);
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

void run_with(const std::vector<int32_t>& cu_seqlens) {
  const Tensor q = tensor_of(std::vector<float>(5 * 2 * 8, 1.0f), {5, 2, 8});
  values_of(attention(q, q, q, tensor_of(cu_seqlens), 1, true).o);
}

TEST_CASE("attention agrees with its formula in float64") {
  for (const AttentionCase& c : attention_cases()) {
    CAPTURE(c.tokens());
    CAPTURE(c.head_size);
    CAPTURE(c.causal);
    AttentionInputs in = attention_inputs(c, 1);
    in.dout.clear();
    const auto expected = attention_reference<double>(c, in);
    const auto plain = attention_reference<float>(c, in);
    const Forward got = run(c, in);
    check_error(got.o, plain.o, expected.o);
    check_error(got.lse, plain.lse, expected.lse);
  }
}

TEST_CASE("attention gives the same bits on every instruction set and with any number of threads") {
  for (const AttentionCase& c :
       {AttentionCase{{0, 65, 1, 90, 63}, 4, 2, 32, true}, AttentionCase{{130}, 7, 1, 24, true},
        AttentionCase{{70, 3}, 3, 3, 8, false}, AttentionCase{{70}, 12, 2, 128, true}}) {
    const AttentionInputs in = attention_inputs(c, 2);
    const Forward first = run(c, in);
    for_each_target([&] {
      const Forward again = run(c, in);
      CHECK(same_bits(again.o, first.o));
      CHECK(same_bits(again.lse, first.lse));
    });
    const int threads = num_threads();
    for (const int n : {1, 2, 3}) {
      set_num_threads(n);
      CHECK(same_bits(run(c, in).o, first.o));
    }
    set_num_threads(threads);
  }
}

TEST_CASE("a sequence's attention has the same bits alone, in any pack, and as the start of a longer one") {
  for (const int64_t head_size : {8, 32, 64, 128}) {
    const AttentionCase packed{{37, 300, 1, 64, 129}, 4, 2, head_size, true};
    const AttentionInputs in = attention_inputs(packed, 3);
    const Forward all = run(packed, in);
    const int64_t wide = 4 * head_size, narrow = 2 * head_size;
    const auto part = [&](std::vector<std::pair<int64_t, int64_t>> ranges) {
      return AttentionInputs{
          stacked(in.q, wide, ranges), stacked(in.k, narrow, ranges), stacked(in.v, narrow, ranges), {}};
    };
    const Forward alone = run({{300}, 4, 2, head_size, true}, part({{37, 337}}));
    CHECK(same_bits(alone.o, rows_of(all.o, 37, 337, wide)));
    CHECK(same_bits(alone.lse, rows_of(all.lse, 37, 337, 4)));
    const Forward swapped = run({{129, 300}, 4, 2, head_size, true}, part({{402, 531}, {37, 337}}));
    CHECK(same_bits(swapped.o, stacked(all.o, wide, {{402, 531}, {37, 337}})));
    for (const int64_t length : {1, 63, 64, 65, 299}) {
      const Forward shorter = run({{length}, 4, 2, head_size, true}, part({{37, 37 + length}}));
      CHECK(same_bits(shorter.o, rows_of(all.o, 37, 37 + length, wide)));
    }
  }
}

TEST_CASE("NaN in one token reaches the later rows of its own sequence and K/V head, and nothing else") {
  const AttentionCase c{{80, 150, 40}, 4, 2, 32, true};
  const int64_t bad = 80 + 70;  // token 70 of the second sequence, K/V head 1
  for (const bool in_keys : {true, false}) {
    AttentionInputs in = attention_inputs(c, 4);
    const Forward clean = run(c, in);
    auto& x = in_keys ? in.k : in.v;
    for (int64_t d = 0; d < 32; ++d) x[(bad * 2 + 1) * 32 + d] = NAN;
    for_each_target([&] {
      const Forward got = run(c, in);
      int64_t wrong = 0;
      for (int64_t t = 0; t < c.tokens(); ++t)
        for (int64_t h = 0; h < 4; ++h)
          for (int64_t d = 0; d < 32; ++d) {
            const int64_t i = (t * 4 + h) * 32 + d;
            const bool expects_nan = h >= 2 && t >= bad && t < 230;
            wrong += expects_nan ? !std::isnan(got.o[i]) : got.o[i] != clean.o[i];
          }
      CHECK(wrong == 0);
    });
  }
}

TEST_CASE("huge scores neither overflow nor divide by zero") {
  const AttentionCase c{{70}, 1, 1, 8, true};
  AttentionInputs in = attention_inputs(c, 5);
  for (float& x : in.q) x *= 1e4f;
  for (float& x : in.k) x *= 1e4f;
  const Forward got = run(c, in);
  for (float x : got.o) CHECK(std::isfinite(x));
  for (float x : got.lse) CHECK(std::isfinite(x));
}

TEST_CASE("attention over no tokens and no sequences gives empty results") {
  CHECK(run({{}, 2, 1, 32, true}, {}).o.empty());
  CHECK(run({{0, 0}, 2, 1, 32, true}, {}).o.empty());
}

TEST_CASE("attention rejects cumulative lengths that do not start at 0, fall, or do not end at the tokens") {
  CHECK_NOTHROW(run_with({0, 2, 5}));
  CHECK_NOTHROW(run_with({0, 0, 5, 5}));
  CHECK_THROWS_WITH(run_with({1, 5}), "ArgumentError: [attention] expected 0 for cu_seqlens[0], got 1");
  CHECK_THROWS_WITH(
      run_with({0, 3, 2, 5}),
      "ArgumentError: [attention] expected no less than the one before for cu_seqlens[2], got 2");
  CHECK_THROWS_WITH(run_with({0, 6}),
                    "ArgumentError: [attention] expected the number of tokens, 5, for cu_seqlens[1], got 6");
  for (const auto& bad : {std::vector<int32_t>{0, 4}, {0, -1, 5}, {0}, {5}}) CHECK_THROWS(run_with(bad));
}

TEST_CASE("attention names the head sizes it supports, and rejects heads that do not share evenly") {
  const auto call = [](int64_t heads, int64_t kv_heads, int64_t head_size) {
    const Tensor q = Tensor::empty({1, heads, head_size}, DType::f32),
                 k = Tensor::empty({1, kv_heads, head_size}, DType::f32);
    attention(q, k, k, Tensor::empty({2}, DType::i32), 1, true);
  };
  CHECK_THROWS_WITH_AS(call(1, 1, 20),
                       "[attention] expected a head size that is a multiple of 8 up to 256 for q, got 20",
                       UnsupportedError);
  CHECK_THROWS_AS(call(1, 1, 264), UnsupportedError);
  CHECK_THROWS_AS(call(3, 2, 32), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
