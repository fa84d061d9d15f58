#include "binding/program_handle.h"

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/errors.h"
#include "core/runtime.h"

namespace lengthen::binding {
namespace {

struct Recorded {
  Device device;
  ProgramPtr program;
};

// Ends the recording even when the function throws.
ProgramPtr record_ops(const Napi::Function& function) {
  begin_recording();
  try {
    function.Call({});
  } catch (...) {
    end_recording();
    throw;
  }
  return end_recording();
}

}  // namespace

Napi::Function ProgramHandle::define(Napi::Env env) {
  return DefineClass(
      env, "NativeProgram",
      {InstanceMethod<&ProgramHandle::replay>("replay"), InstanceMethod<&ProgramHandle::dispose>("dispose"),
       InstanceAccessor<&ProgramHandle::num_ops>("numOps")});
}

Napi::Value ProgramHandle::record(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (!info[1].IsFunction()) throw ArgumentError("[record] expected a function");
    const Device device = parse_device(from_js<std::string>(info[0]));
    runtime(device);  // throws here and now where there is no such device
    Recorded recorded{device, record_ops(info[1].As<Napi::Function>())};
    return Environment::of(info.Env())
        .program_class.New({Napi::External<Recorded>::New(info.Env(), &recorded)});
  });
}

ProgramHandle::ProgramHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  if (info.Length() != 1 || !info[0].IsExternal())
    throw coded_error(info.Env(), "ArgumentError", "[record] programs are made by record()");
  const Recorded& recorded = *info[0].As<Napi::External<Recorded>>().Data();
  device_ = recorded.device;
  program_ = recorded.program;
}

void ProgramHandle::replay(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    if (!program_) throw ArgumentError("[record] expected a live program, got a disposed one");
    lengthen::replay(device_, program_);
  });
}

void ProgramHandle::dispose(const Napi::CallbackInfo&) {
  if (program_) release(device_, std::move(program_));
}

Napi::Value ProgramHandle::num_ops(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), program_ ? static_cast<double>(program_->size()) : 0);
}

}  // namespace lengthen::binding
