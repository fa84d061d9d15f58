// A typed, shaped, contiguous view of a storage. Cheap to copy.
#pragma once

#include "core/dtype.h"
#include "core/shape.h"
#include "core/storage.h"

namespace lengthen {

class Tensor {
 public:
  Tensor() = default;
  // A new tensor; its memory is taken when the first op that writes it runs.
  static Tensor empty(Shape shape, DType dtype, Device device = {});
  static Tensor empty_like(const Tensor& other) { return empty(other.shape_, other.dtype_, other.device()); }

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  Device device() const { return storage_->device(); }
  int64_t numel() const { return shape_.numel(); }
  size_t bytes() const { return static_cast<size_t>(numel()) * size_of(dtype_); }
  const StoragePtr& storage() const { return storage_; }
  // Position of the first element in the storage, in elements.
  int64_t offset() const { return offset_; }

  // The same elements under another shape; numel must not change.
  Tensor view(Shape shape) const;
  // Rows [begin, end) of the first dimension, sharing the storage.
  Tensor slice(int64_t begin, int64_t end) const;

  // ---- device thread only, inside an op ----
  template <class T>
  T* data() const {
    return static_cast<T*>(storage_->data()) + offset_;
  }
  void* raw() const {
    return static_cast<char*>(storage_->data()) + static_cast<size_t>(offset_) * size_of(dtype_);
  }

 private:
  Shape shape_;
  DType dtype_ = DType::f32;
  StoragePtr storage_;
  int64_t offset_ = 0;
};

}  // namespace lengthen
