#include "ops/gather_rows.h"

#include "kernels/lanes.h"
#include "kernels/widen.h"

namespace lengthen {
namespace {

constexpr int64_t kColumnsPerTask = 256;
constexpr int64_t kMaxRowRanges = 16;  // each range reads all indices once

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The part of dx that one task owns. Nobody else writes there, so rows are added in order of i without
// atomics.
struct Tile {
  int64_t row_begin, row_end, column_begin, column_end;
};

void scatter_tile(const ScatterAddRows& k, const Tile& tile) {
  for (int64_t r = tile.row_begin; r < tile.row_end; ++r) {
    float* g_dx = k.dx + r * k.width;
    for_lanes(tile.column_begin, tile.column_end,
              [&](int64_t c, auto lanes) { store(g_dx + c, zero16(), lanes); });
  }
  for (int64_t i = 0; i < k.count; ++i) {
    const int64_t r = k.indices[i];
    if (r < tile.row_begin || r >= tile.row_end) continue;
    const float* g_dy = k.dy + i * k.width;
    float* g_dx = k.dx + r * k.width;
    for_lanes(tile.column_begin, tile.column_end, [&](int64_t c, auto lanes) {
      store(g_dx + c, load(g_dx + c, lanes) + load(g_dy + c, lanes), lanes);
    });
  }
}

}  // namespace

template <>
void GatherRows::run<kTarget>() const {
  with_type_of(x, dtype, [&](const auto* rows) {
    parallel_rows(count, rows_per_task(width), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto* g_x = rows + indices[i] * width;
        float* g_y = y + i * width;
        for_lanes(0, width, [&](int64_t c, auto lanes) { store(g_y + c, load_wide(g_x + c, lanes), lanes); });
      }
    });
  });
}

template <>
void ScatterAddRows::run<kTarget>() const {
  const int64_t elements = (num_rows + count) * width;
  if (num_rows == 0 || width == 0) return;
  if (elements <= kElementsPerTask) return scatter_tile(*this, {0, num_rows, 0, width});
  const int64_t rows = ceil_div(num_rows, num_rows < kMaxRowRanges ? num_rows : kMaxRowRanges);
  const int64_t column_blocks = ceil_div(width, kColumnsPerTask);
  parallel(ceil_div(num_rows, rows) * column_blocks, [&](int64_t task, int) {
    const int64_t row = task / column_blocks * rows, column = task % column_blocks * kColumnsPerTask;
    scatter_tile(*this, {row, row + rows < num_rows ? row + rows : num_rows, column,
                         column + kColumnsPerTask < width ? column + kColumnsPerTask : width});
  });
}

}  // namespace lengthen
