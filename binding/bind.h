// Turns a C++ op into a JavaScript function by its signature: bind<rms_norm>(). A struct of two to four
// tensors comes back as an array in the order of its fields.
#pragma once

#include <napi.h>

#include <utility>

#include "binding/convert.h"
#include "binding/errors.h"

namespace lengthen::binding {

using JsFunction = Napi::Value (*)(const Napi::CallbackInfo&);

struct AnyField {
  template <class T>
  operator T() const;  // never defined: only counts fields
};

template <class T, class... Fields>
constexpr size_t count_fields() {
  if constexpr (requires { T{Fields{}..., AnyField{}}; })
    return count_fields<T, Fields..., AnyField>();
  else
    return sizeof...(Fields);
}

template <class Result>
Napi::Value result_to_js(Napi::Env env, const Result& result) {
  if constexpr (std::is_same_v<Result, Tensor>) {
    return to_js(env, result);
  } else {
    constexpr size_t kFields = count_fields<Result>();
    static_assert(kFields >= 2 && kFields <= 4, "an op returns one to four tensors");
    if constexpr (kFields == 2) {
      const auto& [a, b] = result;
      return to_js(env, {&a, &b});
    } else if constexpr (kFields == 3) {
      const auto& [a, b, c] = result;
      return to_js(env, {&a, &b, &c});
    } else {
      const auto& [a, b, c, d] = result;
      return to_js(env, {&a, &b, &c, &d});
    }
  }
}

template <class Arg>
std::decay_t<Arg> argument(const Napi::CallbackInfo& info, size_t index) {
  try {
    return from_js<std::decay_t<Arg>>(info[index]);
  } catch (const ArgumentError& e) {
    const char* op = static_cast<const char*>(info.Data());
    throw ArgumentError(text("[", op, "] argument ", index + 1, ": ", e.what()));
  }
}

template <auto Fn, class Result, class... Args>
Napi::Value call(const Napi::CallbackInfo& info, Result (*)(Args...)) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return [&]<size_t... I>(std::index_sequence<I...>) -> Napi::Value {
      if constexpr (std::is_void_v<Result>) {
        Fn(argument<Args>(info, I)...);
        return info.Env().Undefined();
      } else {
        return result_to_js(info.Env(), Fn(argument<Args>(info, I)...));
      }
    }(std::index_sequence_for<Args...>{});
  });
}

template <auto Fn>
constexpr JsFunction bind() {
  return [](const Napi::CallbackInfo& info) { return call<Fn>(info, Fn); };
}

}  // namespace lengthen::binding
