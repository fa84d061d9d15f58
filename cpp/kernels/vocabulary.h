// Logits by chunks of the vocabulary, and softmax partials of them: see ops/vocabulary.h.
//
// For kernel files only: all of it is file-local.
#pragma once

#include "kernels/lanes.h"
#include "kernels/product.h"
#include "kernels/product_tasks.h"
#include "ops/vocabulary.h"

namespace lengthen {
namespace {

// Stands for minus infinity, since two infinities subtract to NaN.
constexpr float kLowest = -3.402823466e+38f;
// e^x is 0 from here on; keeps 0·(−inf) out of the sums.
constexpr float kZeroExponent = -200.0f;

constexpr int64_t kVocabularyRows = 48;  // rows of hidden per task

// The product whose columns are the logits.
template <class T>
struct VocabularyProduct {
  const float* hidden;  // [rows, width]
  const T* packed;      // the weight [vocabulary, width] in WeightLayout::forward
  int64_t width, vocabulary;
  float inverse_temperature;
};

// logits(i, j) = hidden[row + i]·weight[first + j] / temperature.
template <class T>
inline void logits_of(const VocabularyProduct<T>& p, int64_t row, int64_t rows, int64_t first,
                      int64_t columns, ProductC logits) {
  product(rows, columns, p.width, {p.hidden + row * p.width, p.width, 1},
          packed_panels(p.packed + first * p.width, p.width), logits, Into::kStore);
  const F32x16 scale = set1(p.inverse_temperature);
  for (int64_t i = 0; i < rows; ++i) {
    float* g_row = logits.data + i * logits.row_stride;
    for_lanes(0, columns,
              [&](int64_t j, auto lanes) { store(g_row + j, load(g_row + j, lanes) * scale, lanes); });
  }
}

// Over one chunk of one row. A NaN among the logits makes the sums NaN.
inline SoftmaxPartial softmax_partial(const float* logits, int64_t count) {
  F32x16 r_max = set1(kLowest);
  for_lanes(0, count, [&](int64_t j, auto lanes) {
    r_max = max(r_max, keep(load(logits + j, lanes), lanes, kLowest));
  });
  const float top = fold_max(r_max);
  F32x16 r_sum = zero16(), r_weighted = zero16();
  for_lanes(0, count, [&](int64_t j, auto lanes) {
    const F32x16 below = keep(load(logits + j, lanes) - set1(top), lanes, kZeroExponent);
    const F32x16 x = max(set1(kZeroExponent), below), e = exp(x);
    r_sum = r_sum + e;
    r_weighted = fma(e, x, r_weighted);
  });
  return {top, fold_sum(r_sum), fold_sum(r_weighted)};
}

inline float clamped_exponent(float x) { return x < kZeroExponent ? kZeroExponent : x; }

// The partial of `part` under the maximum `top`.
inline SoftmaxPartial moved_to(const SoftmaxPartial& part, float top) {
  const float x = clamped_exponent(part.max - top), e = exp1(x);
  return {top, part.sum * e, (part.weighted + part.sum * x) * e};
}

// A whole row, from its chunks in order.
inline SoftmaxPartial folded(const SoftmaxPartial* parts, int64_t chunks) {
  SoftmaxPartial all = parts[0];
  for (int64_t c = 1; c < chunks; ++c) {
    const float top = parts[c].max > all.max ? parts[c].max : all.max;
    const SoftmaxPartial a = moved_to(all, top), b = moved_to(parts[c], top);
    all = {top, a.sum + b.sum, a.weighted + b.weighted};
  }
  return all;
}

inline float log_sum_exp(const SoftmaxPartial& row) { return row.max + log1(row.sum); }
inline float logprob_of(const SoftmaxPartial& row, float logit) { return (logit - row.max) - log1(row.sum); }
// −Σ p·ln p.
inline float entropy_of(const SoftmaxPartial& row) { return log1(row.sum) - row.weighted / row.sum; }

// Calls body(first row, rows, chunk, first column, columns) for row tiles × chunks, over the thread pool. A
// chunk's tasks follow each other, since they share its weights.
template <class Body>
inline void parallel_chunks(int64_t rows, int64_t vocabulary, const Body& body) {
  const int64_t tiles = num_blocks(rows, kVocabularyRows);
  parallel(tiles * num_vocabulary_chunks(vocabulary), [&](int64_t task, int) {
    const int64_t row = task % tiles * kVocabularyRows, chunk = task / tiles,
                  first = chunk * kVocabularyChunk;
    body(row, rows - row < kVocabularyRows ? rows - row : kVocabularyRows, chunk, first,
         vocabulary - first < kVocabularyChunk ? vocabulary - first : kVocabularyChunk);
  });
}

}  // namespace
}  // namespace lengthen
