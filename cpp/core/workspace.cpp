#include "core/workspace.h"

#include <memory>
#include <new>

namespace lengthen {
namespace {

constexpr std::align_val_t kAlignment{64};

struct Free {
  void operator()(float* p) const { ::operator delete[](p, kAlignment); }
};

struct Workspace {
  std::unique_ptr<float[], Free> data;
  int64_t floats = 0;
};

}  // namespace

float* thread_workspace(int64_t floats) {
  static thread_local Workspace workspace;
  if (floats > workspace.floats) {
    workspace = {};
    workspace.data.reset(
        static_cast<float*>(::operator new[](static_cast<size_t>(floats) * sizeof(float), kAlignment)));
    workspace.floats = floats;
  }
  return workspace.data.get();
}

}  // namespace lengthen
