#include "core/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/spin.h"
#include "core/start_thread.h"

namespace lengthen {
namespace {

int cpus_by_affinity() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

// cgroup v2, then v1: quota over period, rounded up; a large number when there is none.
int cpus_by_quota() {
  double quota = -1, period = 100000;
  std::string first;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> first >> period) {
    if (first != "max") quota = std::atof(first.c_str());
  } else if (std::ifstream v1("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"); v1 >> quota) {
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period;
  }
  return quota > 0 ? std::max(1, static_cast<int>(std::ceil(quota / period))) : 1 << 20;
}

void check_num_threads(const char* where, int64_t n) {
  if (n < 1 || n > 1024) throw ArgumentError(text("[", where, "] expected 1 to 1024 threads, got ", n));
}

int default_num_threads() {
  const char* asked = std::getenv("LENGTHEN_THREADS");
  if (!asked || !*asked) return std::min({cpus_by_affinity(), cpus_by_quota(), 1024});
  char* end = nullptr;
  const int64_t n = std::strtoll(asked, &end, 10);
  if (*end) throw ArgumentError(text("[LENGTHEN_THREADS] expected 1 to 1024 threads, got ", asked));
  check_num_threads("LENGTHEN_THREADS", n);
  return static_cast<int>(n);
}

// A job: tasks are claimed one at a time from a shared counter. Workers enter while it is open; the caller
// closes it when no task is left and waits only for those inside, so that a worker the system has not
// scheduled costs nothing.
struct Job {
  TaskFn fn = nullptr;
  void* context = nullptr;
  int64_t num_tasks = 0;
  std::atomic<int64_t> next{0};
  std::exception_ptr error;
  std::mutex error_mutex;

  void work(int thread) {
    for (int64_t task; (task = next.fetch_add(1, std::memory_order_relaxed)) < num_tasks;) {
      try {
        fn(context, task, thread);
      } catch (...) {
        std::lock_guard lock(error_mutex);
        if (!error) error = std::current_exception();
      }
    }
  }
};

class ThreadPool {
 public:
  int size() const { return size_.load(std::memory_order_relaxed); }

  void resize(int n) {
    std::lock_guard run_lock(run_mutex_);
    stop_workers();
    size_.store(n);
  }

  void stop() {
    std::lock_guard run_lock(run_mutex_);
    stop_workers();
  }

  void run(int64_t num_tasks, TaskFn fn, void* context) {
    if (num_tasks <= 0) return;
    std::lock_guard run_lock(run_mutex_);  // several devices may share the pool
    Job job;
    job.fn = fn;
    job.context = context;
    job.num_tasks = num_tasks;
    if (num_tasks == 1 || size() == 1) {
      job.work(0);
    } else {
      start_workers();
      open(&job);
      job.work(0);
      close();
    }
    if (job.error) std::rethrow_exception(job.error);
  }

 private:
  void start_workers() {
    while (static_cast<int>(workers_.size()) < size() - 1)
      workers_.push_back(start_thread([this, thread = static_cast<int>(workers_.size()) + 1,
                                       seen = generation_.load()] { worker_loop(thread, seen); }));
  }

  void stop_workers() {
    {
      std::lock_guard lock(mutex_);
      is_stopping_ = true;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    is_stopping_ = false;
  }

  void open(Job* job) {
    job_ = job;
    door_.store(0, std::memory_order_release);
    {
      std::lock_guard lock(mutex_);
      generation_.fetch_add(1, std::memory_order_release);
    }
    if (num_parked_.load() > 0) wake_.notify_all();
  }

  void close() {
    door_.fetch_or(kClosed, std::memory_order_relaxed);
    const auto is_empty = [this] { return door_.load(std::memory_order_acquire) == kClosed; };
    while (!spin_until(is_empty)) std::this_thread::yield();
  }

  // False once the job is closed.
  bool enter() {
    int seen = door_.load(std::memory_order_relaxed);
    while (!(seen & kClosed))
      if (door_.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire)) return true;
    return false;
  }

  void leave() { door_.fetch_sub(1, std::memory_order_release); }

  void worker_loop(int thread, uint64_t seen) {
    for (;;) {
      const auto has_changed = [&] { return generation_.load(std::memory_order_acquire) != seen; };
      if (!spin_until(has_changed)) {
        std::unique_lock lock(mutex_);
        num_parked_.fetch_add(1);
        wake_.wait(lock, has_changed);
        num_parked_.fetch_sub(1);
      }
      seen = generation_.load(std::memory_order_acquire);
      if (is_stopping_) return;
      if (!enter()) continue;
      job_->work(thread);
      leave();
    }
  }

  static constexpr int kClosed = 1 << 30;

  std::atomic<int> size_{default_num_threads()};
  std::mutex run_mutex_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::thread> workers_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<int> door_{kClosed};  // workers inside the job, and whether it is closed
  std::atomic<int> num_parked_{0};
  std::atomic<bool> is_stopping_{false};
  Job* job_ = nullptr;  // read by workers that have entered
};

std::atomic<ThreadPool*> existing_pool{nullptr};

// Leaked on purpose: a device thread may outlive static destructors. Throws where LENGTHEN_THREADS is no
// number of threads.
ThreadPool& pool() {
  static ThreadPool* instance = [] {
    existing_pool = new ThreadPool;
    return existing_pool.load();
  }();
  return *instance;
}

}  // namespace

void parallel_for(int64_t num_tasks, TaskFn fn, void* context) { pool().run(num_tasks, fn, context); }

int num_threads() { return pool().size(); }

void set_num_threads(int n) {
  check_num_threads("set_num_threads", n);
  pool().resize(n);
}

void stop_thread_pool() {
  if (ThreadPool* pool = existing_pool) pool->stop();
}

}  // namespace lengthen
