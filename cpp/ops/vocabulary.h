// What token_logprob and sample_token have in common: how the vocabulary is cut, and what a chunk leaves
// behind. Both take a row's log-sum-exp from the same chunks in the same order, so that their
// log-probabilities are bitwise equal.
#pragma once

#include <cstdint>

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

constexpr int64_t kVocabularyChunk = 512;

constexpr int64_t num_vocabulary_chunks(int64_t vocabulary) {
  return (vocabulary + kVocabularyChunk - 1) / kVocabularyChunk;
}

// A row's softmax over some logits l: m = max l, Σ e^(l−m), Σ e^(l−m)·(l−m).
struct SoftmaxPartial {
  float max, sum, weighted;
};

// hidden [T, C] f32 and weight [V, C] f32 or bf16 on one device, V > 0.
void check_vocabulary(const char* op, const Tensor& hidden, const Tensor& weight);

// Scratch for the partials of `rows` rows.
Tensor empty_partials(int64_t rows, int64_t vocabulary, Device device);

}  // namespace lengthen
