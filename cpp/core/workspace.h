// A thread's own scratch memory, for kernels whose tiles outgrow a thread's stack (musl: 128 KiB, macOS: 512
// KiB).
#pragma once

#include <cstdint>

namespace lengthen {

// At least `floats` floats, 64-byte aligned, contents undefined; valid until this thread's next call. Kept
// for the next one, freed with the thread.
float* thread_workspace(int64_t floats);

}  // namespace lengthen
