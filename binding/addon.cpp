// The addon's entry point: the classes, the ops, and the settings of the process.
#include <napi.h>

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/ops.h"
#include "binding/program_handle.h"
#include "binding/tensor_handle.h"
#include "core/runtime.h"
#include "core/target.h"
#include "core/thread_pool.h"

namespace lengthen::binding {
namespace {

Device device_argument(const Napi::CallbackInfo& info, size_t index = 0) {
  return parse_device(from_js<std::string>(info[index]));
}

// empty(shape, dtype, device)
Napi::Value empty(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const Device device = device_argument(info, 2);
    runtime(device);  // throws here and now where there is no such device
    return to_js(info.Env(), Tensor::empty(from_js<Shape>(info[0]), from_js<DType>(info[1]), device));
  });
}

Napi::Value memory_stats(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const AllocatorStats stats = runtime(device_argument(info)).allocator.stats();
    Napi::Object out = Napi::Object::New(info.Env());
    out["usedBytes"] = static_cast<double>(stats.used_bytes);
    out["cachedBytes"] = static_cast<double>(stats.cached_bytes);
    out["peakUsedBytes"] = static_cast<double>(stats.peak_used_bytes);
    out["numSourceCalls"] = static_cast<double>(stats.num_source_calls);
    out["budgetBytes"] = static_cast<double>(stats.budget_bytes);
    return out;
  });
}

void reset_peak_memory(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { runtime(device_argument(info)).allocator.reset_peak(); });
}

void set_memory_budget(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    const double bytes = from_js<double>(info[1]);
    if (!(bytes >= 0))
      throw ArgumentError(text("[setMemoryBudget] expected a number of bytes, got ", number_text(bytes)));
    constexpr double kNoLimit = 0x1p63;
    runtime(device_argument(info))
        .allocator.set_budget(bytes >= kNoLimit ? SIZE_MAX : static_cast<size_t>(bytes));
  });
}

void trim(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { runtime(device_argument(info)).allocator.trim(); });
}

Napi::Value get_num_threads(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), num_threads()); });
}

void set_threads(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { set_num_threads(from_js<int32_t>(info[0])); });
}

Napi::Value get_target(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::String::New(info.Env(), name_of(active_target())); });
}

void set_target(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { set_active_target(from_js<std::string>(info[0])); });
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment(env);
  env.SetInstanceData(environment);
  environment->tensor_class = Napi::Persistent(TensorHandle::define(env));
  environment->program_class = Napi::Persistent(ProgramHandle::define(env));
  const auto add = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("empty", empty);
  add("record", ProgramHandle::record);
  add("memoryStats", memory_stats);
  add("resetPeakMemory", reset_peak_memory);
  add("setMemoryBudget", set_memory_budget);
  add("trim", trim);
  add("numThreads", get_num_threads);
  add("setNumThreads", set_threads);
  add("target", get_target);
  add("setTarget", set_target);
  exports.Set("ops", define_ops(env));
  return exports;
}

}  // namespace
}  // namespace lengthen::binding

static Napi::Object initialize_addon(Napi::Env env, Napi::Object exports) {
  return lengthen::binding::initialize(env, exports);
}
NODE_API_MODULE(lengthen, initialize_addon)
