// The online softmax of attention: per row a running maximum and a running sum in 16 lanes, rescaled tile by
// tile.
//
// For kernel files only: all of it is file-local.
#pragma once

#include "kernels/attention_tile.h"

namespace lengthen {
namespace {

// Below any score, and finite: two infinities would subtract to NaN.
constexpr float kNoMaximum = -3.0e38f;

// Of up to kRowTile rows. Factors are computed 16 at a time, beyond the rows in use, too.
struct SoftmaxState {
  float* maximum;  // [kRowTile]
  float* factor;   // [kRowTile], exp(old maximum − new maximum) of the tile at hand
  float* sum;      // [kRowTile, 16]
};
static_assert(kRowTile % kLanes == 0);

inline void begin_softmax(const SoftmaxState& state, int num_rows) {
  for (int r = 0; r < num_groups(num_rows) * kLanes; ++r) {
    state.maximum[r] = kNoMaximum;
    state.factor[r] = 0.0f;
    store(state.sum + r * kLanes, zero16());
  }
}

// The largest lane, in any order: a maximum is not rounded, and adding 0 makes one of 0 and −0.
inline float largest_lane(F32x16 v) {
#if defined(LENGTHEN_TARGET_AVX512)
  return _mm512_reduce_max_ps(v) + 0.0f;
#else
  return fold_max(v) + 0.0f;
#endif
}

// Scores [0, count) become exp(score − maximum), the rest of their last group 0; maximum, sum and factor move
// on.
inline void softmax_tile(float* scores, const int* counts, int first, int num_rows,
                         const SoftmaxState& state) {
  // ---- maxima; a NaN score is passed over here and reaches the sum ----
  for (int r = first; r < num_rows; ++r) {
    const float* g_scores = scores + r * kScoreStride;
    F32x16 largest = set1(state.maximum[r]);
    for (int g = 0; g < num_groups(counts[r]); ++g)
      largest = max(select(lanes_in(counts[r], g), load(g_scores + g * kLanes), largest), largest);
    const float maximum = largest_lane(largest);
    state.factor[r] = state.maximum[r] - maximum;
    state.maximum[r] = maximum;
  }
  // ---- factors ----
  for (int r = first / kLanes * kLanes; r < num_rows; r += kLanes)
    store(state.factor + r, exp(load(state.factor + r)));
  // ---- weights and their sums ----
  for (int r = first; r < num_rows; ++r) {
    float* g_scores = scores + r * kScoreStride;
    const F32x16 maximum = set1(state.maximum[r]);
    F32x16 sum = load(state.sum + r * kLanes) * set1(state.factor[r]);
    for (int g = 0; g < num_groups(counts[r]); ++g) {
      const F32x16 weight = exp(load(g_scores + g * kLanes) - maximum);
      const F32x16 kept = select(lanes_in(counts[r], g), weight, zero16());
      sum = sum + kept;
      store(g_scores + g * kLanes, kept);
    }
    clear_groups(g_scores, num_groups(counts[r]), num_groups(counts[num_rows - 1]));
    store(state.sum + r * kLanes, sum);
  }
}

// What a row's values are divided by, and its log Σ exp. `totals` and `lse` [kRowTile].
inline void softmax_totals(const SoftmaxState& state, int num_rows, float* totals, float* lse) {
  for (int r = 0; r < num_rows; ++r) totals[r] = fold_sum(load(state.sum + r * kLanes));
  for (int r = 0; r < num_rows; r += kLanes) store(lse + r, load(state.maximum + r) + log(load(totals + r)));
}

// o = values / total, where `values` holds whole vectors; adding 0 drops the sign of a zero.
inline void finish_row(const float* values, float total, int64_t head_size, float* o) {
  const F32x16 divisor = set1(total);
  for (int64_t d = 0; d < head_size; d += kLanes)
    store_n(o + d, load(values + d) / divisor + zero16(), smaller(head_size - d, kLanes));
}

}  // namespace
}  // namespace lengthen
