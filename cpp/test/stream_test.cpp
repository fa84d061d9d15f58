#include "core/stream.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/runtime.h"

namespace lengthen {
namespace {

void set(const Tensor& t, float value) {
  enqueue({.name = "set", .writes = {t}, .run = [=] { *t.data<float>() = value; }});
}

Tensor add_one(const Tensor& t) {
  const Tensor out = Tensor::empty_like(t);
  enqueue({.name = "add_one", .reads = {t}, .writes = {out}, .run = [=] {
             *out.data<float>() = *t.data<float>() + 1;
           }});
  return out;
}

Tensor fail(const Tensor& t) {
  const Tensor out = Tensor::empty_like(t);
  enqueue(
      {.name = "fail", .reads = {t}, .writes = {out}, .run = [] { throw DeviceError("[fail] on purpose"); }});
  return out;
}

// Waits for the queue, then gives the value or the failure.
struct Outcome {
  float value = 0;
  FailurePtr failure;
};
Outcome outcome_of(const Tensor& t) {
  std::promise<Outcome> promise;
  Outcome outcome;
  enqueue({.name = "get",
           .reads = {t},
           .run = [&] { outcome.value = *t.data<float>(); },
           .done =
               [&](const FailurePtr& failure) {
                 outcome.failure = failure;
                 promise.set_value(outcome);
               }});
  return promise.get_future().get();
}

Tensor scalar(float value) {
  const Tensor t = Tensor::empty({}, DType::f32);
  set(t, value);
  return t;
}

TEST_CASE("operations run in the order they were enqueued") {
  Tensor t = scalar(0);
  for (int i = 0; i < 1000; ++i) t = add_one(t);
  CHECK(outcome_of(t).value == 1000);
}

TEST_CASE("a storage is let go in queue order, however far the device has come") {
  const auto used_bytes = [] { return runtime({}).allocator.stats().used_bytes; };
  const Tensor other = scalar(2);
  Tensor t = scalar(1);
  REQUIRE(outcome_of(t).value == 1);
  const size_t before = used_bytes();
  std::promise<void> gate;
  enqueue({.name = "wait", .reads = {other}, .run = [gate = gate.get_future().share()] { gate.wait(); }});
  release({}, std::exchange(t, Tensor()).storage());
  CHECK(used_bytes() == before);
  gate.set_value();
  CHECK(outcome_of(other).value == 2);
  CHECK(used_bytes() < before);
}

TEST_CASE("a failing op poisons what depends on it and nothing else, under its own name") {
  const Tensor good = scalar(1);
  const Tensor poisoned = add_one(add_one(fail(good)));
  const Outcome outcome = outcome_of(poisoned);
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->op == "fail");
  CHECK(outcome.failure->code == "DeviceError");
  CHECK(outcome.failure->message == "[fail] on purpose");
  CHECK(outcome_of(add_one(good)).value == 2);
}

TEST_CASE("an in-place op with a poisoned input is skipped and poisons its target") {
  const Tensor target = scalar(1), bad = fail(scalar(0));
  enqueue({.name = "accumulate", .reads = {bad}, .updates = {target}, .run = [=] {
             *target.data<float>() += 1;
           }});
  CHECK(outcome_of(target).failure->op == "fail");
  set(target, 7);  // overwriting it whole heals it
  CHECK(outcome_of(target).value == 7);
}

TEST_CASE("an optimizer's parameters survive a poisoned gradient untouched") {
  const Tensor parameter = scalar(3), bad = fail(scalar(0));
  enqueue(
      {.name = "step", .reads = {bad}, .keeps = {parameter}, .run = [=] { *parameter.data<float>() = 99; }});
  CHECK_FALSE(outcome_of(parameter).failure);
  CHECK(outcome_of(parameter).value == 3);
}

TEST_CASE("running out of memory poisons the op that asked") {
  const Tensor big = Tensor::empty({1 << 20}, DType::f32);
  const size_t budget = runtime({}).allocator.stats().budget_bytes;
  runtime({}).allocator.set_budget(runtime({}).allocator.stats().used_bytes + 1000);
  enqueue({.name = "fill", .writes = {big}, .run = [] {}});
  const Outcome outcome = outcome_of(big);
  runtime({}).allocator.set_budget(budget);
  REQUIRE(outcome.failure);
  CHECK(outcome.failure->code == "OutOfMemoryError");
  CHECK(outcome.failure->op == "fill");
}

TEST_CASE("a recorded program runs again on new inputs with its own memory") {
  const Tensor input = scalar(1);
  CHECK(outcome_of(input).value == 1);
  begin_recording();
  const Tensor output = add_one(add_one(input));
  const ProgramPtr program = end_recording();
  CHECK(program->size() == 2);
  for (float value : {10.0f, 20.0f}) {
    set(input, value);
    replay({}, program);
    CHECK(outcome_of(output).value == value + 2);
  }
  const auto before = runtime({}).allocator.stats().num_source_calls;
  for (int i = 0; i < 100; ++i) replay({}, program);
  CHECK(outcome_of(output).value == 22);
  CHECK(runtime({}).allocator.stats().num_source_calls == before);
}

TEST_CASE("memory is taken when an op runs and goes back with the last reference") {
  const Tensor settled =
      scalar(0);  // lives on: the queue may let go of an op just after its outcome is known
  outcome_of(settled);
  const size_t before = runtime({}).allocator.stats().used_bytes;
  {
    const Tensor t = Tensor::empty({1 << 16}, DType::f32);
    CHECK(runtime({}).allocator.stats().used_bytes == before);
    enqueue({.name = "touch", .writes = {t}, .run = [] {}});
    outcome_of(t);
    CHECK(runtime({}).allocator.stats().used_bytes >= before + (1 << 18));
  }
  outcome_of(settled);
  CHECK(runtime({}).allocator.stats().used_bytes == before);
}

TEST_CASE("a replay raises the versions of what it writes, so that the tape sees the overwriting") {
  const Tensor input = scalar(1);
  begin_recording();
  const Tensor output = add_one(input);
  const ProgramPtr program = end_recording();
  const uint32_t before = output.storage()->version();
  replay({}, program);
  CHECK(output.storage()->version() == before + 1);
  CHECK(outcome_of(output).value == 2);
}

TEST_CASE("running out of memory names the op and the sizes") {
  const Tensor big = Tensor::empty({1 << 20}, DType::f32);
  const size_t budget = runtime({}).allocator.stats().budget_bytes;
  runtime({}).allocator.set_budget(runtime({}).allocator.stats().used_bytes);
  enqueue({.name = "fill", .writes = {big}, .run = [] {}});
  const FailurePtr failure = outcome_of(big).failure;
  runtime({}).allocator.set_budget(budget);
  REQUIRE(failure);
  CHECK(failure->message.starts_with("[fill] "));
  CHECK(failure->asked_bytes == 4 << 20);
}

// Holds the device thread until released.
struct Hold {
  Hold() {
    enqueue({.name = "hold", .reads = {scalar(0)}, .run = [this] {
               started.set_value();
               release.get_future().wait();
             }});
    started.get_future().wait();
  }
  std::promise<void> started, release;
};

TEST_CASE("a thread that ends drops what it alone has queued, tells nobody and keeps no memory") {
  const Tensor mine = Tensor::empty({}, DType::f32), others = Tensor::empty({}, DType::f32);
  std::weak_ptr<const Storage> dropped;
  bool is_told = false;
  Hold hold;
  enqueue({.name = "others", .writes = {others}, .run = [&] { *others.data<float>() = 3; }});
  std::thread([&] {
    const Tensor own = Tensor::empty({}, DType::f32);
    dropped = own.storage();
    const auto run = [&, own] { *mine.data<float>() = *own.data<float>(); };
    enqueue({.name = "own", .writes = {own, mine}, .run = run, .done = [&](const FailurePtr&) {
               is_told = true;
             }});
    drop_own_operations();
  }).join();
  CHECK(dropped.expired());
  hold.release.set_value();
  CHECK(outcome_of(others).value == 3);
  CHECK_FALSE(is_told);
}

TEST_CASE("a stopped stream goes on with what was queued, in a thread that is started again") {
  const Tensor waiting = Tensor::empty({}, DType::f32);
  Hold hold;
  std::thread stopper([] { runtime({}).stream.stop(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the stop is waiting for the op that runs
  enqueue({.name = "waiting", .writes = {waiting}, .run = [&] { *waiting.data<float>() = 4; }});
  hold.release.set_value();
  stopper.join();
  CHECK(outcome_of(waiting).value == 4);
  CHECK(outcome_of(scalar(5)).value == 5);
}

TEST_CASE("operations enqueued while a stream stops are all run") {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> num_done{0};
    std::thread other([&] {
      for (int i = 0; i < 50; ++i)
        enqueue({.name = "count",
                 .reads = {scalar(0)},
                 .run = [] {},
                 .done = [&](const FailurePtr&) { ++num_done; }});
    });
    runtime({}).stream.stop();
    other.join();
    outcome_of(scalar(0));
    CHECK(num_done == 50);
  }
}

}  // namespace
}  // namespace lengthen
