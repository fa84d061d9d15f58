// Nothing is added across tasks. A long sequence goes through in two passes: a tile of keys owns its dk and
// dv and takes in the rows that see it, a tile of rows owns its dq and takes in the keys. A sequence short
// enough to be one task does both in one pass, with scores and weights computed once. Either way each
// gradient is the same chain of sums, over rows or keys in order: the same bits.
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

struct KeyTile {
  int64_t first;  // key, from the sequence's start
  int num;
  int64_t offset;  // of its first row in k, v, dk, dv
  KeyGroups k, v;
  ValueRows rows;  // of k
};
struct RowTile {
  int64_t first;  // row of the pair
  int num;
  ValueRows q, dout;  // q times scale
  int counts[kRowTile];
  int first_seen;  // first row that sees a key of the tile at hand
};

// One (sequence, K/V head) pair.
struct PairBackward {
  const AttentionBackward& args;
  AttentionTile tile;
  int64_t kv_head;
  BackwardArrays at;

  int64_t head_size() const { return args.shape.head_size; }
  int64_t group() const { return args.shape.heads / args.shape.kv_heads; }
  int64_t key_stride() const { return args.shape.kv_heads * head_size(); }
  int64_t num_rows() const { return tile.length * group(); }
  int vectors() const { return num_vectors(head_size()); }
  PairRows pair() const { return {tile.begin, args.shape.heads, kv_head, group()}; }
  // The first row that sees the key, and one past the last key that the row sees.
  int64_t first_row(int64_t key) const { return args.shape.causal ? key * group() : 0; }
  int64_t end_key(int64_t row) const { return args.shape.causal ? row / group() + 1 : tile.length; }

  KeyTile load_keys(int64_t first) const {
    KeyTile keys{first, smaller(tile.length - first, kKeyTile), 0, {}, {}, {}};
    keys.offset = (tile.begin + first) * key_stride() + kv_head * head_size();
    keys.k = pack_keys(args.k + keys.offset, key_stride(), keys.num, head_size(), at.keys);
    keys.v = pack_keys(args.v + keys.offset, key_stride(), keys.num, head_size(), at.values);
    keys.rows = copy_rows(args.k + keys.offset, key_stride(), keys.num, head_size(), 1.0f, at.k);
    return keys;
  }

  void load_rows(int64_t first, RowTile& rows) const {
    rows.first = first;
    rows.num = smaller(num_rows() - first, kRowTile);
    rows.q = copy_rows_of_pair(args.q, pair(), first, rows.num, head_size(), args.shape.scale, at.q);
    rows.dout = copy_rows_of_pair(args.dout, pair(), first, rows.num, head_size(), 1.0f, at.dout);
  }

  // weights = p = exp(s − lse), gradients = ds = p (dp − δ); 0 where a row does not see the key.
  void tile_gradients(const KeyTile& keys, RowTile& rows) const {
    const AttentionTile row_tile{tile.begin, tile.length, static_cast<int32_t>(rows.first)};
    rows.first_seen = count_keys(row_tile, args.shape, keys.first, rows.num, rows.counts);
    tile_scores(at.q, keys.k, head_size(), rows.counts, rows.num, at.weights);
    tile_scores(at.dout, keys.v, head_size(), rows.counts, rows.num, at.gradients);
    for (int r = rows.first_seen; r < rows.num; ++r) {
      const int64_t index = pair().index(rows.first + r);
      const F32x16 lse = set1(args.lse[index]), delta = set1(args.delta[index]);
      float *g_weights = at.weights + r * kScoreStride, *g_gradients = at.gradients + r * kScoreStride;
      const int groups = num_groups(rows.counts[r]);
      for (int g = 0; g < groups; ++g) {
        const Mask16 lanes = lanes_in(rows.counts[r], g);
        const F32x16 p = exp(load(g_weights + g * kLanes) - lse);
        const F32x16 ds = p * (load(g_gradients + g * kLanes) - delta);
        store(g_weights + g * kLanes, select(lanes, p, zero16()));
        store(g_gradients + g * kLanes, select(lanes, ds, zero16()));
      }
      clear_groups(g_weights, groups, kGroupsPerTile);
      clear_groups(g_gradients, groups, kGroupsPerTile);
    }
  }

  void add_key_gradients(const KeyTile& keys, const RowTile& rows) const {
    int first_rows[kKeyTile];
    for (int j = 0; j < keys.num; ++j) {
      const int64_t first = first_row(keys.first + j) - rows.first;
      first_rows[j] = first < 0 ? 0 : smaller(first, rows.num);
    }
    add_rows(at.weights, first_rows, keys.num, rows.dout, rows.num, vectors(), at.dv);
    add_rows(at.gradients, first_rows, keys.num, rows.q, rows.num, vectors(), at.dk);
  }

  void add_row_gradients(const KeyTile& keys, const RowTile& rows) const {
    add_values<Start::kKeep>(at.gradients, rows.counts, rows.first_seen, rows.num, keys.rows, vectors(),
                             at.dq, nullptr);
  }

  void clear_key_gradients(const KeyTile& keys) const {
    clear_rows(at.dk, keys.num, vectors());
    clear_rows(at.dv, keys.num, vectors());
  }

  void store_key_gradients(const KeyTile& keys) const {
    for (int j = 0; j < keys.num; ++j) {
      const int64_t offset = keys.offset + j * key_stride();
      store_row(at.dk + j * kRowStride, head_size(), 1.0f, args.dk + offset);
      store_row(at.dv + j * kRowStride, head_size(), 1.0f, args.dv + offset);
    }
  }

  void store_row_gradients(const RowTile& rows, float scale) const {
    for (int r = 0; r < rows.num; ++r)
      store_row(at.dq + r * kRowStride, head_size(), scale,
                args.dq + pair().index(rows.first + r) * head_size());
  }

  // ---- dk and dv of a tile of keys ----
  void run_key_tile() const {
    const KeyTile keys = load_keys(tile.first);
    clear_key_gradients(keys);
    RowTile rows;
    for (int64_t row = first_row(tile.first); row < num_rows(); row += kRowTile) {
      load_rows(row, rows);
      tile_gradients(keys, rows);
      add_key_gradients(keys, rows);
    }
    store_key_gradients(keys);
  }

  // ---- dq of a tile of rows ----
  void run_row_tile() const {
    RowTile rows;
    load_rows(tile.first, rows);
    clear_rows(at.dq, rows.num, vectors());
    for (int64_t key = 0; key < end_key(tile.first + rows.num - 1); key += kKeyTile) {
      const KeyTile keys = load_keys(key);
      tile_gradients(keys, rows);
      add_row_gradients(keys, rows);
    }
    store_row_gradients(rows, args.shape.scale);
  }

  // ---- all gradients of the pair; dq is summed in its tensor ----
  void run_whole() const {
    RowTile rows;
    for (int64_t key = 0; key < tile.length; key += kKeyTile) {
      const KeyTile keys = load_keys(key);
      clear_key_gradients(keys);
      for (int64_t row = first_row(key) / kRowTile * kRowTile; row < num_rows(); row += kRowTile) {
        load_rows(row, rows);
        tile_gradients(keys, rows);
        add_key_gradients(keys, rows);
        if (key == 0)
          clear_rows(at.dq, rows.num, vectors());
        else
          copy_rows_of_pair(args.dq, pair(), row, rows.num, head_size(), 1.0f, at.dq);
        add_row_gradients(keys, rows);
        const bool is_last = key + kKeyTile >= end_key(row + rows.num - 1);
        store_row_gradients(rows, is_last ? args.shape.scale : 1.0f);
      }
      store_key_gradients(keys);
    }
  }
};

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

}  // namespace

template <>
void AttentionBackward::run<kTarget>() const {
  check_cu_seqlens(kName, cu_seqlens, shape.sequences, shape.tokens);
  AttentionCut wholes = whole_cut, rows = row_cut, keys = key_cut;
  wholes.max_length = max_whole_length(cu_seqlens, shape.sequences, shape.kv_heads, num_threads());
  rows.min_length = keys.min_length = wholes.max_length + 1;
  const int64_t num_whole = plan_attention(cu_seqlens, shape.sequences, wholes, whole);
  const int64_t num_keys = plan_attention(cu_seqlens, shape.sequences, keys, key_tiles);
  const int64_t num_rows = plan_attention(cu_seqlens, shape.sequences, rows, row_tiles);

  row_deltas(*this);
  parallel((num_whole + num_keys + num_rows) * shape.kv_heads, [&](int64_t task, int) {
    const int64_t kv_head = task % shape.kv_heads, i = task / shape.kv_heads;
    const BackwardArrays at = backward_arrays();
    if (i < num_whole) return PairBackward{*this, whole[i], kv_head, at}.run_whole();
    if (i < num_whole + num_keys)
      return PairBackward{*this, key_tiles[i - num_whole], kv_head, at}.run_key_tile();
    PairBackward{*this, row_tiles[i - num_whole - num_keys], kv_head, at}.run_row_tile();
  });
}

}  // namespace lengthen
