#include "core/storage.h"

#include "core/runtime.h"

namespace lengthen {

Storage::~Storage() {
  drop_derived();
  if (block_.data) runtime(device_).allocator.release(block_);
}

void Storage::ensure_allocated() {
  if (!block_.data) block_ = runtime(device_).allocator.allocate(bytes_);
}

void Storage::drop_derived() {
  for (Derived& entry : derived_) runtime(device_).allocator.release(entry.block);
  derived_.clear();
}

Storage::Derived& Storage::find_derived(uint64_t key, size_t bytes) {
  for (Derived& entry : derived_)
    if (entry.key == key) return entry;
  const Block block = runtime(device_).allocator.allocate(bytes);
  derived_.push_back({key, 0, block});
  return derived_.back();
}

}  // namespace lengthen
