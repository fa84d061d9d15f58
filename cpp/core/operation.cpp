#include "core/operation.h"

#include <exception>
#include <utility>

#include "core/error.h"

namespace lengthen {
namespace {

// The message with the op's name in front, where it does not begin with one of its own.
std::string named(const char* op, const std::string& message) {
  const std::string prefix = text("[", op, "] ");
  return message.starts_with(prefix) ? message : prefix + message;
}

FailurePtr failure_of_current_exception(const char* op) {
  try {
    throw;
  } catch (const OutOfMemoryError& e) {
    return std::make_shared<Failure>(
        Failure{op, e.code(), named(op, e.what()), e.asked_bytes(), e.free_bytes()});
  } catch (const Error& e) {
    return std::make_shared<Failure>(Failure{op, e.code(), named(op, e.what())});
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

// Leaves the operation out for the reason given, which it returns: poisons what it would have written.
FailurePtr skip(const Operation& op, FailurePtr why) {
  poison(op.writes, why);
  poison(op.updates, why);
  return why;
}

}  // namespace

FailurePtr execute(const Operation& op) {
  if (FailurePtr failure = first_failure(op)) return skip(op, std::move(failure));
  FailurePtr failure;
  bool has_started = false;
  try {
    allocate_all(op);
    has_started = true;
    op.run();
  } catch (...) {
    failure = failure_of_current_exception(op.name);
  }
  if (failure && has_started) poison(op.keeps, failure);  // may be half written
  mark_written(op.writes);
  mark_written(op.updates);
  mark_written(op.keeps);
  if (failure) return skip(op, std::move(failure));
  poison(op.writes, nullptr);  // written anew, an earlier failure is over
  return nullptr;
}

}  // namespace lengthen
