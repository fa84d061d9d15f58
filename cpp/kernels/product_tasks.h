// Cuts a product's output into tasks for the thread pool. Where it is cut never changes a bit
// (kernels/product.h), so the number of threads may decide.
//
// For kernel files only: all of it is file-local.
#pragma once

#include <cstdint>

#include "kernels/parallel.h"
#include "kernels/product.h"

namespace lengthen {
namespace {

struct Blocks {
  int64_t rows, columns;  // of the output, per task
};

constexpr int64_t num_blocks(int64_t extent, int64_t block) { return (extent + block - 1) / block; }
constexpr int64_t rounded_up(int64_t value, int64_t multiple) {
  return num_blocks(value, multiple) * multiple;
}

// With B packed beforehand; and with B packed for each task (kernels/product_rows.h), which more rows make up
// for.
constexpr Blocks kPackedBlocks{96, 256}, kRowMajorBlocks{384, 256};

// Blocks of at most `largest`, halved while threads would go short of tasks and a task is still worth handing
// over.
inline Blocks choose_blocks(int64_t rows, int64_t columns, int64_t inner, Blocks largest) {
  constexpr int64_t kMinWork = int64_t{1} << 19;  // multiply-adds: about 10 µs
  constexpr int64_t kRowStep = 12;                // a multiple of every target's tile
  const int64_t threads = num_threads(), enough_tasks = threads > 1 ? 3 * threads : 1;
  if (rows == 0 || columns == 0) return {kRowStep, kPanelColumns};
  Blocks b{rows < largest.rows ? rows : largest.rows,
           columns < largest.columns ? rounded_up(columns, kPanelColumns) : largest.columns};
  for (;;) {
    const int64_t tasks = num_blocks(rows, b.rows) * num_blocks(columns, b.columns);
    const int64_t rows_felt = b.rows < 4 ? 4 : b.rows;  // few rows wait for memory, not for arithmetic
    if (tasks >= enough_tasks || rows_felt * b.columns * inner < 2 * kMinWork) return b;
    if (b.rows >= 48)
      b.rows = rounded_up(b.rows / 2, kRowStep);
    else if (b.columns > kPanelColumns)
      b.columns = rounded_up(b.columns / 2, kPanelColumns);
    else
      return b;
  }
}

// Calls body(first row, rows, first column, columns) for every block of the output, over the thread pool.
template <class Body>
inline void parallel_blocks(int64_t rows, int64_t columns, Blocks block, const Body& body) {
  if (rows == 0 || columns == 0) return;
  const int64_t down = num_blocks(rows, block.rows), across = num_blocks(columns, block.columns);
  parallel(down * across, [&](int64_t task, int) {
    const int64_t i = task / across * block.rows, j = task % across * block.columns;
    body(i, rows - i < block.rows ? rows - i : block.rows, j,
         columns - j < block.columns ? columns - j : block.columns);
  });
}

}  // namespace
}  // namespace lengthen
