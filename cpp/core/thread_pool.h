// One pool of worker threads per process. The calling thread takes part; idle workers spin for at most 50 µs,
// then park. Which thread runs a task never changes a result: tasks are cut by the caller at fixed places.
#pragma once

#include <cstdint>

namespace lengthen {

// One unit of work: `task` in [0, num_tasks), `thread` in [0, num_threads()).
using TaskFn = void (*)(void* context, int64_t task, int thread);

// Runs fn for every task and returns when all are done. Called from a device thread; not re-entrant.
// An exception thrown by a task is rethrown here after all tasks have ended.
void parallel_for(int64_t num_tasks, TaskFn fn, void* context);

// Threads that take part, the caller included. At first: the smaller of the process's CPU affinity and the
// container's CPU quota, or LENGTHEN_THREADS.
int num_threads();
// Takes effect at the next parallel_for. Throws ArgumentError unless 1 <= n <= 1024.
void set_num_threads(int n);

// Joins the workers (they start again when needed). For unloading and for fork-like tests.
void stop_thread_pool();

}  // namespace lengthen
