#include "ops/sample_token.h"

#include "kernels/top_tokens.h"
#include "kernels/vocabulary.h"

namespace lengthen {
namespace {

// The lowest index among the largest.
int64_t most_probable(const LogitRow& row) {
  int64_t token = 0;
  while (row.logits[token] != row.max) ++token;
  return token;
}

// The first kept token whose cumulative weight exceeds the fraction u of `mass`. Tokens of weight 0 cannot:
// where rounding leaves the threshold out of reach, the last one with a weight is taken.
int64_t invert_cumulative(const LogitRow& row, TopTokens kept, double threshold) {
  int64_t drawn = -1;
  double running = 0;
  for_top_tokens(row, kept, [&](int64_t token, uint32_t, float weight) {
    running += weight;
    if (weight > 0) drawn = token;
    return !(running > threshold);
  });
  return drawn;
}

// Over the whole vocabulary: the chunk first, from its partial, then the token in it.
int64_t draw_from_all(const LogitRow& row, const SoftmaxPartial* parts, float uniform) {
  const int64_t chunks = num_vocabulary_chunks(row.count);
  double mass = 0;
  for (int64_t c = 0; c < chunks; ++c) mass += moved_to(parts[c], row.max).sum;
  const double threshold = uniform * mass;
  int64_t chunk = 0;
  double running = 0, before = 0;
  for (int64_t c = 0; c < chunks && !(running > threshold); ++c) {
    const float weight = moved_to(parts[c], row.max).sum;
    if (!(weight > 0)) continue;
    chunk = c;
    before = running;
    running += weight;
  }
  const int64_t first = chunk * kVocabularyChunk, left = row.count - first;
  const LogitRow in_chunk{row.logits + first, left < kVocabularyChunk ? left : kVocabularyChunk, row.max};
  return first + invert_cumulative(in_chunk, {}, threshold - before);
}

int64_t draw_from_top(const LogitRow& row, int64_t top_k, float top_p, float uniform) {
  TopTokens kept;
  if (top_k > 0 && top_k < row.count)
    kept = top_reaching(row, kept, static_cast<double>(top_k), [](float) { return 1.0; });
  if (top_p < 1.0f)
    kept = top_reaching(row, kept, top_p * mass_of(row, kept),
                        [](float weight) { return static_cast<double>(weight); });
  return invert_cumulative(row, kept, uniform * mass_of(row, kept));
}

}  // namespace

template <>
void SampleToken::run<kTarget>() const {
  const bool is_greedy = temperature == 0.0f,
             is_restricted = top_p < 1.0f || (top_k > 0 && top_k < vocabulary);
  const int64_t chunks = num_vocabulary_chunks(vocabulary);
  for (int64_t pass = 0; pass < rows; pass += rows_per_pass) {
    const int64_t num = rows - pass < rows_per_pass ? rows - pass : rows_per_pass;

    // logits and their partials
    with_type_of(packed, weight_dtype, [&](const auto* panels) {
      const VocabularyProduct product_of_logits{hidden, panels, width, vocabulary,
                                                is_greedy ? 1.0f : 1.0f / temperature};
      parallel_chunks(num, vocabulary, [&](int64_t row, int64_t m, int64_t chunk, int64_t first, int64_t n) {
        float* g_tile = logits + row * vocabulary + first;
        logits_of(product_of_logits, pass + row, m, first, n, {g_tile, vocabulary});
        for (int64_t i = 0; i < m; ++i)
          partial[(row + i) * chunks + chunk] = softmax_partial(g_tile + i * vocabulary, n);
      });
    });

    // draw
    const int64_t grain = rows_per_task(vocabulary);
    parallel_rows(num, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const SoftmaxPartial* parts = partial + i * chunks;
        const SoftmaxPartial all = folded(parts, chunks);
        const LogitRow row{logits + i * vocabulary, vocabulary, all.max};
        const int64_t r = pass + i;
        tokens[r] = -1;
        if (!__builtin_isfinite(log_sum_exp(all))) continue;
        const int64_t token = is_greedy       ? most_probable(row)
                              : is_restricted ? draw_from_top(row, top_k, top_p, uniforms[r])
                                              : draw_from_all(row, parts, uniforms[r]);
        tokens[r] = static_cast<int32_t>(token);
        logprobs[r] = logprob_of(all, row.logits[token]);
      }
    });
  }
}

}  // namespace lengthen
