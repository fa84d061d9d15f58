#include "ops/broadcast.h"

#include "kernels/lanes.h"

namespace lengthen {
namespace {

constexpr int64_t kColumnsPerTask = 1024;

}  // namespace

template <>
void Expand::run<kTarget>() const {
  if (shape.inner == 1) {
    return parallel_rows(shape.outer, rows_per_task(shape.kept), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r)
        for_lanes(0, shape.kept,
                  [&](int64_t c, auto lanes) { store(y + r * shape.kept + c, load(x + c, lanes), lanes); });
    });
  }
  parallel_rows(shape.outer * shape.kept, rows_per_task(shape.inner), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const F32x16 value = set1(x[r % shape.kept]);
      for_lanes(0, shape.inner, [&](int64_t c, auto lanes) { store(y + r * shape.inner + c, value, lanes); });
    }
  });
}

template <>
void SumRows::run<kTarget>() const {
  const int64_t chunks = (rows + kRowsPerChunk - 1) / kRowsPerChunk;
  const int64_t chunks_per_task = rows_per_task(width * kRowsPerChunk);
  parallel_rows(chunks, chunks_per_task, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      const int64_t last = (chunk + 1) * kRowsPerChunk < rows ? (chunk + 1) * kRowsPerChunk : rows;
      for_lanes(0, width, [&](int64_t c, auto lanes) {
        F32x16 sum = zero16();
        for (int64_t r = chunk * kRowsPerChunk; r < last; ++r) sum = sum + load(x + r * width + c, lanes);
        store(partial + chunk * width + c, sum, lanes);
      });
    }
  });
  parallel_rows(width, kColumnsPerTask, [&](int64_t begin, int64_t end) {
    for_lanes(begin, end, [&](int64_t c, auto lanes) {
      F32x16 sum = zero16();
      for (int64_t chunk = 0; chunk < chunks; ++chunk) sum = sum + load(partial + chunk * width + c, lanes);
      store(y + c, sum, lanes);
    });
  });
}

}  // namespace lengthen
