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
  int64_t index(int64_t row) const { return (begin + row / group) * heads + kv_head * group + row % group; }
};

// Whole vectors, with zeros beyond head_size.
inline void copy_row(const float* from, int64_t head_size, float* to) {
  int64_t d = 0;
  for (; d + kLanes <= head_size; d += kLanes) store(to + d, load(from + d));
  if (d < head_size) store(to + d, load_n(from + d, static_cast<int>(head_size - d)));
}

inline void copy_rows_of_pair(const float* from, const PairRows& pair, int64_t first, int num_rows,
                              int64_t head_size, float* to) {
  for (int r = 0; r < num_rows; ++r)
    copy_row(from + pair.index(first + r) * head_size, head_size, to + r * kRowStride);
}

inline void scale_rows(float* rows, int num_rows, int vectors, float scale) {
  for (int r = 0; r < num_rows; ++r)
    for (int v = 0; v < vectors; ++v) {
      float* g_row = rows + r * kRowStride + v * kLanes;
      store(g_row, load(g_row) * set1(scale));
    }
}

inline void clear_rows(float* rows, int num_rows, int vectors) {
  for (int r = 0; r < num_rows; ++r)
    for (int v = 0; v < vectors; ++v) store(rows + r * kRowStride + v * kLanes, zero16());
}

// num_rows rows of head_size floats, `stride` apart.
inline void copy_rows(const float* from, int64_t stride, int num_rows, int64_t head_size, float* to) {
  for (int r = 0; r < num_rows; ++r) copy_row(from + r * stride, head_size, to + r * kRowStride);
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
  int first = num_rows;
  for (int r = num_rows - 1; r >= 0; --r) {
    const int64_t seen = (shape.causal ? (tile.first + r) / group + 1 : tile.length) - first_key;
    counts[r] = seen < 0 ? 0 : smaller(seen, kKeyTile);
    if (counts[r] > 0) first = r;
  }
  return first;
}

}  // namespace
}  // namespace lengthen
