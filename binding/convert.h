// JavaScript values to C++ arguments and back, chosen by type.
#pragma once

#include <napi.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "binding/tensor_handle.h"
#include "core/error.h"
#include "core/tensor.h"

namespace lengthen::binding {

// A struct of options lists its fields: static constexpr auto kFields = make_tuple(pair{"name",
// &Options::member}, …).
template <class T>
concept Options = requires { T::kFields; };

// As JavaScript prints it.
inline std::string number_text(double x) { return std::isnan(x) ? "NaN" : text(x); }

template <class T>
struct FromJs;

template <class T>
T from_js(const Napi::Value& value) {
  return FromJs<T>::convert(value);
}

template <>
struct FromJs<Tensor> {
  static Tensor convert(const Napi::Value& v) { return TensorHandle::unwrap(v); }
};

template <class T>
  requires std::is_arithmetic_v<T>
struct FromJs<T> {
  static T convert(const Napi::Value& v) {
    if (!v.IsNumber()) throw ArgumentError("expected a number");
    const double x = v.As<Napi::Number>().DoubleValue();
    if constexpr (std::is_integral_v<T>) {
      // the bounds are exact as doubles: 2^53 - 1 for 64 bits, the type's own below
      constexpr double kMax =
          std::min(9007199254740991.0, static_cast<double>(std::numeric_limits<T>::max()));
      if (!(x >= -kMax && x <= kMax) || x != std::trunc(x))
        throw ArgumentError(text("expected a whole number from -", static_cast<int64_t>(kMax), " to ",
                                 static_cast<int64_t>(kMax), ", got ", number_text(x)));
    }
    return static_cast<T>(x);
  }
};

template <>
struct FromJs<bool> {
  static bool convert(const Napi::Value& v) {
    if (!v.IsBoolean()) throw ArgumentError("expected a boolean");
    return v.As<Napi::Boolean>().Value();
  }
};

template <>
struct FromJs<std::string> {
  static std::string convert(const Napi::Value& v) {
    if (!v.IsString()) throw ArgumentError("expected a string");
    return v.As<Napi::String>().Utf8Value();
  }
};

template <class T>
struct FromJs<std::optional<T>> {
  static std::optional<T> convert(const Napi::Value& v) {
    if (v.IsNull() || v.IsUndefined()) return std::nullopt;
    return from_js<T>(v);
  }
};

template <class T>
struct FromJs<std::vector<T>> {
  static std::vector<T> convert(const Napi::Value& v) {
    if (!v.IsArray()) throw ArgumentError("expected an array");
    const auto array = v.As<Napi::Array>();
    std::vector<T> out;
    out.reserve(array.Length());
    for (uint32_t i = 0; i < array.Length(); ++i) out.push_back(from_js<T>(array.Get(i)));
    return out;
  }
};

template <>
struct FromJs<Shape> {
  static Shape convert(const Napi::Value& v) {
    return Shape(std::span<const int64_t>(from_js<std::vector<int64_t>>(v)));
  }
};

template <>
struct FromJs<DType> {
  static DType convert(const Napi::Value& v) {
    const std::string name = from_js<std::string>(v);
    for (DType d : {DType::f32, DType::bf16, DType::i32, DType::u8})
      if (name == name_of(d)) return d;
    throw ArgumentError(text("expected dtype f32, bf16, i32 or u8, got ", name));
  }
};

// Fields that the object lacks keep the struct's defaults.
template <Options T>
struct FromJs<T> {
  static T convert(const Napi::Value& v) {
    if (!v.IsObject()) throw ArgumentError("expected an object of options");
    const auto object = v.As<Napi::Object>();
    T out;
    std::apply([&](const auto&... field) { (read_field(object, out, field), ...); }, T::kFields);
    return out;
  }

 private:
  template <class Field>
  static void read_field(const Napi::Object& object, T& out, const Field& field) {
    const Napi::Value value = object.Get(field.first);
    if (value.IsUndefined()) return;
    try {
      out.*field.second = from_js<std::remove_reference_t<decltype(out.*field.second)>>(value);
    } catch (const ArgumentError& e) {
      throw ArgumentError(text(e.what(), " for option ", field.first));
    }
  }
};

inline Napi::Value to_js(Napi::Env env, const Tensor& tensor) { return TensorHandle::wrap(env, tensor); }

inline Napi::Value to_js(Napi::Env env, const Shape& shape) {
  const auto array = Napi::Array::New(env, static_cast<size_t>(shape.rank()));
  for (int i = 0; i < shape.rank(); ++i) array.Set(static_cast<uint32_t>(i), static_cast<double>(shape[i]));
  return array;
}

inline Napi::Value to_js(Napi::Env env, std::initializer_list<const Tensor*> tensors) {
  const auto array = Napi::Array::New(env, tensors.size());
  uint32_t i = 0;
  for (const Tensor* t : tensors) array.Set(i++, t->defined() ? to_js(env, *t) : env.Null());
  return array;
}

}  // namespace lengthen::binding
