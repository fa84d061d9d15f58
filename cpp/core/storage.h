// A block of device memory with a reference count. Memory is taken by the device thread when the op that
// first writes it starts, and goes back to the allocator with the last reference (queued ops hold
// references).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/allocator.h"
#include "core/device.h"

namespace lengthen {

// Why a storage holds no usable values: the first op that failed, and its cause.
struct Failure {
  std::string op;
  std::string code;  // of the error that caused it: "OutOfMemoryError", ...
  std::string message;
  size_t asked_bytes = 0, free_bytes = 0;  // of an OutOfMemoryError
};
using FailurePtr = std::shared_ptr<const Failure>;

class Storage {
 public:
  Storage(Device device, size_t bytes) : device_(device), bytes_(bytes) {}
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  Device device() const { return device_; }
  size_t bytes() const { return bytes_; }

  // Counts in-place writes as they are enqueued; the tape compares it to find overwritten values.
  uint32_t version() const { return version_.load(std::memory_order_relaxed); }
  void bump_version() { version_.fetch_add(1, std::memory_order_relaxed); }

  // ---- device thread only ----
  void* data() const { return block_.data; }
  void ensure_allocated();
  const FailurePtr& failure() const { return failure_; }
  void set_failure(FailurePtr failure) { failure_ = std::move(failure); }
  // Called after each op that wrote here: what was derived from the old contents is stale.
  void mark_written() { ++contents_version_; }

  // Memory derived from the contents (weights packed for a product), rebuilt when they have changed. `key`
  // names the layout; build(source, destination) fills it.
  template <class Build>
  const void* derived(uint64_t key, size_t bytes, const Build& build) {
    Derived& entry = find_derived(key, bytes);
    if (entry.contents_version != contents_version_) {
      build(block_.data, entry.block.data);
      entry.contents_version = contents_version_;
    }
    return entry.block.data;
  }

 private:
  struct Derived {
    uint64_t key;
    uint64_t contents_version;
    Block block;
  };
  Derived& find_derived(uint64_t key, size_t bytes);
  void drop_derived();

  Device device_;
  size_t bytes_;
  std::atomic<uint32_t> version_{0};
  Block block_;
  FailurePtr failure_;
  uint64_t contents_version_ = 1;
  std::vector<Derived> derived_;
};
using StoragePtr = std::shared_ptr<Storage>;

}  // namespace lengthen
