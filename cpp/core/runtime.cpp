#include "core/runtime.h"

#include "core/error.h"
#include "core/thread_pool.h"

namespace lengthen {
namespace {

RuntimeFactory cuda_factory = nullptr;

// Leaked on purpose: tensors may die after static destructors have run.
Runtime& cpu_runtime() {
  static CachingAllocator* allocator = new CachingAllocator(host_memory_source(), "cpu");
  static Stream* stream = new Stream("cpu");
  static Runtime* runtime = new Runtime{*allocator, *stream};
  return *runtime;
}

}  // namespace

std::string name_of(Device device) {
  return device.kind == DeviceKind::cpu ? "cpu" : text("cuda:", static_cast<int>(device.index));
}

Device parse_device(const std::string& name) {
  if (name == "cpu") return {};
  if (name == "cuda") return {DeviceKind::cuda, 0};
  if (name.size() == 6 && name.starts_with("cuda:") && name[5] >= '0' && name[5] <= '9')
    return {DeviceKind::cuda, static_cast<uint8_t>(name[5] - '0')};
  throw ArgumentError(text("[device] expected cpu, cuda or cuda:N, got ", name));
}

Runtime& runtime(Device device) {
  if (device.kind == DeviceKind::cpu) return cpu_runtime();
  if (!cuda_factory)
    throw UnsupportedError("[device] this build has no CUDA backend; supported devices: cpu");
  return cuda_factory(device.index);
}

void set_cuda_runtime_factory(RuntimeFactory factory) { cuda_factory = factory; }

void drop_own_operations() { cpu_runtime().stream.drop_own(); }

void stop_all_streams() {
  cpu_runtime().stream.stop();
  stop_thread_pool();
}

void trim_all() { cpu_runtime().allocator.trim(); }

}  // namespace lengthen
