// Walks over float arrays sixteen lanes at a time, and cuts elements into tasks at fixed places. For kernel
// files only.
#pragma once

#include "kernels/parallel.h"
#include "kernels/vec.h"

namespace lengthen {
namespace {

// A full step, known at compile time, or the tail of an array.
struct AllLanes {};
struct FirstLanes {
  int count;
};

inline F32x16 load(const float* p, AllLanes) { return load(p); }
inline F32x16 load(const float* p, FirstLanes lanes) { return load_n(p, lanes.count); }
inline void store(float* p, F32x16 v, AllLanes) { store(p, v); }
inline void store(float* p, F32x16 v, FirstLanes lanes) { store_n(p, v, lanes.count); }
// v where there are elements, `rest` in the other lanes.
inline F32x16 keep(F32x16 v, AllLanes, float) { return v; }
inline F32x16 keep(F32x16 v, FirstLanes lanes, float rest) {
  return select(first_n(lanes.count), v, set1(rest));
}

// NaN where either is NaN, unlike max and min.
inline F32x16 max_or_nan(F32x16 a, F32x16 b) { return select(is_nan(a), a, max(a, b)); }
inline F32x16 min_or_nan(F32x16 a, F32x16 b) { return select(is_nan(a), a, min(a, b)); }

// Calls body(i, lanes) for i = begin, begin + 16, …
template <class Body>
inline void for_lanes(int64_t begin, int64_t end, const Body& body) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) body(i, AllLanes{});
  if (i < end) body(i, FirstLanes{static_cast<int>(end - i)});
}

// Below this many elements an op is one task: waking a worker costs more than the work.
constexpr int64_t kElementsPerTask = 16384;

// body(i, lanes) over [0, n), in tasks.
template <class Body>
inline void parallel_lanes(int64_t n, const Body& body) {
  parallel_rows(n, kElementsPerTask, [&](int64_t begin, int64_t end) { for_lanes(begin, end, body); });
}

// How many rows of this width make a task.
inline int64_t rows_per_task(int64_t width) {
  return width <= 0 || width >= kElementsPerTask ? 1 : kElementsPerTask / width;
}

}  // namespace
}  // namespace lengthen
