#include "ops/attention.h"

#include "kernels/attention_pack.h"
#include "kernels/attention_softmax.h"
#include "kernels/parallel.h"

namespace lengthen {
namespace {

struct ForwardArrays {
  float* q;       // [kRowTile] rows, times scale
  float* values;  // [kRowTile] rows, Σ weights·v
  float* v;       // [kKeyTile] rows
  float* keys;    // [kKeyTile · D], transposed groups
  float* scores;  // [kRowTile] rows of scores, then of weights
  SoftmaxState softmax;
};

ForwardArrays forward_arrays() {
  constexpr int64_t kRows = kRowTile * kRowStride, kKeys = kKeyTile * kRowStride;
  constexpr int64_t kScores = kRowTile * kScoreStride, kState = kRowTile * (2 + kLanes);
  Carver carver{thread_workspace(2 * kRows + 2 * kKeys + kScores + kState)};
  return {
      carver.take(kRows),   carver.take(kRows),
      carver.take(kKeys),   carver.take(kKeys),
      carver.take(kScores), {carver.take(kRowTile), carver.take(kRowTile), carver.take(kRowTile * kLanes)}};
}

// One task: the rows of a tile against all keys they see.
void forward_tile(const AttentionForward& args, const AttentionTile& tile, int64_t kv_head) {
  const AttentionShape& shape = args.shape;
  const int64_t head_size = shape.head_size, group = shape.heads / shape.kv_heads;
  const int vectors = num_vectors(head_size);
  const int num_rows = smaller(tile.length * group - tile.first, kRowTile);
  const PairRows pair{tile.begin, shape.heads, kv_head, group};
  const ForwardArrays at = forward_arrays();

  copy_rows_of_pair(args.q, pair, tile.first, num_rows, head_size, shape.scale, at.q);
  clear_rows(at.values, num_rows, vectors);
  begin_softmax(at.softmax, num_rows);

  const int64_t num_keys = shape.causal ? (tile.first + num_rows - 1) / group + 1 : tile.length;
  const int64_t key_stride = shape.kv_heads * head_size;
  for (int64_t key = 0; key < num_keys; key += kKeyTile) {
    int counts[kRowTile];
    const int first = count_keys(tile, shape, key, num_rows, counts);
    const int keys = smaller(num_keys - key, kKeyTile);
    const int64_t offset = (tile.begin + key) * key_stride + kv_head * head_size;

    const KeyGroups groups = pack_keys(args.k + offset, key_stride, keys, head_size, at.keys);
    const ValueRows values = copy_rows(args.v + offset, key_stride, keys, head_size, 1.0f, at.v);
    tile_scores(at.q, groups, head_size, counts, num_rows, at.scores);
    softmax_tile(at.scores, counts, first, num_rows, at.softmax);
    add_values<Start::kScale>(at.scores, counts, first, num_rows, values, vectors, at.values,
                              at.softmax.factor);
  }

  float totals[kRowTile], lse[kRowTile];
  softmax_totals(at.softmax, num_rows, totals, lse);
  for (int r = 0; r < num_rows; ++r) {
    const int64_t index = pair.index(tile.first + r);
    finish_row(at.values + r * kRowStride, totals[r], head_size, args.o + index * head_size);
    args.lse[index] = lse[r];
  }
}

}  // namespace

template <>
void AttentionForward::run<kTarget>() const {
  check_cu_seqlens(kName, cu_seqlens, shape.sequences, shape.tokens);
  const int64_t num_tiles = plan_attention(cu_seqlens, shape.sequences, cut, tiles);
  parallel(num_tiles * shape.kv_heads, [&](int64_t task, int) {
    forward_tile(*this, tiles[task / shape.kv_heads], task % shape.kv_heads);
  });
}

}  // namespace lengthen
