#include "core/allocator.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "core/poison.h"

namespace lengthen {
namespace {

// Counts calls and never has more than `limit` bytes out.
class CountingSource final : public MemorySource {
 public:
  explicit CountingSource(size_t limit) : limit_(limit) {}
  void* allocate(size_t bytes) override {
    if (out + bytes > limit_) return nullptr;
    out += bytes;
    return std::aligned_alloc(64, bytes);
  }
  void free(void* data, size_t bytes) override {
    out -= bytes;
    std::free(data);
  }
  size_t free_bytes() const override { return limit_ - out; }
  size_t total_bytes() const override { return SIZE_MAX; }
  size_t out = 0;

 private:
  size_t limit_;
};

TEST_CASE("size classes hold what was asked for and waste at most an eighth above 512 bytes") {
  for (size_t bytes = 0; bytes < 5000; ++bytes) {
    CHECK(size_class(bytes) >= std::max<size_t>(bytes, 64));
    if (bytes > 512) CHECK(size_class(bytes) <= bytes + bytes / 8 + 1);
  }
  CHECK(size_class(1 << 20) == 1 << 20);
  CHECK(size_class(size_class(12345)) == size_class(12345));
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("under AddressSanitizer neither the rest of a block nor a released one may be touched") {
  CachingAllocator allocator(std::make_unique<CountingSource>(1 << 20), "test");
  const Block block = allocator.allocate(1020);
  char* data = static_cast<char*>(block.data);
  CHECK(__asan_region_is_poisoned(data, 1020) == nullptr);
  CHECK(__asan_address_is_poisoned(data + 1020));
  allocator.release(block);
  CHECK(__asan_address_is_poisoned(data));
  const Block again = allocator.allocate(1000);
  CHECK(__asan_region_is_poisoned(again.data, 1000) == nullptr);
  allocator.release(again);
}
#endif

TEST_CASE("a released block is handed out again without asking the system") {
  CachingAllocator allocator(std::make_unique<CountingSource>(1 << 20), "test");
  const Block a = allocator.allocate(1000);
  allocator.release(a);
  const Block b = allocator.allocate(1020);
  CHECK(a.data == b.data);
  CHECK(allocator.stats().num_source_calls == 1);
  allocator.release(b);
}

TEST_CASE(
    "cached blocks go back to the system before an allocation fails, and the error names asked and free "
    "bytes") {
  CachingAllocator allocator(std::make_unique<CountingSource>(10'000), "test");
  allocator.release(allocator.allocate(8192));
  const Block small = allocator.allocate(4096);  // needs the cached 8192 back first
  CHECK(allocator.stats().cached_bytes == 0);
  try {
    allocator.allocate(8192);
    FAIL("expected OutOfMemoryError");
  } catch (const OutOfMemoryError& e) {
    CHECK(e.asked_bytes() == 8192);
    CHECK(e.free_bytes() == 10'000 - 4096);
  }
  allocator.release(small);
}

TEST_CASE("a budget bounds what is in use and cached together") {
  CachingAllocator allocator(std::make_unique<CountingSource>(1 << 20), "test");
  allocator.set_budget(8192);
  const Block a = allocator.allocate(4096);
  CHECK_THROWS_AS(allocator.allocate(8192), OutOfMemoryError);
  const Block b = allocator.allocate(4096);
  allocator.release(a);
  allocator.release(b);
  allocator.release(allocator.allocate(8192));  // the cache is emptied to stay inside the budget
  CHECK(allocator.stats().cached_bytes + allocator.stats().used_bytes <= 8192);
}

TEST_CASE("a lower budget binds cached blocks too") {
  CachingAllocator allocator(std::make_unique<CountingSource>(1 << 20), "test");
  allocator.release(allocator.allocate(8192));
  allocator.set_budget(4096);
  CHECK(allocator.stats().cached_bytes == 0);
  CHECK_THROWS_AS(allocator.allocate(8192), OutOfMemoryError);
}

}  // namespace
}  // namespace lengthen
