#include "core/target.h"

#include <atomic>
#include <cstdlib>

#include "core/error.h"

namespace lengthen {
namespace {

Target best_target() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return Target::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Target::avx2;
#endif
  return Target::plain;
}

Target parse_target(const std::string& name) {
  for (Target t : {Target::plain, Target::avx2, Target::avx512}) {
    if (name != name_of(t)) continue;
    if (t > best_target())
      throw UnsupportedError(
          text("[target] this processor runs up to ", name_of(best_target()), ", asked for ", name));
    return t;
  }
  throw ArgumentError(text("[target] expected plain, avx2 or avx512, got ", name));
}

std::atomic<int> active{-1};

}  // namespace

const char* name_of(Target target) {
  switch (target) {
    case Target::plain:
      return "plain";
    case Target::avx2:
      return "avx2";
    case Target::avx512:
      return "avx512";
  }
  return "?";
}

Target active_target() {
  int current = active.load(std::memory_order_relaxed);
  if (current >= 0) return static_cast<Target>(current);
  const char* asked = std::getenv("LENGTHEN_ISA");
  const Target target = asked && *asked ? parse_target(asked) : best_target();
  active.store(static_cast<int>(target), std::memory_order_relaxed);
  return target;
}

void set_active_target(const std::string& name) { active.store(static_cast<int>(parse_target(name))); }

}  // namespace lengthen
