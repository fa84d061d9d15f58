// How attention over packed sequences is cut into tasks on the CPU. A sequence's rows (queries × the heads
// that share a K/V head, or keys) are cut at fixed multiples from its start; the longest tasks come first, so
// that the last one to end is a short one.
#pragma once

#include <cstdint>

namespace lengthen {

struct AttentionTile {
  int32_t begin;   // the sequence's first token
  int32_t length;  // its number of tokens
  int32_t first;   // first row of the tile, counted from the sequence's start
};
constexpr int64_t kIntsPerAttentionTile = sizeof(AttentionTile) / sizeof(int32_t);

// Throws ArgumentError unless cu_seqlens [sequences + 1] starts at 0, never falls and ends at `tokens`.
void check_cu_seqlens(const char* op, const int32_t* cu_seqlens, int64_t sequences, int64_t tokens);

// What a tile's cost grows with: the keys before its rows, the queries after its keys, or neither.
enum class AttentionCost { kGrows, kFalls, kEven };

struct AttentionCut {
  int64_t rows_per_token;
  int64_t rows_per_tile;
  AttentionCost cost;
  int64_t min_length = 0, max_length = INT32_MAX;  // sequences of other lengths have no tiles
};
// An upper limit, known before the lengths are.
constexpr int64_t max_attention_tiles(int64_t tokens, int64_t sequences, const AttentionCut& cut) {
  return tokens * cut.rows_per_token / cut.rows_per_tile + sequences;
}
// The greatest length of a sequence that may be one task per K/V head, of `pairs_per_sequence`, and leave no
// thread idle at the end: at most half a thread's share of the work.
int64_t max_whole_length(const int32_t* cu_seqlens, int64_t sequences, int64_t pairs_per_sequence,
                         int num_threads);

// Fills `tiles` and returns how many there are.
int64_t plan_attention(const int32_t* cu_seqlens, int64_t sequences, const AttentionCut& cut,
                       AttentionTile* tiles);

}  // namespace lengthen
