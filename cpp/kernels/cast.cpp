#include "ops/cast.h"

#include <cstring>

#include "kernels/lanes.h"

// Plain loops over one element: every conversion is exact or rounds one way, and compilers vectorise them.
namespace lengthen {
namespace {

uint32_t bits_of_float(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

float to_float(float x) { return x; }
float to_float(int32_t x) { return static_cast<float>(x); }
float to_float(uint8_t x) { return static_cast<float>(x); }
float to_float(BFloat16 x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float y;
  std::memcpy(&y, &bits, sizeof y);
  return y;
}

void from_float(float x, float& y) { y = x; }
void from_float(float x, BFloat16& y) {
  const uint32_t bits = bits_of_float(x);
  const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  y.bits =
      static_cast<uint16_t>(x == x ? rounded : (bits >> 16) | 0x40);  // rounding could carry NaN into inf
}
void from_float(float x, int32_t& y) {
  const float low = x >= -2147483648.0f ? x : -2147483648.0f;
  y = x != x ? 0 : low >= 2147483648.0f ? 2147483647 : static_cast<int32_t>(low);
}
void from_float(float x, uint8_t& y) { y = !(x > 0.0f) ? 0 : x >= 255.0f ? 255 : static_cast<uint8_t>(x); }

template <class From, class To>
void convert(const Cast& k) {
  const From* g_x = static_cast<const From*>(k.x);
  To* g_y = static_cast<To*>(k.y);
  parallel_rows(k.n, kElementsPerTask, [&](int64_t begin, int64_t end) {
    if constexpr (__is_same(From, To))
      std::memcpy(g_y + begin, g_x + begin, static_cast<size_t>(end - begin) * sizeof(From));
    else
      for (int64_t i = begin; i < end; ++i) from_float(to_float(g_x[i]), g_y[i]);
  });
}

template <class From>
void convert_from(const Cast& k) {
  switch (k.to) {
    case DType::f32:
      return convert<From, float>(k);
    case DType::bf16:
      return convert<From, BFloat16>(k);
    case DType::i32:
      return convert<From, int32_t>(k);
    case DType::u8:
      return convert<From, uint8_t>(k);
  }
}

}  // namespace

template <>
void Cast::run<kTarget>() const {
  switch (from) {
    case DType::f32:
      return convert_from<float>(*this);
    case DType::bf16:
      return convert_from<BFloat16>(*this);
    case DType::i32:
      return convert_from<int32_t>(*this);
    case DType::u8:
      return convert_from<uint8_t>(*this);
  }
}

}  // namespace lengthen
