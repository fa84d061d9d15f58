#include "kernels/streaming.h"
#include "ops/gather_rows.h"

namespace lengthen {
namespace {

constexpr int64_t kColumnsPerTask = 256;

// Which rows of dy go to each row of dx: those of row r are order[start[r]], …, order[start[r + 1] − 1],
// rising.
struct Groups {
  const int32_t* start;
  const int32_t* order;
};

// A counting sort. The ends of the groups are counted one place too far and walk back to where they belong.
Groups group_by_row(const ScatterAddRows& k) {
  int32_t *start = k.scratch, *order = k.scratch + k.num_rows + 1;
  for (int64_t r = 0; r <= k.num_rows; ++r) start[r] = 0;
  for (int64_t i = 0; i < k.count; ++i) ++start[k.indices[i]];
  for (int64_t r = 1; r <= k.num_rows; ++r) start[r] += start[r - 1];
  for (int64_t i = k.count - 1; i >= 0; --i) order[--start[k.indices[i]]] = static_cast<int32_t>(i);
  return {start, order};
}

// Columns [begin, end) of one row of dx: the sum stays in the nearest cache until it is whole.
template <class Put>
void add_group(const ScatterAddRows& k, const int32_t* order, int64_t size, const int32_t* order_end,
               float* g_dx, int64_t begin, int64_t end, const Put& put) {
  alignas(64) float sum[kColumnsPerTask];
  if (size == 0) return for_lanes(begin, end, [&](int64_t c, auto lanes) { put(g_dx + c, zero16(), lanes); });
  for (int64_t j = 0; j < size; ++j) {
    const float* g_dy = k.dy + order[j] * k.width;
    const float* g_next = k.dy + (order + j + 4 < order_end ? order[j + 4] : order[j]) * k.width;
    const bool is_first = j == 0, is_last = j + 1 == size;
    for_lanes(begin, end, [&](int64_t c, auto lanes) {
      __builtin_prefetch(g_next + c);
      const F32x16 total = (is_first ? zero16() : load(sum + c - begin)) + load(g_dy + c, lanes);
      if (is_last)
        put(g_dx + c, total, lanes);
      else
        store(sum + c - begin, total);
    });
  }
}

}  // namespace

// A task owns some rows of dx and some of its columns: nobody else writes there, so rows are added in order
// of i without atomics.
template <>
void ScatterAddRows::run<kTarget>() const {
  if (num_rows == 0 || width == 0) return;
  const Groups groups = group_by_row(*this);
  const int64_t elements = (num_rows + count) * width;
  const int64_t column_blocks = (width + kColumnsPerTask - 1) / kColumnsPerTask;
  const int64_t block_elements = elements / column_blocks;
  const int64_t row_ranges = block_elements / kElementsPerTask + 1;
  const int64_t rows = (num_rows + row_ranges - 1) / row_ranges;
  const int64_t tasks = (num_rows + rows - 1) / rows * column_blocks;
  const int64_t grain = elements <= kElementsPerTask ? tasks : 1;
  parallel_outputs(tasks, grain, 4 * elements, [&](int64_t first, int64_t last, auto put) {
    for (int64_t task = first; task < last; ++task) {
      const int64_t row_begin = task / column_blocks * rows, column = task % column_blocks * kColumnsPerTask;
      const int64_t row_end = row_begin + rows < num_rows ? row_begin + rows : num_rows;
      const int64_t column_end = column + kColumnsPerTask < width ? column + kColumnsPerTask : width;
      for (int64_t r = row_begin; r < row_end; ++r)
        add_group(*this, groups.order + groups.start[r], groups.start[r + 1] - groups.start[r],
                  groups.order + count, dx + r * width, column, column_end, put);
    }
  });
}

}  // namespace lengthen
