#include "ops/in_place.h"

#include <cstring>

#include "kernels/lanes.h"

namespace lengthen {
namespace {

template <class T>
void fill_with(void* x, int64_t n, uint32_t pattern) {
  T* g_x = static_cast<T*>(x);
  const T value = static_cast<T>(pattern);
  parallel_rows(n, kElementsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) g_x[i] = value;
  });
}

}  // namespace

template <>
void Fill::run<kTarget>() const {
  if (element_size == 1) return fill_with<uint8_t>(x, n, pattern);
  if (element_size == 2) return fill_with<uint16_t>(x, n, pattern);
  fill_with<uint32_t>(x, n, pattern);
}

template <>
void Copy::run<kTarget>() const {
  constexpr int64_t kBytesPerTask = 4 * kElementsPerTask;
  parallel_rows(bytes, kBytesPerTask, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(dst) + begin, static_cast<const char*>(src) + begin,
                static_cast<size_t>(end - begin));
  });
}

template <>
void Accumulate::run<kTarget>() const {
  parallel_lanes(
      n, [&](int64_t i, auto lanes) { store(dst + i, load(dst + i, lanes) + load(src + i, lanes), lanes); });
}

}  // namespace lengthen
