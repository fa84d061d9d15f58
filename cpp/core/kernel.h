// Kernel slots. A kernel is a plain struct of arguments (pointers, sizes) with
//   static constexpr const char* kName = "rms_norm";
//   template <Target> void run() const;      declared in cpp/ops/<op>.h
// Each CPU instruction set defines its own run<kTarget> in cpp/kernels/<op>.cpp (compiled once per target);
// the CUDA backend fills KernelSlot<K>::cuda from cuda/<op>.cu. Nothing is registered at run time for the
// CPU.
#pragma once

#include "core/device.h"
#include "core/error.h"
#include "core/target.h"

namespace lengthen {

template <class Kernel>
struct KernelSlot {
  using Launcher = void (*)(const Kernel&);
  // Null in a build without the CUDA backend.
  static inline Launcher cuda = nullptr;
};

template <class Kernel>
void run_on_cpu(const Kernel& kernel) {
  switch (active_target()) {
#if defined(__x86_64__)
    case Target::avx512:
      return kernel.template run<Target::avx512>();
    case Target::avx2:
      return kernel.template run<Target::avx2>();
#endif
    default:
      return kernel.template run<Target::plain>();
  }
}

// Runs the kernel on the calling (device) thread.
template <class Kernel>
void launch(Device device, const Kernel& kernel) {
  if (device.kind == DeviceKind::cpu) return run_on_cpu(kernel);
  if (!KernelSlot<Kernel>::cuda)
    throw UnsupportedError(
        text("[", Kernel::kName, "] no CUDA kernel in this build; supported devices: cpu"));
  KernelSlot<Kernel>::cuda(kernel);
}

}  // namespace lengthen
