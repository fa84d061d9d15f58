// Which instruction set a CPU kernel was compiled for, and which one runs on this machine.
#pragma once

#include <string>

namespace lengthen {

enum class Target { plain, avx2, avx512 };

const char* name_of(Target target);

// The best target this processor runs; LENGTHEN_ISA=plain|avx2|avx512 in the environment asks for a lesser
// one.
Target active_target();

// For tests: run the kernels of another target from now on. Throws UnsupportedError where the processor
// cannot.
void set_active_target(const std::string& name);

}  // namespace lengthen
