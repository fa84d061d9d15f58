// A caching allocator: freed blocks are kept by size class and handed out again, so that a steady state takes
// nothing from the system. The policy is the same on every device; a MemorySource says where the bytes come
// from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lengthen {

// Where blocks come from: the operating system, a GPU driver.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  // Returns null when there is no memory.
  virtual void* allocate(size_t bytes) = 0;
  virtual void free(void* data, size_t bytes) = 0;
  virtual size_t free_bytes() const = 0;
  // What there is in all: an allocator's first budget.
  virtual size_t total_bytes() const = 0;
};

std::unique_ptr<MemorySource> host_memory_source();

struct AllocatorStats {
  size_t used_bytes = 0;          // in blocks handed out
  size_t cached_bytes = 0;        // in blocks kept for reuse
  size_t peak_used_bytes = 0;     // largest used_bytes since reset_peak
  uint64_t num_source_calls = 0;  // times the source was asked for memory
  size_t budget_bytes = 0;        // limit on used + cached
};

struct Block {
  void* data = nullptr;
  size_t bytes = 0;  // the size class, at least what was asked for
};

// Thread safe.
class CachingAllocator {
 public:
  CachingAllocator(std::unique_ptr<MemorySource> source, std::string device_name);
  ~CachingAllocator();

  // 64-byte aligned, contents undefined. Throws OutOfMemoryError with asked and free bytes.
  Block allocate(size_t bytes);
  void release(Block block) noexcept;
  // Gives cached blocks back to the source.
  void trim();
  AllocatorStats stats() const;
  void reset_peak();
  void set_budget(size_t bytes);

 private:
  Block take_cached_locked(size_t size);
  Block take_new_locked(size_t size, size_t asked);
  // What may still be handed out within the budget.
  size_t room_locked() const;
  void trim_locked();
  [[noreturn]] void throw_out_of_memory(size_t asked) const;

  std::unique_ptr<MemorySource> source_;
  std::string device_name_;
  mutable std::mutex mutex_;
  std::map<size_t, std::vector<void*>> cache_;  // size class -> free blocks
  AllocatorStats stats_;
};

// Size class of a request: a power of two cut in eighths, at least 64 bytes.
size_t size_class(size_t bytes);

}  // namespace lengthen
