// One entry of a device's queue: which tensors it touches, and what it runs.
#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include "core/tensor.h"

namespace lengthen {

struct Operation {
  const char* name = "";
  std::vector<Tensor> reads = {};
  // Fresh or wholly overwritten: allocated before the run, no longer poisoned after it.
  std::vector<Tensor> writes = {};
  // Read and written in place: poisoned when the op is skipped or fails.
  std::vector<Tensor> updates = {};
  // As updates, but left as they were, unpoisoned, when the op is skipped (an optimizer's parameters).
  std::vector<Tensor> keeps = {};
  // Runs on the device thread.
  std::function<void()> run = {};
  // Told what happened, on the device thread: null after a run, else why not. Called once all that the
  // operation holds has been let go. May be empty; not called in a program.
  std::function<void(const FailurePtr&)> done = {};
};

// Runs the operation now, on the device thread: skips it when an input is poisoned, turns an exception into
// poison. Gives the failure, or null.
FailurePtr execute(const Operation& operation);

}  // namespace lengthen
