#include "core/tensor.h"

#include <limits>

#include "core/error.h"

namespace lengthen {
namespace {

// Throws instead of overflowing on absurd sizes.
size_t checked_bytes(const Shape& shape, DType dtype) {
  constexpr int64_t kMaxElements = std::numeric_limits<int64_t>::max() / 16;
  int64_t n = 1;
  for (int64_t d : shape.dims()) {
    if (d < 0 || (d > 0 && n > kMaxElements / d))
      throw ArgumentError(
          text("[tensor] expected non-negative extents that fit in memory, got ", shape.str()));
    n *= d;
  }
  return static_cast<size_t>(n) * size_of(dtype);
}

}  // namespace

Tensor Tensor::empty(Shape shape, DType dtype, Device device) {
  Tensor t;
  t.storage_ = std::make_shared<Storage>(device, checked_bytes(shape, dtype));
  t.shape_ = std::move(shape);
  t.dtype_ = dtype;
  return t;
}

Tensor Tensor::view(Shape shape) const {
  if (shape.numel() != numel())
    throw ArgumentError(text("[reshape] expected a shape of ", numel(), " elements for ", shape_.str(),
                             ", got ", shape.str()));
  Tensor t = *this;
  t.shape_ = std::move(shape);
  return t;
}

Tensor Tensor::slice(int64_t begin, int64_t end) const {
  if (shape_.rank() == 0) throw ArgumentError("[slice] expected at least one dimension, got a scalar");
  if (begin < 0 || end < begin || end > shape_[0])
    throw ArgumentError(
        text("[slice] expected 0 <= begin <= end <= ", shape_[0], ", got ", begin, " and ", end));
  const int64_t row = shape_[0] == 0 ? 0 : numel() / shape_[0];
  Tensor t = *this;
  t.shape_ = shape_.with(0, end - begin);
  t.offset_ += begin * row;
  return t;
}

}  // namespace lengthen
