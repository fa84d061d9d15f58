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

// The failure of an op that ran earlier: its name is part of the message and of the `op` property.
inline Napi::Error to_js_error(Napi::Env env, const Failure& failure) {
  Napi::Error error = coded_error(env, failure.code, failure.message);
  error.Value()["op"] = Napi::String::New(env, failure.op);
  return error;
}

inline Napi::Error to_js_error(Napi::Env env, const Error& e) {
  Napi::Error error = coded_error(env, e.code(), e.what());
  if (const auto* memory = dynamic_cast<const OutOfMemoryError*>(&e)) {
    error.Value()["askedBytes"] = Napi::Number::New(env, static_cast<double>(memory->asked_bytes()));
    error.Value()["freeBytes"] = Napi::Number::New(env, static_cast<double>(memory->free_bytes()));
  }
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
