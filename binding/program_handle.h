// device.record: a list of ops that replays natively with its own memory.
#pragma once

#include <napi.h>

#include "core/stream.h"

namespace lengthen::binding {

class ProgramHandle : public Napi::ObjectWrap<ProgramHandle> {
 public:
  static Napi::Function define(Napi::Env env);
  // record(device, fn): runs fn at once; its ops are kept, not executed.
  static Napi::Value record(const Napi::CallbackInfo& info);

  explicit ProgramHandle(const Napi::CallbackInfo& info);

 private:
  void replay(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);
  Napi::Value num_ops(const Napi::CallbackInfo& info);

  Device device_;
  ProgramPtr program_;
};

}  // namespace lengthen::binding
