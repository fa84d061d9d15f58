// Blocks from the operating system. Huge pages are not asked for: while they are first touched the event loop
// stood still for up to 300 ms and the first steps took a quarter longer; later ones were no faster (npm run
// check:speed event-loop).
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include "core/allocator.h"

namespace lengthen {
namespace {

constexpr size_t kAlignment = 64;

// A line of /proc/meminfo in bytes; `otherwise` where there is none.
size_t meminfo(const std::string& wanted, size_t otherwise) {
  std::ifstream file("/proc/meminfo");
  std::string key;
  size_t kib = 0;
  for (std::string unit; file >> key >> kib;) {
    std::getline(file, unit);
    if (key == wanted) return kib * 1024;
  }
  return otherwise;
}

// For systems without /proc: macOS, a bare sandbox.
size_t physical_memory() {
  const auto pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return std::numeric_limits<size_t>::max();
  return static_cast<size_t>(pages) * static_cast<size_t>(page_bytes);
}

// The container's limit: cgroup v2, then v1. "max" and absurd numbers mean that there is none.
size_t container_limit() {
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (size_t bytes = 0; std::ifstream(path) >> bytes) return bytes;
  return std::numeric_limits<size_t>::max();
}

class HostMemory final : public MemorySource {
 public:
  void* allocate(size_t bytes) override {
    void* data = nullptr;
    return posix_memalign(&data, kAlignment, bytes) == 0 ? data : nullptr;
  }
  void free(void* data, size_t) override { std::free(data); }
  size_t free_bytes() const override { return meminfo("MemAvailable:", physical_memory()); }
  // Linux hands out more than there is and kills the process later: a budget gives an error instead.
  size_t total_bytes() const override {
    return std::min(meminfo("MemTotal:", physical_memory()), container_limit());
  }
};

}  // namespace

std::unique_ptr<MemorySource> host_memory_source() { return std::make_unique<HostMemory>(); }

}  // namespace lengthen
