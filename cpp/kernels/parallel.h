// parallel_for with a lambda, for kernel files: parallel(num_tasks, [&](int64_t task, int thread) { … }).
#pragma once

#include <cstdint>

#include "core/thread_pool.h"

namespace lengthen {
namespace {

template <class Body>
inline void parallel(int64_t num_tasks, const Body& body) {
  parallel_for(
      num_tasks,
      [](void* context, int64_t task, int thread) { (*static_cast<const Body*>(context))(task, thread); },
      const_cast<Body*>(&body));
}

// Rows [0, rows) in tasks of `grain` rows: body(begin, end). Cut at fixed multiples, whatever the thread
// count.
template <class Body>
inline void parallel_rows(int64_t rows, int64_t grain, const Body& body) {
  parallel((rows + grain - 1) / grain, [&](int64_t task, int) {
    const int64_t begin = task * grain;
    const int64_t end = begin + grain < rows ? begin + grain : rows;
    body(begin, end);
  });
}

}  // namespace
}  // namespace lengthen
