#include "kernels/product_rows.h"
#include "kernels/vocabulary.h"
#include "ops/token_logprob.h"

namespace lengthen {
namespace {

struct RowGradient {
  float dlogprob, dentropy, lse, entropy;
};

// Turns a row of logits into dlogits·temperature, but for the target's own dlogprob.
void logits_to_gradient(const RowGradient& g, float inverse_temperature, int64_t count, float* logits) {
  const F32x16 dlogprob = set1(-g.dlogprob), dentropy = set1(g.dentropy), lse = set1(g.lse),
               entropy = set1(g.entropy);
  for_lanes(0, count, [&](int64_t j, auto lanes) {
    const F32x16 log_p = max(set1(kZeroExponent), load(logits + j, lanes) - lse);
    const F32x16 slope = dlogprob - dentropy * (log_p + entropy);
    store(logits + j, exp(log_p) * slope * set1(inverse_temperature), lanes);
  });
}

void set_zero(float* to, int64_t count) {
  parallel_lanes(count, [&](int64_t i, auto lanes) { store(to + i, zero16(), lanes); });
}

}  // namespace

template <>
void TokenLogprobBackward::run<kTarget>() const {
  const float inverse_temperature = 1.0f / temperature;
  const VocabularyProduct product_of_logits{hidden, packed, width, vocabulary, inverse_temperature};
  if (rows == 0) set_zero(dweight, vocabulary * width);
  for (int64_t row0 = 0; row0 < rows; row0 += rows_per_pass) {
    const int64_t num_rows = rows - row0 < rows_per_pass ? rows - row0 : rows_per_pass;
    for (int64_t v0 = 0; v0 < vocabulary; v0 += columns_per_pass) {
      const int64_t columns = vocabulary - v0 < columns_per_pass ? vocabulary - v0 : columns_per_pass;

      // dlogits of this pass
      parallel_chunks(num_rows, columns, [&](int64_t i0, int64_t m, int64_t, int64_t first, int64_t n) {
        float* g_tile = dlogits + i0 * columns_per_pass + first;
        logits_of(product_of_logits, row0 + i0, m, v0 + first, n, {g_tile, columns_per_pass});
        for (int64_t i = 0; i < m; ++i) {
          const int64_t row = row0 + i0 + i, target = targets[row] - v0 - first;
          float* g_row = g_tile + i * columns_per_pass;
          const RowGradient g{dlogprobs[row], dentropy ? dentropy[row] : 0.0f, lse[row], entropy[row]};
          logits_to_gradient(g, inverse_temperature, n, g_row);
          if (target >= 0 && target < n) g_row[target] += g.dlogprob * inverse_temperature;
        }
      });

      // dhidden += dlogits·weight: the inner dimension is the vocabulary
      const Blocks token_blocks = choose_blocks(num_rows, width, columns, kRowMajorBlocks);
      parallel_blocks(num_rows, width, token_blocks, [&](int64_t i, int64_t m, int64_t j, int64_t n) {
        product_of_rows(m, n, columns, {dlogits + i * columns_per_pass, columns_per_pass, 1},
                        {weight + v0 * width + j, width}, {dhidden + (row0 + i) * width + j, width},
                        v0 == 0 ? Into::kStore : Into::kAdd);
      });

      // dweight += dlogitsᵀ·hidden: the inner dimension is the tokens
      const Blocks vocabulary_blocks = choose_blocks(columns, width, num_rows, kRowMajorBlocks);
      parallel_blocks(columns, width, vocabulary_blocks, [&](int64_t i, int64_t m, int64_t j, int64_t n) {
        product_of_rows(m, n, num_rows, {dlogits + i, 1, columns_per_pass},
                        {hidden + row0 * width + j, width}, {dweight + (v0 + i) * width + j, width},
                        row0 == 0 ? Into::kStore : Into::kAdd);
      });
    }
  }
}

}  // namespace lengthen
