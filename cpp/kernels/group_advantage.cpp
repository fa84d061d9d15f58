#include "ops/group_advantage.h"

#include "kernels/parallel.h"
#include "kernels/vec.h"

namespace lengthen {
namespace {

constexpr int64_t kGroupsPerTask = 512;

// A sum of equal float32 values is exact in float64, so their mean is that value and every deviation exactly
// 0.
void one_group(const GroupAdvantage& k, int64_t begin, int64_t end) {
  const double n = static_cast<double>(end - begin);
  double sum = 0;
  for (int64_t i = begin; i < end; ++i) sum += static_cast<double>(k.rewards[i]);
  const double mean = sum / n;
  double squares = 0;
  for (int64_t i = begin; i < end; ++i) {
    const double deviation = static_cast<double>(k.rewards[i]) - mean;
    squares += deviation * deviation;
  }
  const double deviation = n > 1 ? __builtin_sqrt(squares / (n - 1)) : 0;
  const double scale = k.use_std ? 1 / (deviation + GroupAdvantage::kEpsilon) : 1;
  for (int64_t i = begin; i < end; ++i)
    k.advantages[i] = static_cast<float>((static_cast<double>(k.rewards[i]) - mean) * scale);
}

}  // namespace

template <>
void GroupAdvantage::run<kTarget>() const {
  parallel_rows(groups, kGroupsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) one_group(*this, offsets[p], offsets[p + 1]);
  });
}

}  // namespace lengthen
