#include "ops/group_advantage.h"

#include "kernels/parallel.h"
#include "kernels/vec.h"

namespace lengthen {
namespace {

constexpr int64_t kGroupsPerTask = 512;

// Of values [begin, end), each counted as often as its weight says, once without weights. A sum of equal
// float32 values is exact in float64, so their mean is that value and every deviation exactly 0.
struct Spread {
  double mean = 0;
  double deviation = 0;  // with n − 1; of fewer than two: 0
};

Spread spread_of(const float* values, const int32_t* weights, int64_t begin, int64_t end) {
  const auto weight = [&](int64_t i) { return weights ? static_cast<double>(weights[i]) : 1; };
  double n = 0, sum = 0, squares = 0;
  for (int64_t i = begin; i < end; ++i) {
    n += weight(i);
    sum += weight(i) * static_cast<double>(values[i]);
  }
  if (n == 0) return {};
  const double mean = sum / n;
  for (int64_t i = begin; i < end; ++i) {
    const double deviation = static_cast<double>(values[i]) - mean;
    squares += weight(i) * (deviation * deviation);
  }
  return {mean, n > 1 ? __builtin_sqrt(squares / (n - 1)) : 0};
}

double inverse(double deviation) { return 1 / (deviation + GroupAdvantage::kEpsilon); }

void one_group(const GroupAdvantage& k, int64_t begin, int64_t end, double batch_scale) {
  const double n = static_cast<double>(end - begin);
  const Spread group = spread_of(k.rewards, nullptr, begin, end);
  const double mean = k.baseline == AdvantageBaseline::kNone ? 0 : group.mean;
  double scale = k.scale == AdvantageScale::kGroup ? inverse(group.deviation) : batch_scale;
  if (k.baseline == AdvantageBaseline::kLeaveOneOut && n > 1) scale *= n / (n - 1);
  for (int64_t i = begin; i < end; ++i)
    k.advantages[i] = static_cast<float>((static_cast<double>(k.rewards[i]) - mean) * scale);
}

// Over the tokens of the whole batch, each of which has its answer's advantage.
void whiten(const GroupAdvantage& k) {
  const Spread tokens = spread_of(k.advantages, k.lengths, 0, k.answers);
  for (int64_t i = 0; i < k.answers; ++i)
    k.advantages[i] =
        static_cast<float>((static_cast<double>(k.advantages[i]) - tokens.mean) * inverse(tokens.deviation));
}

}  // namespace

template <>
void GroupAdvantage::run<kTarget>() const {
  const bool is_batch = scale == AdvantageScale::kBatch;
  const double batch_scale = is_batch ? inverse(spread_of(rewards, nullptr, 0, answers).deviation) : 1;
  parallel_rows(groups, kGroupsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) one_group(*this, offsets[p], offsets[p + 1], batch_scale);
  });
  if (scale == AdvantageScale::kTokens) whiten(*this);
}

}  // namespace lengthen
