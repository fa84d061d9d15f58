// What one JavaScript environment (the main thread, or a worker) keeps: classes, the channel on which device
// threads tell it that a promise is due, and its live tensors. Never global: workers load the same binary.
#pragma once

#include <napi.h>

#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "binding/external_memory.h"
#include "core/storage.h"

namespace lengthen::binding {

class TensorHandle;

// A promise waiting for the device. Made and settled on the JavaScript thread, filled on the device thread.
struct PendingRead {
  explicit PendingRead(Napi::Env env) : deferred(Napi::Promise::Deferred::New(env)) {}
  Napi::Promise::Deferred deferred;
  std::vector<std::byte> bytes;
  FailurePtr failure;
};

// Carries finished reads from device threads to one environment; safe to use after the environment is gone.
class Channel {
 public:
  explicit Channel(Napi::Env env);
  // JavaScript thread. While reads are pending, the process stays alive.
  void begin(Napi::Env env);
  // Any thread; takes ownership.
  void finish(std::unique_ptr<PendingRead> read);
  // JavaScript thread, at the end of the environment.
  void close();

 private:
  static void settle(Napi::Env env, Napi::Function, Channel* channel, PendingRead* read);
  using Function = Napi::TypedThreadSafeFunction<Channel, PendingRead, &Channel::settle>;

  std::mutex mutex_;
  Function function_;
  bool is_open_ = true;
  int64_t num_pending_ = 0;
};

struct Environment {
  explicit Environment(Napi::Env env);
  ~Environment();
  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  // Called for each new handle. Finalizers wait for the event loop, so a synchronous loop would never see
  // them: after every 64 MiB of new tensors, release what the collector has already found dead.
  void adopt(TensorHandle* handle, size_t bytes);
  void forget(TensorHandle* handle) { handles_.erase(handle); }

  Napi::Env env;
  std::shared_ptr<Channel> channel;
  ExternalMemory external_memory;
  Napi::FunctionReference tensor_class;
  Napi::FunctionReference program_class;

 private:
  void sweep();

  std::unordered_set<TensorHandle*> handles_;
  size_t bytes_since_sweep_ = 0;
};

}  // namespace lengthen::binding
