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

// One pass: rows [row0, row0 + num_rows) by columns [v0, v0 + columns) of the vocabulary.
struct Pass {
  int64_t row0, num_rows, v0, columns;
};

template <class T>
void dlogits_of(const TokenLogprobBackward& k, const Pass& pass, const T* panels) {
  const float inverse_temperature = 1.0f / k.temperature;
  const VocabularyProduct logits{k.hidden, panels, k.width, k.vocabulary, inverse_temperature};
  parallel_chunks(pass.num_rows, pass.columns, [&](int64_t i0, int64_t m, int64_t, int64_t first, int64_t n) {
    float* g_tile = k.dlogits + i0 * k.columns_per_pass + first;
    logits_of(logits, pass.row0 + i0, m, pass.v0 + first, n, {g_tile, k.columns_per_pass});
    for (int64_t i = 0; i < m; ++i) {
      const int64_t row = pass.row0 + i0 + i, target = k.targets[row] - pass.v0 - first;
      float* g_row = g_tile + i * k.columns_per_pass;
      const RowGradient g{k.dlogprobs[row], k.dentropy ? k.dentropy[row] : 0.0f, k.lse[row], k.entropy[row]};
      logits_to_gradient(g, inverse_temperature, n, g_row);
      if (target >= 0 && target < n) g_row[target] += g.dlogprob * inverse_temperature;
    }
  });
}

// dhidden += dlogits·weight: the inner dimension is the vocabulary.
template <class T>
void add_dhidden(const TokenLogprobBackward& k, const Pass& pass, const T* weight) {
  const auto [row0, num_rows, v0, columns] = pass;
  const Blocks blocks = choose_blocks(num_rows, k.width, columns, kRowMajorBlocks);
  parallel_blocks(num_rows, k.width, blocks,
                  [&, row0 = row0, v0 = v0, columns = columns](int64_t i, int64_t m, int64_t j, int64_t n) {
                    product_of_rows(
                        m, n, columns, {k.dlogits + i * k.columns_per_pass, k.columns_per_pass, 1},
                        RowMajorB<T>{weight + v0 * k.width + j, k.width},
                        {k.dhidden + (row0 + i) * k.width + j, k.width}, v0 == 0 ? Into::kStore : Into::kAdd);
                  });
}

// dweight += dlogitsᵀ·hidden: the inner dimension is the tokens.
void add_dweight(const TokenLogprobBackward& k, const Pass& pass) {
  const auto [row0, num_rows, v0, columns] = pass;
  const Blocks blocks = choose_blocks(columns, k.width, num_rows, kRowMajorBlocks);
  parallel_blocks(columns, k.width, blocks,
                  [&, row0 = row0, num_rows = num_rows, v0 = v0](int64_t i, int64_t m, int64_t j, int64_t n) {
                    product_of_rows(m, n, num_rows, {k.dlogits + i, 1, k.columns_per_pass},
                                    RowMajorB<float>{k.hidden + row0 * k.width + j, k.width},
                                    {k.dweight + (v0 + i) * k.width + j, k.width},
                                    row0 == 0 ? Into::kStore : Into::kAdd);
                  });
}

}  // namespace

template <>
void TokenLogprobBackward::run<kTarget>() const {
  if (rows == 0 && dweight) set_zero(dweight, vocabulary * width);
  for (int64_t row0 = 0; row0 < rows; row0 += rows_per_pass)
    for (int64_t v0 = 0; v0 < vocabulary; v0 += columns_per_pass) {
      const Pass pass{row0, rows - row0 < rows_per_pass ? rows - row0 : rows_per_pass, v0,
                      vocabulary - v0 < columns_per_pass ? vocabulary - v0 : columns_per_pass};
      with_type_of(packed, weight_dtype, [&](const auto* panels) { dlogits_of(*this, pass, panels); });
      with_type_of(weight, weight_dtype, [&](const auto* matrix) { add_dhidden(*this, pass, matrix); });
      if (dweight) add_dweight(*this, pass);
    }
}

}  // namespace lengthen
