// One tile of attention: rows (queries × the heads that share a K/V head) against up to 64 keys. Forward,
// backward and decoding are made of these steps, so that their bits agree.
//
// A row attends to the first counts[row] keys of the tile; counts never fall from row to row. Nothing else of
// the tile reaches the row's values, NaN included.
//
// For kernel files only: all of it is file-local.
#pragma once

#include "kernels/attention_product.h"
#include "ops/attention.h"

namespace lengthen {
namespace {

constexpr int kKeyTile = static_cast<int>(kAttentionKeyTile), kRowTile = static_cast<int>(kAttentionRowTile);
constexpr int kGroupsPerTile = kKeyTile / kLanes;  // keys go in groups of 16
static_assert(kRowStride >= kMaxHeadSize && kScoreStride >= kKeyTile);

using RowsA = ChainA<Order::kRowMajor, kRowStride>;
using ScoresA = ChainA<Order::kRowMajor, kScoreStride>;
using ScoresByKeyA = ChainA<Order::kColumnMajor, kScoreStride>;
using RowsC = ChainC<kRowStride>;
using ScoresC = ChainC<kScoreStride>;

inline int smaller(int64_t a, int64_t b) { return static_cast<int>(a < b ? a : b); }
inline int num_groups(int keys) { return (keys + kLanes - 1) / kLanes; }
// Vectors in a row of D; a last half vector is padded.
inline int num_vectors(int64_t head_size) { return static_cast<int>((head_size + kLanes - 1) / kLanes); }

// Keys of a tile as transposed groups of 16: key j, dimension d at group[j / 16][d·stride + j % 16].
struct KeyGroups {
  const float* group[kGroupsPerTile];
  int64_t stride;
};

// Rows that weights are multiplied with: values, keys, queries or gradients.
struct ValueRows {
  const float* data;
  int64_t stride;
  bool is_finite;
};

// scores[r][j] = Σ_d rows[r][d]·keys[j][d] for the keys that row r attends to (others are computed or not:
// undefined).
inline void tile_scores(const float* rows, const KeyGroups& keys, int64_t head_size, const int* counts,
                        int num_rows, float* scores) {
  int first = 0;
  for_vector_blocks(num_groups(counts[num_rows - 1]), [&]<int kVectors>(Int<kVectors>, int g) {
    while (counts[first] <= g * kLanes) ++first;
    const ChainB b{keys.group[g], keys.stride,
                   kVectors > 1 ? keys.group[g + kVectors - 1] - keys.group[g] : 0};
    static_assert(kVectors <= 2, "the distance between groups is one number");
    for_row_blocks(first, num_rows, [&]<int kRows>(Int<kRows>, int r) {
      chain<Start::kZero, kRows, kVectors>(RowsA{rows + r * kRowStride}, b, head_size,
                                           ScoresC{scores + r * kScoreStride + g * kLanes}, nullptr);
    });
  });
}

// out[r] = start + Σ_j weights[r][j]·values[j] over rows [first, num_rows), whose counts are positive. values
// has `stride` floats a row; whole vectors of them are read.
template <Start kStart>
inline void add_values(const float* weights, const int* counts, int first, int num_rows,
                       const ValueRows& values, int vectors, float* out, const float* factors) {
  for_vector_blocks(vectors, [&]<int kVectors>(Int<kVectors>, int v) {
    const ChainB b{values.data + v * kLanes, values.stride, kLanes};
    for_row_blocks(first, num_rows, [&]<int kRows>(Int<kRows>, int r) {
      float* g_out = out + r * kRowStride + v * kLanes;
      const float* g_weights = weights + r * kScoreStride;
      const int common = counts[values.is_finite ? r + kRows - 1 : r];
      chain<kStart, kRows, kVectors>(ScoresA{g_weights}, b, common, RowsC{g_out}, factors + r);
      for (int m = 1; m < kRows; ++m) {  // keys that only the later rows of the block see
        const ChainB rest{b.data + common * b.inner_stride, b.inner_stride, kLanes};
        if (counts[r + m] > common)
          chain<Start::kKeep, 1, kVectors>(ScoresA{g_weights + m * kScoreStride + common}, rest,
                                           counts[r + m] - common, RowsC{g_out + m * kRowStride}, nullptr);
      }
    });
  });
}

// out[j] += Σ_r weights[r][j]·rows[r] over the rows from first_rows[j] to num_rows, for keys [0, num_keys);
// first_rows never falls from key to key.
inline void add_rows(const float* weights, const int* first_rows, int num_keys, const ValueRows& rows,
                     int num_rows, int vectors, float* out) {
  for_vector_blocks(vectors, [&]<int kVectors>(Int<kVectors>, int v) {
    const auto rows_from = [&](int r) {
      return ChainB{rows.data + r * rows.stride + v * kLanes, rows.stride, kLanes};
    };
    for_row_blocks(0, num_keys, [&]<int kKeys>(Int<kKeys>, int j) {
      float* g_out = out + j * kRowStride + v * kLanes;
      const int common = first_rows[rows.is_finite ? j : j + kKeys - 1];
      for (int m = 0; m + 1 < kKeys; ++m) {  // rows that see only the first keys of the block
        const int begin = first_rows[j + m];
        if (begin < common)
          chain<Start::kKeep, 1, kVectors>(ScoresByKeyA{weights + begin * kScoreStride + j + m},
                                           rows_from(begin), common - begin, RowsC{g_out + m * kRowStride},
                                           nullptr);
      }
      chain<Start::kKeep, kKeys, kVectors>(ScoresByKeyA{weights + common * kScoreStride + j},
                                           rows_from(common), num_rows - common, RowsC{g_out}, nullptr);
    });
  });
}

// Lanes of group g that hold one of the row's `count` keys.
inline Mask16 lanes_in(int count, int g) {
  const int n = count - g * kLanes;
  return first_n(n < 0 ? 0 : n > kLanes ? kLanes : n);
}

inline void clear_groups(float* row, int begin, int end) {
  for (int g = begin; g < end; ++g) store(row + g * kLanes, zero16());
}

}  // namespace
}  // namespace lengthen
