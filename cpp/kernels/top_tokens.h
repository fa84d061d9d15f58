// The most probable tokens of a row, without sorting: a logit becomes an integer of the same order, and the
// threshold is found byte by byte from histograms of what lies above.
//
// For kernel files only: all of it is file-local.
#pragma once

#include <cstdint>

#include "kernels/vocabulary.h"

namespace lengthen {
namespace {

// Tokens with a key above `threshold`, and the first `num_ties` in order of index with exactly that key.
struct TopTokens {
  uint32_t threshold = 0;
  int64_t num_ties = INT64_MAX;
};

// Rises with the logit; -0 and 0 are equal.
inline uint32_t order_key(float logit) {
  const float x = logit + 0.0f;
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// A row of logits and its maximum.
struct LogitRow {
  const float* logits;
  int64_t count;
  float max;
};

// Calls body(token, key, e^(logit − max)) for the kept tokens in order of index, until it returns false.
template <class Body>
inline void for_top_tokens(const LogitRow& row, TopTokens kept, const Body& body) {
  for (int64_t begin = 0; begin < row.count; begin += kLanes) {
    const int n = static_cast<int>(row.count - begin < kLanes ? row.count - begin : kLanes);
    float r_weight[kLanes];
    store(r_weight, exp(load_n(row.logits + begin, n) - set1(row.max)));
    for (int i = 0; i < n; ++i) {
      const uint32_t key = order_key(row.logits[begin + i]);
      if (key < kept.threshold || (key == kept.threshold && kept.num_ties-- <= 0)) continue;
      if (!body(begin + i, key, r_weight[i])) return;
    }
  }
}

// The smallest top part of `kept` whose measure (a number per token: 1 to count, its weight for mass) reaches
// `limit`; never empty.
template <class Measure>
inline TopTokens top_reaching(const LogitRow& row, TopTokens kept, double limit, const Measure& measure) {
  uint32_t prefix = 0, mask = 0;
  double above = 0;  // the measure of the keys above the prefix
  for (int shift = 24; shift >= 0; shift -= 8) {
    double bins[256] = {};
    bool is_present[256] = {};
    for_top_tokens(row, kept, [&](int64_t, uint32_t key, float weight) {
      if ((key & mask) != prefix) return true;
      bins[key >> shift & 255] += measure(weight);
      is_present[key >> shift & 255] = true;
      return true;
    });
    int last = 0;
    while (!is_present[last]) ++last;  // rounding may leave the limit out of reach: then all of the prefix
    int bin = 255;
    while (bin > last && !(is_present[bin] && above + bins[bin] >= limit)) above += bins[bin--];
    prefix |= static_cast<uint32_t>(bin) << shift;
    mask |= 255u << shift;
  }
  TopTokens top{prefix, 0};
  for_top_tokens(row, kept, [&](int64_t, uint32_t key, float weight) {
    if (key != prefix) return true;
    ++top.num_ties;
    above += measure(weight);
    return above < limit;
  });
  return top;
}

inline double mass_of(const LogitRow& row, TopTokens kept) {
  double mass = 0;
  for_top_tokens(row, kept, [&](int64_t, uint32_t, float weight) {
    mass += weight;
    return true;
  });
  return mass;
}

}  // namespace
}  // namespace lengthen
