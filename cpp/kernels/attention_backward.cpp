// Two passes with fixed owners, so that nothing is added across tasks: a tile of keys owns its dk and dv and
// goes through the rows that see it, a tile of rows owns its dq and goes through the keys.
#include "kernels/attention_pack.h"
#include "kernels/parallel.h"
#include "ops/attention.h"

namespace lengthen {
namespace {

constexpr int64_t kRowsPerTask = 256;

struct BackwardArrays {
  float *q, *dout, *dq;        // [kRowTile] rows; q times scale
  float *k, *dk, *dv;          // [kKeyTile] rows
  float *keys, *values;        // [kKeyTile · D], transposed groups of k and v
  float *weights, *gradients;  // [kRowTile] rows of scores: s then p, dp then ds
};

BackwardArrays backward_arrays() {
  constexpr int64_t kRows = kRowTile * kRowStride, kKeys = kKeyTile * kRowStride,
                    kScores = kRowTile * kScoreStride;
  Carver carver{thread_workspace(3 * kRows + 5 * kKeys + 2 * kScores)};
  return {carver.take(kRows),   carver.take(kRows),  carver.take(kRows), carver.take(kKeys),
          carver.take(kKeys),   carver.take(kKeys),  carver.take(kKeys), carver.take(kKeys),
          carver.take(kScores), carver.take(kScores)};
}

// s, dp → p = exp(s − lse), ds = p (dp − δ); 0 in the lanes that a row does not see.
void tile_gradients(const AttentionBackward& args, const PairRows& pair, int64_t first_row, const int* counts,
                    int num_rows, const BackwardArrays& at) {
  for (int r = 0; r < num_rows; ++r) {
    const int64_t index = pair.index(first_row + r);
    const F32x16 lse = set1(args.lse[index]), delta = set1(args.delta[index]);
    float *g_weights = at.weights + r * kScoreStride, *g_gradients = at.gradients + r * kScoreStride;
    for (int g = 0; g < num_groups(counts[r]); ++g) {
      const Mask16 lanes = lanes_in(counts[r], g);
      const F32x16 p = exp(load(g_weights + g * kLanes) - lse);
      const F32x16 ds = p * (load(g_gradients + g * kLanes) - delta);
      store(g_weights + g * kLanes, select(lanes, p, zero16()));
      store(g_gradients + g * kLanes, select(lanes, ds, zero16()));
    }
  }
}

// δ = Σ_d dout·o, per row of [T, H].
void row_deltas(const AttentionBackward& args) {
  const int64_t head_size = args.shape.head_size;
  parallel_rows(args.shape.tokens * args.shape.heads, kRowsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      F32x16 sum = zero16();
      for (int64_t d = 0; d < head_size; d += kLanes) {
        const int n = smaller(head_size - d, kLanes);
        sum = fma(load_n(args.dout + r * head_size + d, n), load_n(args.o + r * head_size + d, n), sum);
      }
      args.delta[r] = fold_sum(sum);
    }
  });
}

// dk and dv of a tile of keys.
void key_tile_backward(const AttentionBackward& args, const AttentionTile& tile, int64_t kv_head) {
  const AttentionShape& shape = args.shape;
  const int64_t head_size = shape.head_size, group = shape.heads / shape.kv_heads;
  const int vectors = num_vectors(head_size), keys = smaller(tile.length - tile.first, kKeyTile);
  const PairRows pair{tile.begin, shape.heads, kv_head, group};
  const BackwardArrays at = backward_arrays();

  const int64_t key_stride = shape.kv_heads * head_size;
  const int64_t offset = (tile.begin + tile.first) * key_stride + kv_head * head_size;
  const KeyGroups k_groups = pack_keys(args.k + offset, key_stride, keys, head_size, at.keys);
  const KeyGroups v_groups = pack_keys(args.v + offset, key_stride, keys, head_size, at.values);
  clear_rows(at.dk, keys, vectors);
  clear_rows(at.dv, keys, vectors);

  const int64_t end = tile.length * group;
  for (int64_t row = shape.causal ? tile.first * group : 0; row < end; row += kRowTile) {
    const int num_rows = smaller(end - row, kRowTile);
    const AttentionTile rows{tile.begin, tile.length, static_cast<int32_t>(row)};
    int counts[kRowTile], first_rows[kKeyTile];
    count_keys(rows, shape, tile.first, num_rows, counts);
    for (int j = 0; j < keys; ++j) {
      const int64_t first = shape.causal ? (tile.first + j) * group - row : 0;
      first_rows[j] = first < 0 ? 0 : smaller(first, num_rows);
    }
    copy_rows_of_pair(args.q, pair, row, num_rows, head_size, at.q);
    scale_rows(at.q, num_rows, vectors, shape.scale);
    copy_rows_of_pair(args.dout, pair, row, num_rows, head_size, at.dout);

    tile_scores(at.q, k_groups, head_size, counts, num_rows, at.weights);
    tile_scores(at.dout, v_groups, head_size, counts, num_rows, at.gradients);
    tile_gradients(args, pair, row, counts, num_rows, at);
    add_rows(at.weights, first_rows, keys, at.dout, num_rows, vectors, at.dv);
    add_rows(at.gradients, first_rows, keys, at.q, num_rows, vectors, at.dk);
  }

  for (int j = 0; j < keys; ++j)
    for (int64_t d = 0; d < head_size; d += kLanes) {
      const int n = smaller(head_size - d, kLanes);
      store_n(args.dk + offset + j * key_stride + d, load(at.dk + j * kRowStride + d), n);
      store_n(args.dv + offset + j * key_stride + d, load(at.dv + j * kRowStride + d), n);
    }
}

// dq of a tile of rows.
void row_tile_backward(const AttentionBackward& args, const AttentionTile& tile, int64_t kv_head) {
  const AttentionShape& shape = args.shape;
  const int64_t head_size = shape.head_size, group = shape.heads / shape.kv_heads;
  const int vectors = num_vectors(head_size);
  const int num_rows = smaller(tile.length * group - tile.first, kRowTile);
  const PairRows pair{tile.begin, shape.heads, kv_head, group};
  const BackwardArrays at = backward_arrays();

  copy_rows_of_pair(args.q, pair, tile.first, num_rows, head_size, at.q);
  scale_rows(at.q, num_rows, vectors, shape.scale);
  copy_rows_of_pair(args.dout, pair, tile.first, num_rows, head_size, at.dout);
  clear_rows(at.dq, num_rows, vectors);

  const int64_t num_keys = shape.causal ? (tile.first + num_rows - 1) / group + 1 : tile.length;
  const int64_t key_stride = shape.kv_heads * head_size;
  for (int64_t key = 0; key < num_keys; key += kKeyTile) {
    int counts[kRowTile];
    const int first = count_keys(tile, shape, key, num_rows, counts);
    const int keys = smaller(num_keys - key, kKeyTile);
    const int64_t offset = (tile.begin + key) * key_stride + kv_head * head_size;

    const KeyGroups k_groups = pack_keys(args.k + offset, key_stride, keys, head_size, at.keys);
    const KeyGroups v_groups = pack_keys(args.v + offset, key_stride, keys, head_size, at.values);
    copy_rows(args.k + offset, key_stride, keys, head_size, at.k);
    tile_scores(at.q, k_groups, head_size, counts, num_rows, at.weights);
    tile_scores(at.dout, v_groups, head_size, counts, num_rows, at.gradients);
    tile_gradients(args, pair, tile.first, counts, num_rows, at);
    add_values<Start::kKeep>(at.gradients, counts, first, num_rows, at.k, kRowStride, vectors, at.dq,
                             nullptr);
  }

  scale_rows(at.dq, num_rows, vectors, shape.scale);
  for (int r = 0; r < num_rows; ++r)
    for (int64_t d = 0; d < head_size; d += kLanes)
      store_n(args.dq + pair.index(tile.first + r) * head_size + d, load(at.dq + r * kRowStride + d),
              smaller(head_size - d, kLanes));
}

}  // namespace

template <>
void AttentionBackward::run<kTarget>() const {
  check_cu_seqlens(kName, cu_seqlens, shape.sequences, shape.tokens);
  const int64_t num_row_tiles = plan_attention(cu_seqlens, shape.sequences, row_cut, row_tiles);
  const int64_t num_key_tiles = plan_attention(cu_seqlens, shape.sequences, key_cut, key_tiles);
  row_deltas(*this);
  parallel(num_key_tiles * shape.kv_heads, [&](int64_t task, int) {
    key_tile_backward(*this, key_tiles[task / shape.kv_heads], task % shape.kv_heads);
  });
  parallel(num_row_tiles * shape.kv_heads, [&](int64_t task, int) {
    row_tile_backward(*this, row_tiles[task / shape.kv_heads], task % shape.kv_heads);
  });
}

}  // namespace lengthen
