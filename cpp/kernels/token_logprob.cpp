#include "ops/token_logprob.h"

#include "kernels/vocabulary.h"

namespace lengthen {

template <>
void TokenLogprobForward::run<kTarget>() const {
  const int64_t chunks = num_vocabulary_chunks(vocabulary);
  for (int64_t pass = 0; pass < rows; pass += rows_per_pass) {
    const int64_t num = rows - pass < rows_per_pass ? rows - pass : rows_per_pass;

    // logits, a chunk at a time; the target's waits in logprobs
    with_type_of(packed, weight_dtype, [&](const auto* panels) {
      const VocabularyProduct logits{hidden, panels, width, vocabulary, 1.0f / temperature};
      parallel_chunks(num, vocabulary, [&](int64_t row, int64_t m, int64_t chunk, int64_t first, int64_t n) {
        alignas(64) float s_logits[kVocabularyRows * kVocabularyChunk];
        logits_of(logits, pass + row, m, first, n, {s_logits, kVocabularyChunk});
        for (int64_t i = 0; i < m; ++i) {
          const float* s_row = s_logits + i * kVocabularyChunk;
          partial[(row + i) * chunks + chunk] = softmax_partial(s_row, n);
          const int64_t target = targets[pass + row + i] - first;
          if (target >= 0 && target < n) logprobs[pass + row + i] = s_row[target];
        }
      });
    });

    // fold the chunks
    parallel_rows(num, kVocabularyRows, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const SoftmaxPartial row = folded(partial + i * chunks, chunks);
        logprobs[pass + i] = logprob_of(row, logprobs[pass + i]);
        entropy[pass + i] = entropy_of(row);
        lse[pass + i] = log_sum_exp(row);
      }
    });
  }
}

}  // namespace lengthen
