// Element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lengthen {

enum class DType : uint8_t { f32, bf16, i32, u8 };

constexpr size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::bf16:
      return 2;
    case DType::u8:
      return 1;
  }
  return 0;
}

constexpr const char* name_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "f32";
    case DType::bf16:
      return "bf16";
    case DType::i32:
      return "i32";
    case DType::u8:
      return "u8";
  }
  return "?";
}

// The upper half of a float32; kernels convert with round to nearest even.
struct BFloat16 {
  uint16_t bits;
};

}  // namespace lengthen
