#include "core/allocator.h"

#include <algorithm>
#include <bit>

#include "core/error.h"
#include "core/poison.h"

namespace lengthen {

size_t size_class(size_t bytes) {
  constexpr size_t kSmallest = 64;
  if (bytes <= 8 * kSmallest)
    return (bytes + kSmallest - 1) / kSmallest * kSmallest + (bytes == 0 ? kSmallest : 0);
  const size_t step = std::bit_floor(bytes - 1) / 8;
  return (bytes + step - 1) / step * step;
}

CachingAllocator::CachingAllocator(std::unique_ptr<MemorySource> source, std::string device_name)
    : source_(std::move(source)), device_name_(std::move(device_name)) {
  stats_.budget_bytes = source_->total_bytes();
}

CachingAllocator::~CachingAllocator() { trim_locked(); }

Block CachingAllocator::allocate(size_t bytes) {
  const size_t size = size_class(bytes);
  std::lock_guard lock(mutex_);
  if (size > room_locked()) throw_out_of_memory(bytes);
  Block block = take_cached_locked(size);
  if (!block.data) block = take_new_locked(size, bytes);
  poison(block.data, size);
  unpoison(block.data, bytes);
  stats_.used_bytes += size;
  stats_.peak_used_bytes = std::max(stats_.peak_used_bytes, stats_.used_bytes);
  return block;
}

Block CachingAllocator::take_cached_locked(size_t size) {
  auto& free_blocks = cache_[size];
  if (free_blocks.empty()) return {};
  void* data = free_blocks.back();
  free_blocks.pop_back();
  stats_.cached_bytes -= size;
  return {data, size};
}

Block CachingAllocator::take_new_locked(size_t size, size_t asked) {
  if (stats_.cached_bytes > room_locked() - size) trim_locked();
  ++stats_.num_source_calls;
  void* data = source_->allocate(size);
  if (!data) {
    trim_locked();
    data = source_->allocate(size);
  }
  if (!data) throw_out_of_memory(asked);
  return {data, size};
}

size_t CachingAllocator::room_locked() const {
  return stats_.budget_bytes - std::min(stats_.budget_bytes, stats_.used_bytes);
}

void CachingAllocator::release(Block block) noexcept {
  if (!block.data) return;
  std::lock_guard lock(mutex_);
  poison(block.data, block.bytes);
  stats_.used_bytes -= block.bytes;
  stats_.cached_bytes += block.bytes;
  cache_[block.bytes].push_back(block.data);
}

void CachingAllocator::trim() {
  std::lock_guard lock(mutex_);
  trim_locked();
}

void CachingAllocator::trim_locked() {
  for (auto& [size, blocks] : cache_) {
    for (void* data : blocks) {
      unpoison(data, size);
      source_->free(data, size);
    }
    blocks.clear();
  }
  stats_.cached_bytes = 0;
}

AllocatorStats CachingAllocator::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

void CachingAllocator::reset_peak() {
  std::lock_guard lock(mutex_);
  stats_.peak_used_bytes = stats_.used_bytes;
}

void CachingAllocator::set_budget(size_t bytes) {
  std::lock_guard lock(mutex_);
  stats_.budget_bytes = bytes;
  if (stats_.cached_bytes > room_locked()) trim_locked();
}

void CachingAllocator::throw_out_of_memory(size_t asked) const {
  const size_t free = std::min(room_locked(), source_->free_bytes());
  throw OutOfMemoryError(text("[allocator] out of memory on ", device_name_, ": asked for ", asked,
                              " bytes, ", free, " free, ", stats_.used_bytes, " in use"),
                         asked, free);
}

}  // namespace lengthen
