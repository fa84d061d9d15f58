#include "kernels/streaming.h"
#include "ops/gather_rows.h"

namespace lengthen {
namespace {

constexpr int64_t kColumnsPerTask = 256;
// Nothing but the order says which row of dy comes next: it is asked for in time, into the second cache,
// whose queue of misses is longer than the first one's.
constexpr int64_t kElementsAhead = 2048;

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

// Where the rows of one row of dx lie in dy, and which to ask for ahead of them.
struct Group {
  const float* dy;
  int64_t width;
  const int32_t* order;
  int64_t size, ahead;
};

// kSteps · 16 columns of a group, their sums in registers.
template <int kSteps, class Lanes, class Put>
void add_strip(const Group& group, int64_t column, float* g_dx, Lanes lanes, const Put& put) {
  F32x16 sum[kSteps];
#pragma GCC unroll 16
  for (int s = 0; s < kSteps; ++s) sum[s] = zero16();
  for (int64_t j = 0; j < group.size; ++j) {
    const float* g_dy = group.dy + group.order[j] * group.width + column;
    const float* g_next = group.dy + group.order[j + group.ahead] * group.width + column;
#pragma GCC unroll 16
    for (int s = 0; s < kSteps; ++s) {
      __builtin_prefetch(g_next + s * kLanes, 0, 2);
      sum[s] = sum[s] + load(g_dy + s * kLanes, lanes);
    }
  }
#pragma GCC unroll 16
  for (int s = 0; s < kSteps; ++s) put(g_dx + column + s * kLanes, sum[s], lanes);
}

template <class Put>
void add_group(const Group& group, int64_t begin, int64_t end, float* g_dx, const Put& put) {
  int64_t c = begin;
  for (; c + 16 * kLanes <= end; c += 16 * kLanes) add_strip<16>(group, c, g_dx, AllLanes{}, put);
  for (; c + 4 * kLanes <= end; c += 4 * kLanes) add_strip<4>(group, c, g_dx, AllLanes{}, put);
  for (; c + kLanes <= end; c += kLanes) add_strip<1>(group, c, g_dx, AllLanes{}, put);
  if (c < end) add_strip<1>(group, c, g_dx, FirstLanes{static_cast<int>(end - c)}, put);
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
      const int64_t ahead = kElementsAhead / (column_end - column) + 2;
      for (int64_t r = row_begin; r < row_end; ++r) {
        const int64_t start = groups.start[r], size = groups.start[r + 1] - start;
        const bool is_near_end = groups.start[r + 1] + ahead > count;
        const Group group{dy, width, groups.order + start, size, is_near_end ? 0 : ahead};
        add_group(group, column, column_end, dx + r * width, put);
      }
    }
  });
}

}  // namespace lengthen
