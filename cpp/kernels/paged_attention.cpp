#include "ops/paged_attention.h"

#include "kernels/attention_pack.h"
#include "kernels/attention_softmax.h"
#include "kernels/parallel.h"

namespace lengthen {
namespace {

constexpr int64_t kTokensPerTask = 64;
static_assert(kPagedBlockStep == kLanes, "a group of keys lies within one block");

struct DecodeArrays {
  float* q;       // [kRowTile] rows, times scale
  float* values;  // [kRowTile] rows, Σ weights·v
  float* v;       // [16] rows, for a head size with a half vector
  float* scores;  // [kRowTile] rows of scores, then of weights
  SoftmaxState softmax;
};

DecodeArrays decode_arrays() {
  constexpr int64_t kRows = kRowTile * kRowStride, kValues = kLanes * kRowStride;
  constexpr int64_t kScores = kRowTile * kScoreStride, kState = kRowTile * (2 + kLanes);
  Carver carver{thread_workspace(2 * kRows + kValues + kScores + kState)};
  return {carver.take(kRows),
          carver.take(kRows),
          carver.take(kValues),
          carver.take(kScores),
          {carver.take(kRowTile), carver.take(kRowTile), carver.take(kRowTile * kLanes)}};
}

// values[r] = values[r]·factor + Σ weights·v over one tile, block by block.
void add_paged_values(const float* const* groups, const int* counts, int num_rows, int64_t head_size,
                      const DecodeArrays& at) {
  const int vectors = num_vectors(head_size);
  for (int g = 0; g < num_groups(counts[0]); ++g) {
    const int keys = smaller(counts[0] - g * kLanes, kLanes);
    int in_group[kRowTile];
    for (int r = 0; r < num_rows; ++r) in_group[r] = keys;
    ValueRows values{groups[g], head_size, true};  // no key is masked, so none needs a guard
    if (head_size % kLanes != 0)
      values = copy_rows(groups[g], head_size, keys, head_size, 1.0f, at.v);  // else past the end
    const float* g_weights = at.scores + g * kLanes;
    if (g == 0)
      add_values<Start::kScale>(g_weights, in_group, 0, num_rows, values, vectors, at.values,
                                at.softmax.factor);
    else
      add_values<Start::kKeep>(g_weights, in_group, 0, num_rows, values, vectors, at.values, nullptr);
  }
}

// One task: up to kRowTile heads, from `first`, of those that share a K/V head, against the sequence's
// context.
void decode_heads(const PagedAttention& args, int64_t sequence, int64_t kv_head, int64_t first) {
  const PagedShape& shape = args.shape;
  const int64_t head_size = shape.head_size, group = args.heads / shape.kv_heads;
  const int vectors = num_vectors(head_size), num_rows = smaller(group - first, kRowTile);
  const int64_t row = sequence * args.heads + kv_head * group + first;
  const int64_t length = args.context_lengths[sequence];
  const int32_t* block_table = args.block_tables + sequence * args.max_blocks;
  const DecodeArrays at = decode_arrays();

  copy_rows(args.q + row * head_size, head_size, num_rows, head_size, args.scale, at.q);
  clear_rows(at.values, num_rows, vectors);
  begin_softmax(at.softmax, num_rows);

  for (int64_t key = 0; key < length; key += kKeyTile) {
    const int keys = smaller(length - key, kKeyTile);
    int counts[kRowTile];
    for (int r = 0; r < num_rows; ++r) counts[r] = keys;
    KeyGroups k_groups{{}, shape.block_size};
    const float* v_groups[kGroupsPerTile] = {};
    for (int g = 0; g < num_groups(keys); ++g) {
      const int64_t position = key + g * kLanes, in_block = position % shape.block_size;
      const int64_t panel =
          (block_table[position / shape.block_size] * shape.kv_heads + kv_head) * shape.block_size;
      k_groups.group[g] = args.k_cache + panel * head_size + in_block;
      v_groups[g] = args.v_cache + (panel + in_block) * head_size;
    }
    tile_scores(at.q, k_groups, head_size, counts, num_rows, at.scores);
    softmax_tile(at.scores, counts, 0, num_rows, at.softmax);
    add_paged_values(v_groups, counts, num_rows, head_size, at);
  }

  if (length == 0) {  // nothing to attend to
    for (int r = 0; r < num_rows; ++r)
      store_row(at.values + r * kRowStride, head_size, 1.0f, args.o + (row + r) * head_size);
    return;
  }
  float totals[kRowTile], lse[kRowTile];
  softmax_totals(at.softmax, num_rows, totals, lse);
  for (int r = 0; r < num_rows; ++r)
    finish_row(at.values + r * kRowStride, totals[r], head_size, args.o + (row + r) * head_size);
}

}  // namespace

template <>
void PagedAttention::run<kTarget>() const {
  check_block_tables(*this);
  const int64_t group = heads / shape.kv_heads;
  parallel(sequences * shape.kv_heads, [&](int64_t task, int) {
    for (int64_t first = 0; first < group; first += kRowTile)
      decode_heads(*this, task / shape.kv_heads, task % shape.kv_heads, first);
  });
}

template <>
void PagedKvWrite::run<kTarget>() const {
  check_slots(kName, slots, tokens, shape);
  const int64_t head_size = shape.head_size;
  parallel_rows(tokens, kTokensPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      if (slots[t] < 0) continue;
      const int64_t block = slots[t] / shape.block_size, position = slots[t] % shape.block_size;
      for (int64_t head = 0; head < shape.kv_heads; ++head) {
        const int64_t panel = (block * shape.kv_heads + head) * shape.block_size;
        const float *g_k = k + (t * shape.kv_heads + head) * head_size,
                    *g_v = v + (t * shape.kv_heads + head) * head_size;
        float* g_keys = k_cache + panel * head_size + position;
        float* g_values = v_cache + (panel + position) * head_size;
        for (int64_t d = 0; d < head_size; ++d) {
          g_keys[d * shape.block_size] = g_k[d];
          g_values[d] = g_v[d];
        }
      }
    }
  });
}

}  // namespace lengthen
