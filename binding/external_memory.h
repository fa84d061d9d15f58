// What the collector is told of native memory, so that it runs when a program leaves its tensors to it, and
// only then.
//
// Told at every change, the collector would run a major collection several times a training step: each step
// allocates and disposes many times its limit. So bytes given back by dispose() stay reported, as room for
// those to come: a program that disposes reaches its peak once and then reports nothing. Bytes of tensors
// that were left to the collector are taken off, so that the next of these count anew.
#pragma once

#include <node_api.h>

#include <algorithm>
#include <cstdint>

namespace lengthen::binding {

class ExternalMemory {
 public:
  explicit ExternalMemory(napi_env env) : env_(env) {}

  void add(int64_t bytes) {
    live_ += bytes;
    report(std::max(live_, reported_));
  }

  void dispose(int64_t bytes) { live_ -= bytes; }

  void collect(int64_t bytes) {
    live_ -= bytes;
    report(std::max(live_, reported_ - bytes));
  }

 private:
  // A refusal does not matter, and must not throw from a finalizer.
  void report(int64_t bytes) {
    if (bytes == reported_) return;
    int64_t total = 0;
    static_cast<void>(napi_adjust_external_memory(env_, bytes - reported_, &total));
    reported_ = bytes;
  }

  napi_env env_;
  int64_t live_ = 0;
  int64_t reported_ = 0;
};

}  // namespace lengthen::binding
