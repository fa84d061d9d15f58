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

// policy − rollout; 0 where nothing counts.
template <class Lanes>
F32x16 log_ratio(const GrpoLoss& k, int64_t i, Lanes lanes, Mask16 is_out) {
  return select(is_out, zero16(), load(k.policy + i, lanes) - load(k.rollout + i, lanes));
}

// Finite, so that an advantage of 0 stays 0 times something; NaN passes.
F32x16 finite_exp(F32x16 x) { return min(set1(__FLT_MAX__), exp(x)); }

// What the tokens of a sequence share.
struct Sequence {
  float advantage;
  F32x16 ratio;          // its own, where it has one
  float slope_of_ratio;  // tokens · ∂ log s / ∂ policy of one: each of their losses has the same ratio
};

struct Surrogate {
  F32x16 loss, slope;
  F32x16 low, high, dual;  // the weight where that clip takes hold, else 0
};

Surrogate clipped_surrogate(const GrpoLoss& k, F32x16 ratio, const Sequence& sequence, F32x16 weight) {
  const F32x16 zero = zero16(), advantage = set1(sequence.advantage);
  const F32x16 free = ratio * advantage;
  const F32x16 bound = min(set1(k.highest_ratio), max(set1(k.lowest_ratio), ratio)) * advantage;
  const Mask16 is_clipped = lt(bound, free);
  const F32x16 clipped = select(is_clipped, weight, zero);
  F32x16 value = select(is_clipped, bound, free), slope = select(is_clipped, zero, negate(free)), dual = zero;
  if (sequence.advantage < 0 && k.dual_clip <= __FLT_MAX__) {
    const F32x16 lowest = set1(k.dual_clip) * advantage;
    const Mask16 is_dual = lt(value, lowest);
    value = select(is_dual, lowest, value);
    slope = select(is_dual, zero, slope);
    dual = select(is_dual, weight, zero);
  }
  slope = slope * set1(sequence.slope_of_ratio);
  const bool is_low = sequence.advantage < 0;
  return {negate(value), slope, is_low ? clipped : zero, is_low ? zero : clipped, dual};
}

Surrogate cispo_surrogate(const GrpoLoss& k, F32x16 ratio, const Sequence& sequence, F32x16 policy,
                          F32x16 weight) {
  const F32x16 zero = zero16(), lowest = set1(k.lowest_ratio), highest = set1(k.highest_ratio);
  const F32x16 factor = min(highest, max(lowest, ratio)) * set1(sequence.advantage);
  // finite for the same reason as the ratio: a token of probability 0 and an advantage of 0
  const F32x16 logprob = max(set1(-__FLT_MAX__), policy);
  return {negate(factor * logprob), negate(factor), select(lt(ratio, lowest), weight, zero),
          select(lt(highest, ratio), weight, zero), zero};
}

// One step of 16 tokens: adds to the sums (GrpoStat::kMaxLogprobDifference: takes the maximum), returns
// ∂loss/∂policy before its scale.
template <class Lanes>
F32x16 step(const GrpoLoss& k, int64_t i, Lanes lanes, const Sequence& sequence, F32x16* sums) {
  const F32x16 weight = load_weights(k, i, lanes), zero = zero16();
  const Mask16 is_out = eq(weight, zero);
  const F32x16 difference = log_ratio(k, i, lanes, is_out);
  const F32x16 ratio = k.ratio == GrpoRatio::kToken ? finite_exp(difference) : sequence.ratio;
  const Surrogate surrogate = k.is_cispo
                                  ? cispo_surrogate(k, ratio, sequence, load(k.policy + i, lanes), weight)
                                  : clipped_surrogate(k, ratio, sequence, weight);
  F32x16 loss = surrogate.loss, slope = surrogate.slope;
  if (k.reference) {
    const F32x16 x = select(is_out, zero, load(k.policy + i, lanes) - load(k.reference + i, lanes));
    const Value kl = kl_of(x, k.kl_estimator);
    sums[GrpoStat::kReferenceKlSum] = sums[GrpoStat::kReferenceKlSum] + kl.value;
    if (k.kl_weight > 0) {
      loss = fma(set1(k.kl_weight), kl.value, loss);
      slope = fma(set1(k.kl_weight), kl.slope, slope);
    }
  }
  sums[GrpoStat::kTokens] = sums[GrpoStat::kTokens] + weight;
  sums[GrpoStat::kClippedLow] = sums[GrpoStat::kClippedLow] + surrogate.low;
  sums[GrpoStat::kClippedHigh] = sums[GrpoStat::kClippedHigh] + surrogate.high;
  sums[GrpoStat::kClippedDual] = sums[GrpoStat::kClippedDual] + surrogate.dual;
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

// The ratio of a sequence of `count` tokens.
Sequence sequence_of(const GrpoLoss& k, int64_t b, int64_t begin, int64_t end, int64_t count) {
  if (k.ratio == GrpoRatio::kToken || count == 0) return {k.advantages[b], set1(1.0f), 1};
  const double sum = sum_lanes(end - begin, [&](int64_t i, auto lanes) {
    return log_ratio(k, begin + i, lanes, eq(load_weights(k, begin + i, lanes), zero16()));
  });
  const double tokens = static_cast<double>(count);
  const bool is_mean = k.ratio == GrpoRatio::kSequence;
  const F32x16 ratio = finite_exp(set1(static_cast<float>(is_mean ? sum / tokens : sum)));
  return {k.advantages[b], ratio, is_mean ? 1.0f : static_cast<float>(tokens)};
}

void one_sequence(const GrpoLoss& k, int64_t b) {
  const int64_t begin = k.offsets[b], end = k.offsets[b + 1], count = count_unmasked(k, begin, end);
  const double scale =
      1 / (k.denominator * (k.is_sequence_mean && count > 0 ? static_cast<double>(count) : 1));
  const F32x16 v_scale = set1(static_cast<float>(scale));
  const Sequence sequence = sequence_of(k, b, begin, end, count);
  double totals[kNumPartials] = {};
  float most = 0;
  for (int64_t chunk = begin; chunk < end; chunk += kSumChunk) {
    F32x16 sums[kNumPartials];
    for (F32x16& sum : sums) sum = zero16();
    for_lanes(chunk, chunk + kSumChunk < end ? chunk + kSumChunk : end, [&](int64_t i, auto lanes) {
      store(k.dpolicy + i, step(k, i, lanes, sequence, sums) * v_scale, lanes);
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
