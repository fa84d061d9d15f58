// Sums with fixed places of rounding: sixteen lanes within a chunk, chunks folded in order in float64. For
// kernel files only.
#pragma once

#include "kernels/lanes.h"

namespace lengthen {
namespace {

constexpr int64_t kSumChunk = 4096;

// Σ term(i, lanes) over [0, n). A term must be 0 in the lanes beyond the end (a load is).
template <class Term>
inline double sum_lanes(int64_t n, const Term& term) {
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kSumChunk) {
    F32x16 sum = zero16();
    for_lanes(begin, begin + kSumChunk < n ? begin + kSumChunk : n,
              [&](int64_t i, auto lanes) { sum = sum + term(i, lanes); });
    total += static_cast<double>(fold_sum(sum));
  }
  return total;
}

}  // namespace
}  // namespace lengthen
