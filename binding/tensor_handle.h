// A tensor as a JavaScript object. It dies by dispose() or with the collector, whichever comes first.
#pragma once

#include <napi.h>

#include "binding/external_memory.h"
#include "core/tensor.h"

namespace lengthen::binding {

class TensorHandle : public Napi::ObjectWrap<TensorHandle> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object wrap(Napi::Env env, Tensor tensor);
  // Throws ArgumentError unless the value is a live handle.
  static const Tensor& unwrap(const Napi::Value& value);

  explicit TensorHandle(const Napi::CallbackInfo& info);
  ~TensorHandle() override;
  // Lets the storage go of a handle that the collector has found dead. Safe to call again.
  void collect();

 private:
  Napi::Value shape(const Napi::CallbackInfo& info);
  Napi::Value dtype(const Napi::CallbackInfo& info);
  Napi::Value device(const Napi::CallbackInfo& info);
  Napi::Value version(const Napi::CallbackInfo& info);
  Napi::Value is_disposed(const Napi::CallbackInfo& info);
  Napi::Value alias(const Napi::CallbackInfo& info);
  Napi::Value view(const Napi::CallbackInfo& info);
  Napi::Value slice(const Napi::CallbackInfo& info);
  void write(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  const Tensor& tensor() const;
  // Leaves the handle without its tensor.
  Tensor take(void (ExternalMemory::*account)(int64_t bytes));

  Tensor tensor_;
};

}  // namespace lengthen::binding
