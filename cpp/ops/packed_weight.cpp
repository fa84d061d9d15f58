#include "ops/packed_weight.h"

namespace lengthen {
namespace {

// Views of one storage may differ in place, shape and layout: each has its own packed copy. (splitmix64's
// mixing)
uint64_t mixed(uint64_t h, uint64_t value) {
  h = (h ^ value) + 0x9E3779B97F4A7C15;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EB;
  return h ^ (h >> 31);
}

}  // namespace

Check check_weight(const char* op, const Tensor& weight, Device device) {
  const Check checked = check(op, "weight", weight).rank(2);
  if (weight.dtype() != DType::f32 && weight.dtype() != DType::bf16)
    checked.fail("f32 or bf16", name_of(weight.dtype()));
  return checked.device(device);
}

const void* packed_weight(const Tensor& weight, WeightLayout layout) {
  if (weight.device().kind != DeviceKind::cpu) return nullptr;
  const int64_t out = weight.shape()[0], in = weight.shape()[1];
  const int64_t columns = layout == WeightLayout::forward ? out : in,
                inner = layout == WeightLayout::forward ? in : out;
  const int64_t panels = (columns + PackWeight::kPanelColumns - 1) / PackWeight::kPanelColumns;
  const size_t bytes =
      static_cast<size_t>(panels * PackWeight::kPanelColumns * inner) * size_of(weight.dtype());

  uint64_t key = mixed(0, static_cast<uint64_t>(layout));
  for (int64_t part : {weight.offset(), out, in}) key = mixed(key, static_cast<uint64_t>(part));
  return weight.storage()->derived(key, bytes, [&](const void*, void* to) {
    launch(weight.device(), PackWeight{weight.raw(), to, out, in, layout, weight.dtype()});
  });
}

}  // namespace lengthen
