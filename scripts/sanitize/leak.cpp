// An addon that leaks on purpose, built by scripts/sanitize.mjs for leak.mjs and for nothing else. One block
// is lost, and must be reported. One is held by a living thread's thread-local variable alone, and must not
// be.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

namespace {

thread_local void* held = nullptr;
std::atomic<bool> is_held{false};

__attribute__((noinline)) void hold_a_block() { held = std::malloc(2000); }

__attribute__((noinline)) void lose_a_block() {
  void* volatile lost = std::malloc(1000);
  lost = nullptr;
}

[[noreturn]] void live_on() {
  hold_a_block();
  is_held = true;
  for (;;) pause();
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  std::thread(live_on).detach();
  while (!is_held) std::this_thread::yield();
  lose_a_block();
  return exports;
}
