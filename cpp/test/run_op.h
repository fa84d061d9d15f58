// Runs ops through the device's queue, as the binding does: tensors in, vectors out.
#pragma once

#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/stream.h"
#include "core/thread_pool.h"
#include "test/reference.h"

namespace lengthen::test {

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, int32_t>) return DType::i32;
  if constexpr (std::is_same_v<T, uint8_t>) return DType::u8;
  if constexpr (std::is_same_v<T, BFloat16>) return DType::bf16;
}

template <class T>
Tensor tensor_of(const std::vector<T>& values, Shape shape) {
  const Tensor t = Tensor::empty(shape, dtype_of<T>());
  REQUIRE(t.numel() == static_cast<int64_t>(values.size()));
  enqueue({.name = "write", .writes = {t}, .run = [=] {
             if (!values.empty()) std::memcpy(t.raw(), values.data(), t.bytes());
           }});
  return t;
}
template <class T>
Tensor tensor_of(const std::vector<T>& values) {
  return tensor_of(values, {static_cast<int64_t>(values.size())});
}

// Waits for the values; throws std::runtime_error with code and message when the tensor is poisoned.
template <class T = float>
std::vector<T> values_of(const Tensor& t) {
  REQUIRE(t.dtype() == dtype_of<T>());
  std::vector<T> values(static_cast<size_t>(t.numel()));
  std::promise<FailurePtr> promise;
  enqueue({.name = "read",
           .reads = {t},
           .run =
               [&] {
                 if (!values.empty()) std::memcpy(values.data(), t.raw(), t.bytes());
               },
           .done = [&](const FailurePtr& failure) { promise.set_value(failure); }});
  if (const FailurePtr failure = promise.get_future().get())
    throw std::runtime_error(failure->code + ": " + failure->message);
  return values;
}

// Once per instruction set, with one thread and with two.
template <class Body>
void for_each_way(const Body& body) {
  const int threads_before = num_threads();
  for_each_target([&] {
    for (int threads : {1, 2}) {
      CAPTURE(threads);
      set_num_threads(threads);
      body();
    }
  });
  set_num_threads(threads_before);
}

// Runs the body every way, once for its values and then to see that every way has the same bits.
template <class Body>
std::vector<float> same_every_way(const Body& body) {
  std::vector<float> first;
  bool has_first = false;
  for_each_way([&] {
    const std::vector<float> values = body();
    if (!has_first) first = values;
    has_first = true;
    CHECK(same_bits(values, first));
  });
  return first;
}

inline std::vector<float> joined(std::initializer_list<std::vector<float>> parts) {
  std::vector<float> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace lengthen::test
