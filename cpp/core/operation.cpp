#include "core/operation.h"

#include <exception>

#include "core/error.h"

namespace lengthen {
namespace {

FailurePtr failure_of_current_exception(const char* op) {
  try {
    throw;
  } catch (const Error& e) {
    return std::make_shared<Failure>(Failure{op, e.code(), e.what()});
  } catch (const std::bad_alloc&) {
    return std::make_shared<Failure>(Failure{op, "OutOfMemoryError", text("[", op, "] out of host memory")});
  } catch (const std::exception& e) {
    return std::make_shared<Failure>(Failure{op, "DeviceError", text("[", op, "] ", e.what())});
  }
}

FailurePtr first_failure(const Operation& op) {
  for (const auto* list : {&op.reads, &op.updates, &op.keeps})
    for (const Tensor& t : *list)
      if (t.storage()->failure()) return t.storage()->failure();
  return nullptr;
}

void poison(const std::vector<Tensor>& tensors, const FailurePtr& failure) {
  for (const Tensor& t : tensors) t.storage()->set_failure(failure);
}

void mark_written(const std::vector<Tensor>& tensors) {
  for (const Tensor& t : tensors) t.storage()->mark_written();
}

void allocate_all(const Operation& op) {
  for (const auto* list : {&op.reads, &op.writes, &op.updates, &op.keeps})
    for (const Tensor& t : *list) t.storage()->ensure_allocated();
}

}  // namespace

void execute(const Operation& op) {
  FailurePtr failure = first_failure(op);
  bool has_started = false;
  if (!failure) {
    try {
      allocate_all(op);
      has_started = true;
      op.run();
    } catch (...) {
      failure = failure_of_current_exception(op.name);
    }
  }
  poison(op.writes, failure);
  if (failure) {
    poison(op.updates, failure);
    if (has_started) poison(op.keeps, failure);  // may be half written
  }
  mark_written(op.writes);
  mark_written(op.updates);
  mark_written(op.keeps);
  if (op.done) op.done(failure);
}

}  // namespace lengthen
