// Stores of an output that is larger than the caches: past them, so that no line is read only to be
// overwritten. An output that fits stays in the caches for the op that reads it next. For kernel files only.
#pragma once

#include "kernels/lanes.h"

namespace lengthen {
namespace {

// An op that reads and writes more than this leaves nothing of use in the caches.
constexpr int64_t kStreamedBytes = 32 << 20;

struct CachedStore {
  void operator()(float* p, F32x16 v, AllLanes lanes) const { store(p, v, lanes); }
  void operator()(float* p, F32x16 v, FirstLanes lanes) const { store(p, v, lanes); }
};

// Only whole cache lines go past the caches: the rest of a line would have to be read after all.
struct StreamedStore {
  void operator()(float* p, F32x16 v, AllLanes lanes) const {
    if (reinterpret_cast<uintptr_t>(p) % 64 == 0)
      store_streamed(p, v);
    else
      store(p, v, lanes);
  }
  void operator()(float* p, F32x16 v, FirstLanes lanes) const { store(p, v, lanes); }
};

// parallel_rows for an op that moves `bytes` bytes and writes its output once: body(begin, end, put), where
// put(p, v, lanes) is the store. The fence makes a task's stores visible before the task counts as done.
template <class Body>
inline void parallel_outputs(int64_t rows, int64_t grain, int64_t bytes, const Body& body) {
  if (bytes < kStreamedBytes)
    return parallel_rows(rows, grain, [&](int64_t begin, int64_t end) { body(begin, end, CachedStore{}); });
  parallel_rows(rows, grain, [&](int64_t begin, int64_t end) {
    body(begin, end, StreamedStore{});
    finish_streamed();
  });
}

}  // namespace
}  // namespace lengthen
