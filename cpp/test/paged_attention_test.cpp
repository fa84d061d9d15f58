#include "ops/paged_attention.h"

#include "core/thread_pool.h"
#include "ops/attention.h"
#include "test/attention_reference.h"

namespace lengthen::test {
namespace {

// A cache whose blocks are handed out in a scattered order and hold NaN until they are written.
struct Cache {
  int64_t blocks, kv_heads, head_size, block_size;
  Tensor keys = tensor_of(poison(), {blocks, kv_heads, head_size, block_size});
  Tensor values = tensor_of(poison(), {blocks, kv_heads, block_size, head_size});

  std::vector<float> poison() const {
    return std::vector<float>(blocks * kv_heads * head_size * block_size, NAN);
  }
  // The i-th block of a sequence, sequences having up to `max_blocks` each. 7 and `blocks` have no common
  // factor.
  int32_t block_of(int64_t sequence, int64_t i, int64_t max_blocks) const {
    return static_cast<int32_t>((sequence * max_blocks + i) * 7 % blocks);
  }
};

// Decodes every sequence of the case one token at a time, all sequences in one batch, and returns o [T, H,
// D].
std::vector<float> decode(const AttentionCase& c, const AttentionInputs& in, int64_t block_size) {
  const int64_t batch = static_cast<int64_t>(c.lengths.size());
  const int64_t longest = *std::max_element(c.lengths.begin(), c.lengths.end());
  const int64_t max_blocks = (longest + block_size - 1) / block_size;
  int64_t blocks = batch * max_blocks;
  while (blocks % 7 == 0) ++blocks;
  const Cache cache{blocks, c.kv_heads, c.head_size, block_size};
  std::vector<int32_t> tables;
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < max_blocks; ++i) tables.push_back(cache.block_of(b, i, max_blocks));
  const Tensor block_tables = tensor_of(tables, {batch, max_blocks});

  const std::vector<int32_t> begins = c.cu_seqlens();
  const int64_t wide = c.heads * c.head_size, narrow = c.kv_heads * c.head_size;
  std::vector<float> out(in.q.size());
  std::vector<std::pair<int64_t, Tensor>> steps;
  for (int64_t position = 0; position < longest; ++position) {
    std::vector<float> q(batch * wide), k(batch * narrow), v(batch * narrow);
    std::vector<int32_t> slots(batch, -1), lengths(batch, 0);
    for (int64_t b = 0; b < batch; ++b) {
      if (position >= c.lengths[b]) continue;
      const int64_t token = begins[b] + position;
      std::copy_n(in.q.begin() + token * wide, wide, q.begin() + b * wide);
      std::copy_n(in.k.begin() + token * narrow, narrow, k.begin() + b * narrow);
      std::copy_n(in.v.begin() + token * narrow, narrow, v.begin() + b * narrow);
      slots[b] = static_cast<int32_t>(tables[b * max_blocks + position / block_size] * block_size +
                                      position % block_size);
      lengths[b] = static_cast<int32_t>(position + 1);
    }
    const Shape kv_shape{batch, c.kv_heads, c.head_size};
    paged_kv_write(tensor_of(k, kv_shape), tensor_of(v, kv_shape), cache.keys, cache.values,
                   tensor_of(slots));
    steps.emplace_back(position, paged_attention(tensor_of(q, {batch, c.heads, c.head_size}), cache.keys,
                                                 cache.values, block_tables, tensor_of(lengths), c.scale()));
  }
  for (const auto& [position, o] : steps) {
    const std::vector<float> rows = values_of(o);
    for (int64_t b = 0; b < batch; ++b) {
      if (position < c.lengths[b])
        std::copy_n(rows.begin() + b * wide, wide, out.begin() + (begins[b] + position) * wide);
      else
        for (int64_t i = 0; i < wide; ++i) REQUIRE(rows[b * wide + i] == 0.0f);
    }
  }
  return out;
}

std::vector<float> whole(const AttentionCase& c, const AttentionInputs& in) {
  return values_of(attention(tensor_of(in.q, query_shape(c)), tensor_of(in.k, key_shape(c)),
                             tensor_of(in.v, key_shape(c)), cu_seqlens_of(c), c.scale(), c.causal)
                       .o);
}

TEST_CASE("decoding token by token from poisoned pages gives the bits of attention over the whole sequence") {
  for (const AttentionCase& c :
       {AttentionCase{{1, 150, 64, 0, 33}, 4, 2, 32, true}, AttentionCase{{200, 70}, 12, 2, 128, true},
        AttentionCase{{131}, 3, 3, 8, true}, AttentionCase{{90}, 7, 1, 24, true},
        AttentionCase{{66}, 100, 1, 16, true}}) {
    CAPTURE(c.head_size);
    const AttentionInputs in = attention_inputs(c, 21);
    const std::vector<float> expected = whole(c, in);
    for (const int64_t block_size : {16, 32, 48, 64}) {
      CAPTURE(block_size);
      CHECK(same_bits(decode(c, in, block_size), expected));
    }
  }
}

TEST_CASE("decoding gives the same bits on every instruction set and with any number of threads") {
  const AttentionCase c{{70, 20, 66}, 4, 2, 24, true};
  const AttentionInputs in = attention_inputs(c, 22);
  const std::vector<float> expected = whole(c, in);
  for_each_target([&] { CHECK(same_bits(decode(c, in, 16), expected)); });
  const int threads = num_threads();
  for (const int n : {1, 2}) {
    set_num_threads(n);
    CHECK(same_bits(decode(c, in, 64), expected));
  }
  set_num_threads(threads);
}

TEST_CASE("paged_kv_write touches the named slots and nothing else") {
  const Cache cache{3, 2, 8, 16};
  const auto k = normal(2 * 2 * 8, 31), v = normal(2 * 2 * 8, 32);
  paged_kv_write(tensor_of(k, {2, 2, 8}), tensor_of(v, {2, 2, 8}), cache.keys, cache.values,
                 tensor_of(std::vector<int32_t>{2 * 16 + 5, -1}));
  const auto keys = values_of(cache.keys), values = values_of(cache.values);
  int64_t written = 0;
  for (float x : keys) written += !std::isnan(x);
  for (float x : values) written += !std::isnan(x);
  CHECK(written == 2 * 2 * 8);
  for (int64_t head = 0; head < 2; ++head)
    for (int64_t d = 0; d < 8; ++d) {
      CHECK(keys[((2 * 2 + head) * 8 + d) * 16 + 5] == k[head * 8 + d]);
      CHECK(values[((2 * 2 + head) * 16 + 5) * 8 + d] == v[head * 8 + d]);
    }
}

TEST_CASE("slots, blocks and context lengths out of range are argument errors that poison the result") {
  const Tensor kv = tensor_of(std::vector<float>(8, 1.0f), {1, 1, 8});
  const auto write = [&](int32_t slot) {
    const Cache cache{3, 1, 8, 16};
    paged_kv_write(kv, kv, cache.keys, cache.values, tensor_of(std::vector<int32_t>{slot}));
    values_of(cache.keys);
  };
  CHECK_NOTHROW(write(47));
  CHECK_THROWS_WITH(write(48),
                    "ArgumentError: [paged_kv_write] expected -1 or a slot below 48 for slots[0], got 48");
  CHECK_THROWS(write(-2));

  const Cache cache{3, 1, 8, 16};
  const auto read = [&](const std::vector<int32_t>& table, int32_t length) {
    values_of(paged_attention(kv, cache.keys, cache.values, tensor_of(table, {1, 2}),
                              tensor_of(std::vector<int32_t>{length}), 1));
  };
  CHECK_NOTHROW(read({0, 99}, 16));  // the second block is not in use
  CHECK_NOTHROW(read({99, 99}, 0));
  CHECK_THROWS_WITH(
      read({0, 3}, 17),
      "ArgumentError: [paged_attention] expected a block below 3 for block_tables[0, 1], got 3");
  CHECK_THROWS_WITH(
      read({0, 1}, 33),
      "ArgumentError: [paged_attention] expected a length from 0 to 32 for context_lengths[0], got 33");
  CHECK_THROWS(read({-1, 0}, 1));
  CHECK_THROWS(read({0, 1}, -1));
}

}  // namespace
}  // namespace lengthen::test
