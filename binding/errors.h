// Engine errors as JavaScript errors with a `code`.
#pragma once

#include <napi.h>

#include "core/error.h"
#include "core/storage.h"

namespace lengthen::binding {

inline Napi::Error coded_error(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Value()["code"] = Napi::String::New(env, code);
  return error;
}

inline void add_sizes(const Napi::Error& error, size_t asked_bytes, size_t free_bytes) {
  error.Value()["askedBytes"] = Napi::Number::New(error.Env(), static_cast<double>(asked_bytes));
  error.Value()["freeBytes"] = Napi::Number::New(error.Env(), static_cast<double>(free_bytes));
}

// The failure of an op that ran earlier: its name is part of the message and of the `op` property.
inline Napi::Error to_js_error(Napi::Env env, const Failure& failure) {
  Napi::Error error = coded_error(env, failure.code, failure.message);
  error.Value()["op"] = Napi::String::New(env, failure.op);
  if (failure.code == "OutOfMemoryError") add_sizes(error, failure.asked_bytes, failure.free_bytes);
  return error;
}

inline Napi::Error to_js_error(Napi::Env env, const Error& e) {
  Napi::Error error = coded_error(env, e.code(), e.what());
  if (const auto* memory = dynamic_cast<const OutOfMemoryError*>(&e))
    add_sizes(error, memory->asked_bytes(), memory->free_bytes());
  return error;
}

// Runs a callback's body; engine errors become JavaScript exceptions.
template <class Body>
auto guarded(Napi::Env env, const Body& body) {
  try {
    return body();
  } catch (const Error& e) {
    throw to_js_error(env, e);
  } catch (const std::bad_alloc&) {
    throw coded_error(env, "OutOfMemoryError", "[lengthen] out of host memory");
  }
}

}  // namespace lengthen::binding
