#include "ops/grpo_loss.h"

#include "kernels/activation.h"
#include "kernels/sums.h"

namespace lengthen {
namespace {

constexpr int kLoss = GrpoStat::kCount;  // the column of partial that holds the loss
constexpr int kNumPartials = GrpoStat::kCount + 1;

// 1 where a token counts, 0 where it is masked or beyond the end.
F32x16 load_weights(const GrpoLoss& k, int64_t i, int count) {
  float weight[kLanes] = {};
  for (int j = 0; j < count; ++j) weight[j] = !k.mask || k.mask[i + j] ? 1.0f : 0.0f;
  return load(weight);
}
F32x16 load_weights(const GrpoLoss& k, int64_t i, AllLanes) {
  return k.mask ? load_weights(k, i, kLanes) : set1(1.0f);
}
F32x16 load_weights(const GrpoLoss& k, int64_t i, FirstLanes lanes) {
  return load_weights(k, i, lanes.count);
}

struct Value {
  F32x16 value, slope;
};

// k(x) of the contract and its derivative.
Value kl_of(F32x16 x, int estimator) {
  if (estimator == 1) return {x, set1(1.0f)};
  if (estimator == 2) return {x * x * set1(0.5f), x};
  const F32x16 k3 = exp_minus_1_minus_x(negate(x));
  return {k3, x - k3};  // 1 − e^−x = x − (e^−x − 1 + x)
}

struct Clipped {
  F32x16 loss, slope;
  Mask16 is_clipped;
};

Clipped clipped_objective(const GrpoLoss& k, F32x16 ratio, F32x16 advantage) {
  const F32x16 free = ratio * advantage;
  const F32x16 bound = min(set1(k.highest_ratio), max(set1(k.lowest_ratio), ratio)) * advantage;
  const Mask16 is_clipped = lt(bound, free);
  return {negate(select(is_clipped, bound, free)), select(is_clipped, zero16(), negate(free)), is_clipped};
}

// One step of 16 tokens: adds to the sums (GrpoStat::kMaxLogprobDifference: takes the maximum), returns
// ∂ℓ/∂policy.
template <class Lanes>
F32x16 step(const GrpoLoss& k, int64_t i, Lanes lanes, float sequence_advantage, F32x16* sums) {
  const F32x16 advantage = set1(sequence_advantage);
  const F32x16 weight = load_weights(k, i, lanes), zero = zero16();
  const Mask16 is_out = eq(weight, zero);
  const F32x16 difference = select(is_out, zero, load(k.policy + i, lanes) - load(k.rollout + i, lanes));
  // finite, so that an advantage of 0 stays 0 times something; NaN passes
  const F32x16 ratio = min(set1(__FLT_MAX__), exp(difference));
  const Clipped clipped = clipped_objective(k, ratio, advantage);
  F32x16 loss = clipped.loss, slope = clipped.slope;
  if (k.reference) {
    const F32x16 x = select(is_out, zero, load(k.policy + i, lanes) - load(k.reference + i, lanes));
    const Value kl = kl_of(x, k.kl_estimator);
    sums[GrpoStat::kReferenceKlSum] = sums[GrpoStat::kReferenceKlSum] + kl.value;
    if (k.kl_weight > 0) {
      loss = fma(set1(k.kl_weight), kl.value, loss);
      slope = fma(set1(k.kl_weight), kl.slope, slope);
    }
  }
  const int clip_stat = sequence_advantage < 0 ? GrpoStat::kClippedLow : GrpoStat::kClippedHigh;
  sums[GrpoStat::kTokens] = sums[GrpoStat::kTokens] + weight;
  sums[clip_stat] = sums[clip_stat] + select(clipped.is_clipped, weight, zero);
  sums[GrpoStat::kRatioSum] = sums[GrpoStat::kRatioSum] + select(is_out, zero, ratio);
  sums[GrpoStat::kRolloutKlSum] = sums[GrpoStat::kRolloutKlSum] + exp_minus_1_minus_x(difference);
  sums[GrpoStat::kMaxLogprobDifference] = max_or_nan(sums[GrpoStat::kMaxLogprobDifference], abs(difference));
  sums[kLoss] = sums[kLoss] + select(is_out, zero, loss);
  return select(is_out, zero, slope);
}

float larger_or_nan(float a, float b) { return a > b || a != a ? a : b; }

int64_t count_unmasked(const GrpoLoss& k, int64_t begin, int64_t end) {
  if (!k.mask) return end - begin;
  int64_t count = 0;
  for (int64_t i = begin; i < end; ++i) count += k.mask[i] != 0;
  return count;
}

void one_sequence(const GrpoLoss& k, int64_t b) {
  const int64_t begin = k.offsets[b], end = k.offsets[b + 1], count = count_unmasked(k, begin, end);
  const double scale =
      1 / (k.denominator * (k.is_sequence_mean && count > 0 ? static_cast<double>(count) : 1));
  const F32x16 v_scale = set1(static_cast<float>(scale));
  double totals[kNumPartials] = {};
  float most = 0;
  for (int64_t chunk = begin; chunk < end; chunk += kSumChunk) {
    F32x16 sums[kNumPartials];
    for (F32x16& sum : sums) sum = zero16();
    for_lanes(chunk, chunk + kSumChunk < end ? chunk + kSumChunk : end, [&](int64_t i, auto lanes) {
      store(k.dpolicy + i, step(k, i, lanes, k.advantages[b], sums) * v_scale, lanes);
    });
    for (int s = 0; s < kNumPartials; ++s) totals[s] += static_cast<double>(fold_sum(sums[s]));
    most = larger_or_nan(most, fold_max(sums[GrpoStat::kMaxLogprobDifference]));
  }
  float* g_partial = k.partial + b * kNumPartials;
  for (int s = 0; s < kNumPartials; ++s) g_partial[s] = static_cast<float>(totals[s]);
  g_partial[GrpoStat::kSequences] = count > 0 ? 1.0f : 0.0f;
  g_partial[GrpoStat::kMaxLogprobDifference] = most;
  g_partial[kLoss] = static_cast<float>(totals[kLoss] * scale);
}

void fold_sequences(const GrpoLoss& k) {
  double totals[kNumPartials] = {};
  float most = 0;
  for (int64_t b = 0; b < k.sequences; ++b) {
    const float* g_partial = k.partial + b * kNumPartials;
    for (int s = 0; s < kNumPartials; ++s) totals[s] += static_cast<double>(g_partial[s]);
    most = larger_or_nan(most, g_partial[GrpoStat::kMaxLogprobDifference]);
  }
  for (int s = 0; s < GrpoStat::kCount; ++s) k.stats[s] = static_cast<float>(totals[s]);
  k.stats[GrpoStat::kMaxLogprobDifference] = most;
  *k.loss = static_cast<float>(totals[kLoss]);
}

}  // namespace

template <>
void GrpoLoss::run<kTarget>() const {
  const int64_t sequences_per_task = tokens <= kElementsPerTask && sequences > 0 ? sequences : 1;
  parallel_rows(sequences, sequences_per_task, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) one_sequence(*this, b);
  });
  fold_sequences(*this);
}

}  // namespace lengthen
