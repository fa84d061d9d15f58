#include "core/thread_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "core/error.h"

namespace lengthen {
namespace {

struct Counts {
  std::vector<std::atomic<int>> runs;
};

TEST_CASE("every task runs exactly once with any number of threads") {
  const int original = num_threads();
  for (int threads : {1, 2, 5}) {
    set_num_threads(threads);
    for (int64_t tasks : {0, 1, 2, 7, 1000}) {
      Counts counts{std::vector<std::atomic<int>>(static_cast<size_t>(tasks))};
      parallel_for(
          tasks,
          [](void* c, int64_t task, int) { ++static_cast<Counts*>(c)->runs[static_cast<size_t>(task)]; },
          &counts);
      for (auto& n : counts.runs) CHECK(n == 1);
    }
  }
  set_num_threads(original);
}

TEST_CASE("a task's exception reaches the caller after the others have ended") {
  std::atomic<int> ended{0};
  CHECK_THROWS_AS(parallel_for(
                      64,
                      [](void* c, int64_t task, int) {
                        if (task == 13) throw ArgumentError("thirteen");
                        ++*static_cast<std::atomic<int>*>(c);
                      },
                      &ended),
                  ArgumentError);
  CHECK(ended == 63);
}

TEST_CASE("an impossible number of threads is refused") {
  CHECK_THROWS_AS(set_num_threads(0), ArgumentError);
  CHECK_THROWS_AS(set_num_threads(100000), ArgumentError);
}

}  // namespace
}  // namespace lengthen
