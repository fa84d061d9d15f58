#include "core/stream.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/runtime.h"
#include "core/spin.h"
#include "core/start_thread.h"

namespace lengthen {
namespace {

thread_local ProgramPtr recording;

Device device_of(const Operation& op) {
  for (const auto* list : {&op.writes, &op.updates, &op.keeps, &op.reads})
    if (!list->empty()) return list->front().device();
  throw ArgumentError(text("[", op.name, "] an operation must name a tensor"));
}

template <class Body>
void for_each_written(const Operation& op, const Body& body) {
  for (const auto* list : {&op.writes, &op.updates, &op.keeps})
    for (const Tensor& t : *list) body(t.storage());
}

void bump_versions(const Operation& op) {
  for_each_written(op, [](const StoragePtr& storage) { storage->bump_version(); });
}

}  // namespace

void Program::append(Operation operation) {
  for_each_written(operation, [this](const StoragePtr& storage) {
    if (std::find(written_.begin(), written_.end(), storage) == written_.end()) written_.push_back(storage);
  });
  operations_.push_back(std::move(operation));
}

void Program::run() const {
  for (const Operation& operation : operations_) execute(operation);
}

void Program::bump_versions() const {
  for (const StoragePtr& storage : written_) storage->bump_version();
}

void Stream::enqueue(Operation operation) {
  bool must_wake = false;
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::idle) start_locked();
    queue_.push_back({std::this_thread::get_id(), std::move(operation)});
    num_unfinished_.fetch_add(1, std::memory_order_relaxed);
    num_queued_.fetch_add(1, std::memory_order_release);
    must_wake = is_parked_;
  }
  if (must_wake) wake_.notify_one();
}

void Stream::start_locked() {
  thread_ = start_thread([this] { run_loop(); });
  state_ = State::running;
}

void Stream::release(std::shared_ptr<const void> held) {
  if (num_unfinished_.load(std::memory_order_acquire) > 0)
    enqueue({.name = "release", .run = [held = std::move(held)] {}});
}

bool Stream::pop(Operation& operation) {
  spin_until([this] { return num_queued_.load(std::memory_order_acquire) > 0; });
  std::unique_lock lock(mutex_);
  is_parked_ = true;
  wake_.wait(lock, [this] { return state_ == State::stopping || !queue_.empty(); });
  is_parked_ = false;
  if (state_ == State::stopping) return false;
  operation = std::move(queue_.front().operation);
  queue_.pop_front();
  num_queued_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void Stream::run_loop() {
  for (;;) {
    Operation operation;
    if (!pop(operation)) return;
    const FailurePtr failure = execute(operation);
    const auto done = std::move(operation.done);
    operation = {};
    num_unfinished_.fetch_sub(1, std::memory_order_release);
    if (done) done(failure);
  }
}

void Stream::drop_own() {
  std::deque<Queued> dropped;  // let go of outside the lock
  const std::lock_guard lock(mutex_);
  std::deque<Queued> kept;
  for (Queued& queued : queue_)
    (queued.by == std::this_thread::get_id() ? dropped : kept).push_back(std::move(queued));
  queue_.swap(kept);
  num_queued_.fetch_sub(static_cast<int64_t>(dropped.size()), std::memory_order_relaxed);
  num_unfinished_.fetch_sub(static_cast<int64_t>(dropped.size()), std::memory_order_release);
}

void Stream::stop() {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::running) return;
    state_ = State::stopping;  // enqueue() only queues until the thread has ended
  }
  wake_.notify_one();
  thread_.join();
  std::lock_guard lock(mutex_);
  state_ = State::idle;
  if (!queue_.empty()) start_locked();
}

void enqueue(Operation operation) {
  if (recording) {
    recording->append(std::move(operation));
    return;
  }
  bump_versions(operation);
  runtime(device_of(operation)).stream.enqueue(std::move(operation));
}

void release(Device device, std::shared_ptr<const void> held) {
  runtime(device).stream.release(std::move(held));
}

void begin_recording() {
  if (recording) throw ArgumentError("[record] expected no recording to be under way, got a nested one");
  recording = std::make_shared<Program>();
}

ProgramPtr end_recording() { return std::exchange(recording, nullptr); }

bool is_recording() { return recording != nullptr; }

void replay(Device device, const ProgramPtr& program) {
  if (recording) throw ArgumentError("[record] a program cannot be replayed inside a recording");
  program->bump_versions();
  Operation operation{.name = "replay", .run = [program] { program->run(); }};
  runtime(device).stream.enqueue(std::move(operation));
}

}  // namespace lengthen
