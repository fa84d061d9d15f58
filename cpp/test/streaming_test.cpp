// Outputs larger than the caches are stored past them. They must have the bits of the same rows done a few at
// a time, on every instruction set and wherever the output begins, and nothing beyond its end may be written.
#include <functional>

#include "ops/gather_rows.h"
#include "ops/grpo_loss.h"
#include "ops/rms_norm.h"
#include "ops/rope.h"
#include "ops/swiglu.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

constexpr float kUntouched = -7.0f;
constexpr int64_t kMargin = 32;

// Values that are quick to make in millions.
std::vector<float> many(int64_t n, uint32_t seed) {
  std::vector<float> values(static_cast<size_t>(n));
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<int32_t>(seed)) * 0x1p-30f;
  }
  return values;
}

// An op on rows of inputs and outputs; `run` does rows [begin, end) into outputs that begin at row `begin`.
struct RowOp {
  int64_t rows, width, rows_at_once;
  int num_outputs;
  std::function<void(int64_t begin, int64_t end, const std::vector<float*>& outputs)> run;
};

void check_streamed(const RowOp& op) {
  const int64_t n = op.rows * op.width;
  std::vector<std::vector<float>> expected(op.num_outputs, std::vector<float>(n));
  for (int64_t r = 0; r < op.rows; r += op.rows_at_once) {
    std::vector<float*> at;
    for (auto& values : expected) at.push_back(values.data() + r * op.width);
    op.run(r, std::min(r + op.rows_at_once, op.rows), at);
  }
  for_each_target([&] {
    for (const int64_t begin : {0, 3}) {
      CAPTURE(begin);
      std::vector<std::vector<float>> got(op.num_outputs, std::vector<float>(n + 2 * kMargin, kUntouched));
      std::vector<int64_t> first;
      std::vector<float*> at;
      for (auto& values : got) {
        const auto misalignment = static_cast<int64_t>(reinterpret_cast<uintptr_t>(values.data()) / 4 % 16);
        first.push_back((16 - misalignment) % 16 + begin);  // begin 0: at the beginning of a cache line
        at.push_back(values.data() + first.back());
      }
      op.run(0, op.rows, at);
      for (int i = 0; i < op.num_outputs; ++i) {
        CHECK(std::memcmp(at[i], expected[i].data(), n * sizeof(float)) == 0);
        for (int64_t j = 0; j < n + 2 * kMargin; ++j)
          if (j < first[i] || j >= first[i] + n) REQUIRE(got[i][j] == kUntouched);
      }
    }
  });
}

TEST_CASE("swiglu streams large outputs with the same bits") {
  const int64_t n = 3'000'005;
  const auto gate = many(n, 1), up = many(n, 2), dy = many(n, 3);
  check_streamed({n, 1, 100'000, 1, [&](int64_t b, int64_t e, const auto& out) {
                    run_on_cpu(SwigluForward{&gate[b], &up[b], out[0], e - b});
                  }});
  check_streamed({n, 1, 100'000, 2, [&](int64_t b, int64_t e, const auto& out) {
                    run_on_cpu(SwigluBackward{&dy[b], &gate[b], &up[b], out[0], out[1], e - b});
                  }});
}

TEST_CASE("rms_norm streams large outputs with the same bits") {
  for (const int64_t width : {129, 512}) {
    const int64_t rows = 4'300'000 / width, at_once = 2 * RmsNormBackward::kRowsPerChunk;
    const auto x = many(rows * width, 1), weight = many(width, 2), dy = many(rows * width, 3);
    std::vector<float> inverse_rms(rows), dweight(width),
        partial(rows / RmsNormBackward::kRowsPerChunk * width + width);
    check_streamed({rows, width, at_once, 1, [&](int64_t b, int64_t e, const auto& out) {
                      run_on_cpu(RmsNormForward{&x[b * width], weight.data(), out[0], &inverse_rms[b], e - b,
                                                width, 1e-6f});
                    }});
    check_streamed({rows, width, at_once, 1, [&](int64_t b, int64_t e, const auto& out) {
                      run_on_cpu(RmsNormBackward{&dy[b * width], &x[b * width], weight.data(),
                                                 &inverse_rms[b], out[0], dweight.data(), partial.data(),
                                                 e - b, width});
                    }});
  }
}

TEST_CASE("rope streams large outputs with the same bits") {
  for (const int64_t head_size : {38, 64}) {
    const int64_t heads = 3, width = heads * head_size, tokens = 4'300'000 / width, table = 100;
    const auto x = many(tokens * width, 1), cos = many(table * head_size, 2),
               sin = many(table * head_size, 3);
    std::vector<int32_t> positions(tokens);
    for (int64_t t = 0; t < tokens; ++t) positions[t] = static_cast<int32_t>(t * 7 % table);
    check_streamed({tokens, width, 1000, 1, [&](int64_t b, int64_t e, const auto& out) {
                      run_on_cpu(Rope{&x[b * width], &positions[b], cos.data(), sin.data(), out[0], e - b,
                                      heads, head_size, 1.0f});
                    }});
  }
}

TEST_CASE("gather_rows streams large outputs with the same bits") {
  for (const int64_t width : {65, 512}) {
    const int64_t count = 4'300'000 / width, num_rows = 1000;
    const auto x = many(num_rows * width, 1);
    std::vector<int32_t> indices(count);
    for (int64_t i = 0; i < count; ++i) indices[i] = static_cast<int32_t>(i * 37 % num_rows);
    check_streamed({count, width, 1000, 1, [&](int64_t b, int64_t e, const auto& out) {
                      run_on_cpu(GatherRows{x.data(), &indices[b], out[0], e - b, width, DType::f32});
                    }});
  }
}

TEST_CASE("scatter_add_rows streams large outputs with the same bits") {
  for (const int64_t width : {65, 512}) {
    const int64_t count = 4'300'000 / width, num_rows = 4'300'000 / width;
    const auto dy = many(count * width, 1);
    std::vector<int32_t> indices(count), scratch(num_rows + 1 + count);
    for (int64_t i = 0; i < count; ++i)  // some rows often, many never
      indices[i] = static_cast<int32_t>(i % 3 == 0 ? i % 5 : i * 37 % num_rows);
    // Rows at a time of dx, from all rows of dy that go there, in order.
    const auto run = [&](int64_t b, int64_t e, const std::vector<float*>& out) {
      if (b == 0 && e == num_rows)
        return run_on_cpu(
            ScatterAddRows{dy.data(), indices.data(), out[0], scratch.data(), count, num_rows, width});
      for (int64_t i = 0; i < count; ++i) {
        const int64_t r = indices[i];
        if (r < b || r >= e) continue;
        for (int64_t c = 0; c < width; ++c) out[0][(r - b) * width + c] += dy[i * width + c];
      }
    };
    check_streamed({num_rows, width, 4000, 1, run});
  }
}

TEST_CASE("grpo_loss streams a large gradient with the same bits, also where answers have odd lengths") {
  for (const int64_t length : {501, 512}) {
    const int64_t sequences = 3'000'000 / length, n = sequences * length;
    const auto policy = many(n, 1), rollout = many(n, 2), advantages = many(sequences, 3);
    std::vector<uint8_t> mask(n);
    for (int64_t i = 0; i < n; ++i) mask[i] = i % 7 != 0;
    std::vector<int32_t> offsets(sequences + 1);
    for (int64_t b = 0; b <= sequences; ++b) offsets[b] = static_cast<int32_t>(b * length);
    std::vector<float> partial(sequences * (GrpoStat::kCount + 1)), stats(GrpoStat::kCount);
    float loss = 0;
    check_streamed({sequences, length, 100, 1, [&](int64_t b, int64_t e, const auto& out) {
                      const int64_t at = b * length;
                      GrpoLoss k{};
                      k.policy = &policy[at], k.rollout = &rollout[at], k.advantages = &advantages[b];
                      k.offsets = offsets.data(), k.mask = &mask[at];
                      k.loss = &loss, k.dpolicy = out[0], k.stats = stats.data(), k.partial = partial.data();
                      k.tokens = (e - b) * length, k.sequences = e - b;
                      k.lowest_ratio = 0.8f, k.highest_ratio = 1.2f, k.dual_clip = INFINITY;
                      k.denominator = 1000;
                      run_on_cpu(k);
                    }});
  }
}

}  // namespace
}  // namespace lengthen::test
