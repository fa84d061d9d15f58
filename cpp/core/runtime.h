// What one device has: its allocator and its stream. Made on first use, kept for the life of the process.
#pragma once

#include "core/allocator.h"
#include "core/device.h"
#include "core/stream.h"

namespace lengthen {

struct Runtime {
  CachingAllocator& allocator;
  Stream& stream;
};

// Throws UnsupportedError for a device this build or machine does not have.
Runtime& runtime(Device device);

// A back end offers its devices here (cuda/ does, from a static initialiser in its object library).
using RuntimeFactory = Runtime& (*)(int index);
void set_cuda_runtime_factory(RuntimeFactory factory);

// For a thread that ends: drops what it has queued on any device.
void drop_own_operations();

// Ends every device thread after the op that runs now, and the pool's threads: when nobody is left to use
// them.
void stop_all_streams();

// Gives back to the system what the allocators keep for reuse.
void trim_all();

}  // namespace lengthen
