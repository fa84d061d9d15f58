#include "binding/tensor_handle.h"

#include <cstring>
#include <utility>

#include "binding/convert.h"
#include "binding/environment.h"
#include "binding/errors.h"
#include "core/stream.h"

namespace lengthen::binding {
namespace {

// Copies device memory to the read and hands it over. Only host memory so far: a device with its own memory
// brings a copy kernel.
void enqueue_read(const Tensor& source, const std::shared_ptr<Channel>& channel, Napi::Env env,
                  Napi::Value& promise) {
  if (is_recording()) throw ArgumentError("[read] a tensor cannot be read inside record()");
  auto read = std::make_shared<std::unique_ptr<PendingRead>>(std::make_unique<PendingRead>(env));
  promise = (*read)->deferred.Promise();
  enqueue({.name = "read",
           .reads = {source},
           .run =
               [=] {
                 (*read)->bytes.resize(source.bytes());
                 if (source.bytes() > 0) std::memcpy((*read)->bytes.data(), source.raw(), source.bytes());
               },
           .done =
               [=](const FailurePtr& failure) {
                 (*read)->failure = failure;
                 channel->finish(std::move(*read));
               }});
  channel->begin(env);  // now that it will end: settle() has yet to run on this thread
}

void enqueue_write(const Tensor& target, std::vector<std::byte> bytes) {
  Operation operation{.name = "write", .run = [target, bytes = std::move(bytes)] {
                        if (!bytes.empty()) std::memcpy(target.raw(), bytes.data(), bytes.size());
                      }};
  const bool is_whole = target.bytes() == target.storage()->bytes();
  (is_whole ? operation.writes : operation.updates).push_back(target);
  enqueue(std::move(operation));
}

}  // namespace

Napi::Function TensorHandle::define(Napi::Env env) {
  return DefineClass(
      env, "NativeTensor",
      {InstanceAccessor<&TensorHandle::shape>("shape"), InstanceAccessor<&TensorHandle::dtype>("dtype"),
       InstanceAccessor<&TensorHandle::device>("device"), InstanceAccessor<&TensorHandle::version>("version"),
       InstanceAccessor<&TensorHandle::is_disposed>("isDisposed"),
       InstanceMethod<&TensorHandle::alias>("alias"), InstanceMethod<&TensorHandle::view>("view"),
       InstanceMethod<&TensorHandle::slice>("slice"), InstanceMethod<&TensorHandle::write>("write"),
       InstanceMethod<&TensorHandle::read>("read"), InstanceMethod<&TensorHandle::dispose>("dispose")});
}

Napi::Object TensorHandle::wrap(Napi::Env env, Tensor tensor) {
  return Environment::of(env).tensor_class.New({Napi::External<Tensor>::New(env, &tensor)});
}

const Tensor& TensorHandle::unwrap(const Napi::Value& value) {
  const Napi::Env env = value.Env();
  if (!value.IsObject() || !value.As<Napi::Object>().InstanceOf(Environment::of(env).tensor_class.Value()))
    throw ArgumentError("expected a tensor");
  return Unwrap(value.As<Napi::Object>())->tensor();
}

TensorHandle::TensorHandle(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  if (info.Length() != 1 || !info[0].IsExternal())
    throw coded_error(info.Env(), "ArgumentError", "[tensor] tensors are made by empty() and by ops");
  tensor_ = *info[0].As<Napi::External<Tensor>>().Data();
  Environment::of(info.Env()).adopt(this, tensor_.bytes());
}

TensorHandle::~TensorHandle() { collect(); }

// At once: the collector comes at no fixed moment, and a long queue would keep the memory for as long again.
void TensorHandle::collect() { static_cast<void>(take(&ExternalMemory::collect)); }

Tensor TensorHandle::take(void (ExternalMemory::*account)(int64_t bytes)) {
  if (!tensor_.defined()) return {};
  if (auto* environment = Env().GetInstanceData<Environment>()) {
    (environment->external_memory.*account)(static_cast<int64_t>(tensor_.bytes()));
    environment->forget(this);
  }
  return std::exchange(tensor_, Tensor());
}

const Tensor& TensorHandle::tensor() const {
  if (!tensor_.defined()) throw ArgumentError("[tensor] expected a live tensor, got a disposed one");
  return tensor_;
}

Napi::Value TensorHandle::shape(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return to_js(info.Env(), tensor().shape()); });
}

Napi::Value TensorHandle::dtype(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::String::New(info.Env(), name_of(tensor().dtype())); });
}

Napi::Value TensorHandle::device(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::String::New(info.Env(), name_of(tensor().device())); });
}

Napi::Value TensorHandle::version(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return Napi::Number::New(info.Env(), tensor().storage()->version()); });
}

Napi::Value TensorHandle::is_disposed(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), !tensor_.defined());
}

Napi::Value TensorHandle::alias(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return wrap(info.Env(), tensor()); });
}

Napi::Value TensorHandle::view(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return wrap(info.Env(), tensor().view(from_js<Shape>(info[0]))); });
}

Napi::Value TensorHandle::slice(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    return wrap(info.Env(), tensor().slice(from_js<int64_t>(info[0]), from_js<int64_t>(info[1])));
  });
}

// write(typedArray): its bytes become the tensor's, in queue order; the array may be changed at once.
void TensorHandle::write(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    if (!info[0].IsTypedArray()) throw ArgumentError("[write] expected a typed array");
    const auto array = info[0].As<Napi::TypedArray>();
    if (array.ByteLength() != tensor().bytes())
      throw ArgumentError(text("[write] expected ", tensor().bytes(), " bytes for ",
                               name_of(tensor().dtype()), " ", tensor().shape().str(), ", got ",
                               array.ByteLength()));
    const auto* begin = static_cast<const std::byte*>(array.ArrayBuffer().Data()) + array.ByteOffset();
    enqueue_write(tensor(), std::vector<std::byte>(begin, begin + array.ByteLength()));
  });
}

// read(): a promise of an ArrayBuffer with the tensor's bytes, once the ops before it have run.
Napi::Value TensorHandle::read(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    Napi::Value promise;
    enqueue_read(tensor(), Environment::of(info.Env()).channel, info.Env(), promise);
    return promise;
  });
}

void TensorHandle::dispose(const Napi::CallbackInfo&) {
  const Tensor tensor = take(&ExternalMemory::dispose);
  if (tensor.defined()) release(tensor.device(), tensor.storage());
}

}  // namespace lengthen::binding
