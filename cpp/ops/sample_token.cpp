#include "ops/sample_token.h"

#include <algorithm>

#include "core/check.h"
#include "core/philox.h"
#include "core/stream.h"
#include "ops/packed_weight.h"

namespace lengthen {
namespace {

constexpr int64_t kScratchFloats = int64_t{1} << 22;  // 16 MiB

void check_options(const SampleTokenOptions& options) {
  constexpr const char* kOp = "sample_token";
  require(options.temperature >= 0, kOp, "zero or a positive number", "temperature", options.temperature);
  require(options.top_k >= 0, kOp, "zero or a positive number", "topK", options.top_k);
  require(options.top_p > 0 && options.top_p <= 1, kOp, "a number above 0 and at most 1", "topP",
          options.top_p);
}

// Rows whose logits fit the scratch together, at least one.
int64_t pass_of(int64_t rows, int64_t vocabulary) {
  const int64_t fitting = kScratchFloats / vocabulary;
  return std::min(rows, fitting >= 12 ? fitting / 12 * 12 : std::max<int64_t>(fitting, 1));
}

void draw_uniforms(const Tensor& sequence_ids, const Tensor& positions, int64_t seed, float* uniforms) {
  const auto bits = static_cast<uint64_t>(seed);
  const PhiloxKey key{static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
  const int32_t *id = sequence_ids.data<int32_t>(), *position = positions.data<int32_t>();
  for (int64_t r = 0; r < sequence_ids.numel(); ++r)
    uniforms[r] = uniform01(philox4x32(
        {static_cast<uint32_t>(id[r]), static_cast<uint32_t>(position[r]), 0, kSampleTokenStream}, key)[0]);
}

void require_drawn(const int32_t* tokens, int64_t rows) {
  for (int64_t r = 0; r < rows; ++r)
    if (tokens[r] < 0)
      throw ArgumentError(
          text("[sample_token] expected finite logits, row ", r, " has NaN logits or an infinite one"));
}

}  // namespace

SampleTokenResult sample_token(const Tensor& hidden, const Tensor& weight, const Tensor& sequence_ids,
                               const Tensor& positions, const SampleTokenOptions& options) {
  check_vocabulary("sample_token", hidden, weight);
  const int64_t rows = hidden.shape()[0], vocabulary = weight.shape()[0];
  const Device device = hidden.device();
  check("sample_token", "sequence_ids", sequence_ids).rank(1).dtype(DType::i32).device(device).shape({rows});
  check("sample_token", "positions", positions).rank(1).dtype(DType::i32).device(device).shape({rows});
  check_options(options);

  const SampleTokenResult out{Tensor::empty({rows}, DType::i32, device),
                              Tensor::empty({rows}, DType::f32, device)};
  const int64_t rows_per_pass = pass_of(rows, vocabulary);
  const Tensor partial = empty_partials(rows_per_pass, vocabulary, device);
  const Tensor logits = Tensor::empty({rows_per_pass, vocabulary}, DType::f32, device);
  const Tensor uniforms = Tensor::empty({rows}, DType::f32, device);
  enqueue({.name = "sample_token",
           .reads = {hidden, weight, sequence_ids, positions},
           .writes = {out.tokens, out.logprobs, partial, logits, uniforms},
           .run = [=] {
             draw_uniforms(sequence_ids, positions, options.seed, uniforms.data<float>());
             launch(device, SampleToken{.hidden = hidden.data<float>(),
                                        .weight = weight.raw(),
                                        .packed = packed_weight(weight, WeightLayout::forward),
                                        .uniforms = uniforms.data<float>(),
                                        .tokens = out.tokens.data<int32_t>(),
                                        .logprobs = out.logprobs.data<float>(),
                                        .partial = static_cast<SoftmaxPartial*>(partial.raw()),
                                        .logits = logits.data<float>(),
                                        .rows = rows,
                                        .width = hidden.shape()[1],
                                        .vocabulary = vocabulary,
                                        .rows_per_pass = rows_per_pass,
                                        .temperature = options.temperature,
                                        .top_k = options.top_k,
                                        .top_p = options.top_p,
                                        .weight_dtype = weight.dtype()});
             require_drawn(out.tokens.data<int32_t>(), rows);
           }});
  return out;
}

}  // namespace lengthen
