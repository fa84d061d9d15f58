// Brings a task's rows, keys and values from tensors into the layouts of attention_tile.h.
//
// For kernel files only: all of it is file-local.
#pragma once

#include "core/workspace.h"
#include "kernels/attention_tile.h"
#include "kernels/transpose.h"

namespace lengthen {
namespace {

// Cuts a thread's workspace into arrays.
struct Carver {
  float* next;
  float* take(int64_t floats) {
    float* const taken = next;
    next += (floats + 15) / 16 * 16;
    return taken;
  }
};

// The rows of a (sequence, K/V head) pair: row r is head r % G of query r / G.
struct PairRows {
  int64_t begin, heads, kv_head, group;  // the sequence's first token, H, K/V head, G
  // Position among the [T, H] rows.
  int64_t index(int64_t row) const {
    return begin * heads + kv_head * group + row + row / group * (heads - group);
  }
};

// 0 in the lanes that have held finite numbers only, else NaN.
using FiniteCheck = F32x16;
inline bool is_finite(FiniteCheck seen) { return fold_sum(seen) == 0.0f; }

// Whole vectors times scale, with zeros beyond head_size.
inline FiniteCheck copy_row(const float* from, int64_t head_size, float scale, float* to, FiniteCheck seen) {
  for (int64_t d = 0; d < head_size; d += kLanes) {
    const F32x16 x =
        d + kLanes <= head_size ? load(from + d) : load_n(from + d, static_cast<int>(head_size - d));
    store(to + d, x * set1(scale));
    seen = fma(x * set1(scale), zero16(), seen);
  }
  return seen;
}

// Rows [first, first + num_rows) of a pair, times scale.
inline ValueRows copy_rows_of_pair(const float* from, const PairRows& pair, int64_t first, int num_rows,
                                   int64_t head_size, float scale, float* to) {
  FiniteCheck seen = zero16();
  for (int r = 0; r < num_rows; ++r)
    seen = copy_row(from + pair.index(first + r) * head_size, head_size, scale, to + r * kRowStride, seen);
  return {to, kRowStride, is_finite(seen)};
}

// num_rows rows of head_size floats, `stride` apart.
inline ValueRows copy_rows(const float* from, int64_t stride, int num_rows, int64_t head_size, float scale,
                           float* to) {
  FiniteCheck seen = zero16();
  for (int r = 0; r < num_rows; ++r)
    seen = copy_row(from + r * stride, head_size, scale, to + r * kRowStride, seen);
  return {to, kRowStride, is_finite(seen)};
}

// The first head_size floats times scale; adding 0 drops the sign of a zero.
inline void store_row(const float* from, int64_t head_size, float scale, float* to) {
  for (int64_t d = 0; d < head_size; d += kLanes)
    store_n(to + d, load(from + d) * set1(scale) + zero16(), smaller(head_size - d, kLanes));
}

inline void clear_rows(float* rows, int num_rows, int vectors) {
  for (int r = 0; r < num_rows; ++r)
    for (int v = 0; v < vectors; ++v) store(rows + r * kRowStride + v * kLanes, zero16());
}

// Keys [0, num_keys) of a tile, `stride` apart, as transposed groups in to [64 · head_size]; zeros after the
// last key.
inline KeyGroups pack_keys(const float* from, int64_t stride, int num_keys, int64_t head_size, float* to) {
  KeyGroups out{{}, kLanes};
  for (int g = 0; g < num_groups(num_keys); ++g) {
    float* g_group = to + g * kLanes * head_size;
    const int keys = smaller(num_keys - g * kLanes, kLanes);
    if (keys < kLanes)
      for (int64_t d = 0; d < head_size; ++d) store(g_group + d * kLanes, zero16());
    transpose(from + g * kLanes * stride, stride, keys, head_size, g_group, kLanes);
    out.group[g] = g_group;
  }
  return out;
}

// How many keys of the tile from first_key each row sees; returns the first row that sees any.
inline int count_keys(const AttentionTile& tile, const AttentionShape& shape, int64_t first_key, int num_rows,
                      int* counts) {
  const int64_t group = shape.heads / shape.kv_heads;
  int64_t end_key = shape.causal ? tile.first / group + 1 : tile.length;  // of the row's query
  int64_t left = shape.causal ? group - tile.first % group : INT64_MAX;   // rows until the next query
  int first = 0;
  for (int r = 0; r < num_rows; ++r, --left) {
    if (left == 0) {
      left = group;
      ++end_key;
    }
    const int64_t seen = end_key - first_key;
    counts[r] = seen < 0 ? 0 : smaller(seen, kKeyTile);
    if (counts[r] == 0) first = r + 1;
  }
  return first;
}

}  // namespace
}  // namespace lengthen
