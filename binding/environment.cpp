#include "binding/environment.h"

#include <atomic>

#include "binding/errors.h"
#include "binding/tensor_handle.h"
#include "core/runtime.h"

namespace lengthen::binding {
namespace {

constexpr size_t kSweepBytes = size_t{64} << 20;

// Environments alive in this process: with the last one the device threads end, and the memory kept for
// reuse.
std::atomic<int> num_environments{0};

void leave() {
  drop_own_operations();
  if (num_environments.fetch_sub(1) == 1) stop_all_streams();
}

}  // namespace

Channel::Channel(Napi::Env env) {
  function_ = Function::New(env, "lengthen", 0, 1, this);
  function_.Unref(env);
}

void Channel::begin(Napi::Env env) {
  if (num_pending_++ == 0) function_.Ref(env);
}

void Channel::finish(std::unique_ptr<PendingRead> read) {
  std::lock_guard lock(mutex_);
  if (!is_open_) return;
  if (function_.NonBlockingCall(read.get()) == napi_ok) read.release();
}

void Channel::close() {
  std::lock_guard lock(mutex_);
  if (!is_open_) return;
  is_open_ = false;
  function_.Release();
}

void Channel::settle(Napi::Env env, Napi::Function, Channel* channel, PendingRead* raw) {
  const std::unique_ptr<PendingRead> read(raw);
  if (!env) return;  // the environment is ending
  Napi::HandleScope scope(env);
  if (--channel->num_pending_ == 0) channel->function_.Unref(env);
  if (read->failure) {
    read->deferred.Reject(to_js_error(env, *read->failure).Value());
    return;
  }
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, read->bytes.size());
  if (!read->bytes.empty()) std::memcpy(buffer.Data(), read->bytes.data(), read->bytes.size());
  read->deferred.Resolve(buffer);
}

Environment::Environment(Napi::Env environment)
    : env(environment), channel(std::make_shared<Channel>(environment)), external_memory(environment) {
  ++num_environments;
  // Hooks run in reverse order: the channel closes before the device threads are asked to end.
  env.AddCleanupHook([] { leave(); });
  env.AddCleanupHook([channel = channel.get()] { channel->close(); });
}

// Node finalizes what was made last first: the tensors are gone, and their memory may go too.
Environment::~Environment() {
  if (num_environments == 0) trim_all();
}

void Environment::adopt(TensorHandle* handle, size_t bytes) {
  handles_.insert(handle);
  external_memory.add(static_cast<int64_t>(bytes));
  bytes_since_sweep_ += bytes;
  if (bytes_since_sweep_ < kSweepBytes) return;
  bytes_since_sweep_ = 0;
  sweep();
}

void Environment::sweep() {
  Napi::HandleScope scope(env);
  for (auto it = handles_.begin(); it != handles_.end();) {
    TensorHandle* handle = *it;
    const bool is_collected = handle->Value().IsEmpty();
    it = is_collected ? handles_.erase(it) : std::next(it);
    if (is_collected) handle->collect();
  }
}

}  // namespace lengthen::binding
