// A tensor as a JavaScript object. It dies by dispose() or with the collector, whichever comes first.
#pragma once

#include <napi.h>

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
  // Lets the storage go; later uses are an error. Safe to call again.
  void release();

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

  Tensor tensor_;
  int64_t reported_bytes_ = 0;
};

}  // namespace lengthen::binding
