#include "ops/attention_plan.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace lengthen {
namespace {

int64_t cost_of(const AttentionTile& tile, const AttentionCut& cut) {
  const int64_t rows = tile.length * cut.rows_per_token;
  const int64_t in_tile = std::min(cut.rows_per_tile, rows - tile.first);
  switch (cut.cost) {
    case AttentionCost::kGrows:
      return in_tile * (tile.first + in_tile);
    case AttentionCost::kFalls:
      return in_tile * (rows - tile.first);
    case AttentionCost::kEven:
      break;
  }
  return in_tile * rows;
}

}  // namespace

void check_cu_seqlens(const char* op, const int32_t* cu_seqlens, int64_t sequences, int64_t tokens) {
  const auto fail = [&](const char* expected, int64_t index) {
    throw ArgumentError(
        text("[", op, "] expected ", expected, " for cu_seqlens[", index, "], got ", cu_seqlens[index]));
  };
  if (cu_seqlens[0] != 0) fail("0", 0);
  for (int64_t b = 1; b <= sequences; ++b)
    if (cu_seqlens[b] < cu_seqlens[b - 1]) fail("no less than the one before", b);
  if (cu_seqlens[sequences] != tokens) fail(text("the number of tokens, ", tokens, ",").c_str(), sequences);
}

int64_t max_whole_length(const int32_t* cu_seqlens, int64_t sequences, int64_t pairs_per_sequence,
                         int num_threads) {
  double total = 0;
  for (int64_t b = 0; b < sequences; ++b) {
    const double length = cu_seqlens[b + 1] - cu_seqlens[b];
    total += length * length * static_cast<double>(pairs_per_sequence);
  }
  return static_cast<int64_t>(std::sqrt(total / (2.0 * num_threads)));
}

int64_t plan_attention(const int32_t* cu_seqlens, int64_t sequences, const AttentionCut& cut,
                       AttentionTile* tiles) {
  int64_t num_tiles = 0;
  for (int64_t b = 0; b < sequences; ++b) {
    const int32_t length = cu_seqlens[b + 1] - cu_seqlens[b];
    if (length < cut.min_length || length > cut.max_length) continue;
    for (int64_t first = 0; first < length * cut.rows_per_token; first += cut.rows_per_tile)
      tiles[num_tiles++] = {cu_seqlens[b], length, static_cast<int32_t>(first)};
  }
  std::stable_sort(tiles, tiles + num_tiles, [&](const AttentionTile& a, const AttentionTile& b) {
    return cost_of(a, cut) > cost_of(b, cut);
  });
  return num_tiles;
}

}  // namespace lengthen
