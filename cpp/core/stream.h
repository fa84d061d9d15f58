// A device's queue: a native thread that runs operations first in, first out. Enqueueing never waits for a
// kernel.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/operation.h"

namespace lengthen {

class Stream {
 public:
  explicit Stream(std::string name) : name_(std::move(name)) {}

  void enqueue(Operation operation);
  // Lets go of what is held when all that was enqueued before has run: at once when it has.
  void release(std::shared_ptr<const void> held);
  // Drops what the calling thread has queued and what has not begun. For a thread that ends: nobody is told.
  void drop_own();
  // Ends the device's thread after the operation that runs now. What is queued, and a later enqueue, start it
  // again.
  void stop();

 private:
  enum class State { idle, running, stopping };
  struct Queued {
    std::thread::id by;
    Operation operation;
  };
  void start_locked();
  void run_loop();
  bool pop(Operation& operation);

  std::string name_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Queued> queue_;
  std::atomic<int64_t> num_queued_{0};
  std::atomic<int64_t> num_unfinished_{0};  // queued or running
  bool is_parked_ = false;
  State state_ = State::idle;
  std::thread thread_;  // touched by the one that starts or stops it
};

// Operations to run again and again with their own memory (device.record).
class Program {
 public:
  void append(Operation operation);
  size_t size() const { return operations_.size(); }
  void run() const;
  // Each replay writes them: their versions rise as a replay is enqueued.
  void bump_versions() const;

 private:
  std::vector<Operation> operations_;
  std::vector<StoragePtr> written_;  // each once
};
using ProgramPtr = std::shared_ptr<Program>;

// Sends an operation to its tensors' device, or into the program being recorded on this thread.
void enqueue(Operation operation);

// Lets go of a storage or a program in queue order, so that when its memory is free for reuse depends on the
// program alone, not on how far the device has come.
void release(Device device, std::shared_ptr<const void> held);

// From begin to end, the calling thread's operations go into a program instead of a queue.
void begin_recording();
ProgramPtr end_recording();
bool is_recording();
// Enqueues one run of the program on the device.
void replay(Device device, const ProgramPtr& program);

}  // namespace lengthen
