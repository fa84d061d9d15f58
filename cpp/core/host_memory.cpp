// Blocks from the operating system. Large ones are mapped on their own, with huge pages where the kernel has them.
#include <sys/mman.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/allocator.h"

namespace lengthen {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

size_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  size_t kib = 0;
  for (std::string unit; file >> key >> kib;) {
    std::getline(file, unit);
    if (key == "MemAvailable:") return kib * 1024;
  }
  return 0;
}

class HostMemory final : public MemorySource {
 public:
  void* allocate(size_t bytes) override {
    const size_t alignment = bytes >= kHugePage ? kHugePage : 64;
    void* data = nullptr;
    if (posix_memalign(&data, alignment, bytes) != 0) return nullptr;
#if defined(__linux__)
    if (bytes >= kHugePage) madvise(data, bytes, MADV_HUGEPAGE);
#endif
    return data;
  }
  void free(void* data, size_t) override { std::free(data); }
  size_t free_bytes() const override { return available_bytes(); }
};

}  // namespace

std::unique_ptr<MemorySource> host_memory_source() { return std::make_unique<HostMemory>(); }

}  // namespace lengthen
