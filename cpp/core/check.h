// Argument checks at an op's door, in the order rank, dtype, device, shape. Messages read
// "[op] expected <what> for <argument>, got <value>".
#pragma once

#include <initializer_list>

#include "core/error.h"
#include "core/tensor.h"

namespace lengthen {

// One argument under check: check(op, "x", x).rank(2).dtype(DType::f32).shape({T, C}).
class Check {
 public:
  Check(const char* op, const char* argument, const Tensor& tensor)
      : op_(op), argument_(argument), tensor_(tensor) {
    if (!tensor.defined()) fail("a tensor", "none");
  }

  const Check& rank(int expected) const {
    if (tensor_.shape().rank() != expected) fail(text("rank ", expected), tensor_.shape().str());
    return *this;
  }
  const Check& min_rank(int expected) const {
    if (tensor_.shape().rank() < expected) fail(text("rank ", expected, " or more"), tensor_.shape().str());
    return *this;
  }
  const Check& dtype(DType expected) const {
    if (tensor_.dtype() != expected) fail(name_of(expected), name_of(tensor_.dtype()));
    return *this;
  }
  const Check& device(Device expected) const {
    if (tensor_.device() != expected) fail(text("device ", name_of(expected)), name_of(tensor_.device()));
    return *this;
  }
  const Check& shape(const Shape& expected) const {
    if (tensor_.shape() != expected) fail(text("shape ", expected.str()), tensor_.shape().str());
    return *this;
  }
  [[noreturn]] void fail(const std::string& expected, const std::string& got) const {
    throw ArgumentError(text("[", op_, "] expected ", expected, " for ", argument_, ", got ", got));
  }

 private:
  const char* op_;
  const char* argument_;
  const Tensor& tensor_;
};

inline Check check(const char* op, const char* argument, const Tensor& tensor) {
  return {op, argument, tensor};
}

// For numbers and other conditions: require(eps > 0, "rms_norm", "a positive number", "epsilon", eps).
template <class Value>
void require(bool holds, const char* op, const char* expected, const char* argument, const Value& got) {
  if (!holds) throw ArgumentError(text("[", op, "] expected ", expected, " for ", argument, ", got ", got));
}

}  // namespace lengthen
