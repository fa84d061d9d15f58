#include "ops/in_place.h"

#include <bit>
#include <cmath>

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {
namespace {

// Bits of a float32 rounded to bf16, to nearest even. NaN stays NaN.
uint32_t bf16_bits(float value) {
  if (std::isnan(value)) return 0x7FC0;
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
}

uint32_t whole_bits(double value, double low, double high) {
  require(value == std::trunc(value) && value >= low && value <= high, "fill",
          "a whole number in the dtype's range", "value", value);
  return static_cast<uint32_t>(static_cast<int64_t>(value));
}

uint32_t bits_of(DType dtype, double value) {
  switch (dtype) {
    case DType::f32:
      return std::bit_cast<uint32_t>(static_cast<float>(value));
    case DType::bf16:
      return bf16_bits(static_cast<float>(value));
    case DType::i32:
      return whole_bits(value, -2147483648.0, 2147483647.0);
    case DType::u8:
      return whole_bits(value, 0, 255);
  }
  return 0;
}

bool is_whole_storage(const Tensor& t) { return t.bytes() == t.storage()->bytes(); }

bool has_overlap(const Tensor& a, const Tensor& b) {
  return a.storage() == b.storage() && a.offset() < b.offset() + b.numel() &&
         b.offset() < a.offset() + a.numel();
}

// What the op overwrites: a whole storage is healed by it, a part of one only stays as healthy as the rest.
Operation overwriting(const char* name, const Tensor& dst) {
  Operation operation{.name = name};
  (is_whole_storage(dst) ? operation.writes : operation.updates).push_back(dst);
  return operation;
}

}  // namespace

void fill(const Tensor& x, double value) {
  check("fill", "x", x);
  const uint32_t pattern = bits_of(x.dtype(), value);
  Operation operation = overwriting("fill", x);
  operation.run = [=] {
    launch(x.device(), Fill{.x = x.raw(),
                            .n = x.numel(),
                            .element_size = static_cast<int>(size_of(x.dtype())),
                            .pattern = pattern});
  };
  enqueue(std::move(operation));
}

void copy(const Tensor& dst, const Tensor& src) {
  check("copy", "dst", dst);
  check("copy", "src", src).dtype(dst.dtype()).device(dst.device()).shape(dst.shape());
  require(!has_overlap(dst, src), "copy", "other elements than dst's", "src", "overlapping slices");
  Operation operation = overwriting("copy", dst);
  operation.reads = {src};
  operation.run = [=] {
    launch(dst.device(),
           Copy{.dst = dst.raw(), .src = src.raw(), .bytes = static_cast<int64_t>(dst.bytes())});
  };
  enqueue(std::move(operation));
}

void accumulate(const Tensor& dst, const Tensor& src) {
  check("accumulate", "dst", dst).dtype(DType::f32);
  check("accumulate", "src", src).dtype(DType::f32).device(dst.device()).shape(dst.shape());
  require(!has_overlap(dst, src) || dst.offset() == src.offset(), "accumulate",
          "dst itself or other elements", "src", "overlapping slices");
  enqueue({.name = "accumulate", .reads = {src}, .updates = {dst}, .run = [=] {
             launch(dst.device(),
                    Accumulate{.dst = dst.data<float>(), .src = src.data<float>(), .n = dst.numel()});
           }});
}

}  // namespace lengthen
