// A tensor's extents, outermost first. Tensors are contiguous, so a shape says everything about layout.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace lengthen {

class Shape {
 public:
  static constexpr int kMaxRank = 6;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  // Throws ArgumentError above kMaxRank.
  explicit Shape(std::span<const int64_t> dims);

  int rank() const { return rank_; }
  int64_t operator[](int i) const { return dims_[static_cast<size_t>(i)]; }
  int64_t last() const { return dims_[static_cast<size_t>(rank_ - 1)]; }
  std::span<const int64_t> dims() const { return {dims_.data(), static_cast<size_t>(rank_)}; }
  bool operator==(const Shape&) const = default;

  // Number of elements; 1 for a scalar (rank 0).
  int64_t numel() const;
  // Product of all extents but the last; 1 for rank 0 and 1.
  int64_t rows() const;
  // The same shape with another extent in dimension i.
  Shape with(int i, int64_t extent) const;
  // "[2, 128, 64]"
  std::string str() const;

 private:
  std::array<int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

}  // namespace lengthen
