#include "ops/token_logprob.h"

#include <algorithm>

#include "core/check.h"
#include "core/stream.h"
#include "ops/index_check.h"
#include "ops/packed_weight.h"

namespace lengthen {
namespace {

constexpr int64_t kScratchFloats = int64_t{1} << 22;  // 16 MiB

void check_arguments(const char* op, const Tensor& hidden, const Tensor& weight, const Tensor& targets,
                     float temperature) {
  check_vocabulary(op, hidden, weight);
  check(op, "targets", targets).rank(1).dtype(DType::i32).device(hidden.device()).shape({hidden.shape()[0]});
  require(temperature > 0, op, "a positive number", "temperature", temperature);
}

// As many of `extent` as fit the scratch with `other` beside each, in whole steps, at least one step.
int64_t pass_of(int64_t extent, int64_t other, int64_t step) {
  const int64_t fitting = std::max(step, kScratchFloats / std::max<int64_t>(other, 1) / step * step);
  return std::min(extent, fitting);
}

}  // namespace

TokenLogprobResult token_logprob(const Tensor& hidden, const Tensor& weight, const Tensor& targets,
                                 float temperature) {
  check_arguments("token_logprob", hidden, weight, targets, temperature);
  const int64_t rows = hidden.shape()[0], vocabulary = weight.shape()[0];
  const Device device = hidden.device();
  const auto per_row = [&] { return Tensor::empty({rows}, DType::f32, device); };
  const TokenLogprobResult out{per_row(), per_row(), per_row()};
  const int64_t rows_per_pass = pass_of(rows, num_vocabulary_chunks(vocabulary) * 3, 48);
  const Tensor partial = empty_partials(rows_per_pass, vocabulary, device);
  enqueue({.name = "token_logprob",
           .reads = {hidden, weight, targets},
           .writes = {out.logprobs, out.entropy, out.lse, partial},
           .run = [=] {
             require_indices("token_logprob", "targets", targets, vocabulary);
             launch(device, TokenLogprobForward{.hidden = hidden.data<float>(),
                                                .weight = weight.raw(),
                                                .packed = packed_weight(weight, WeightLayout::forward),
                                                .targets = targets.data<int32_t>(),
                                                .logprobs = out.logprobs.data<float>(),
                                                .entropy = out.entropy.data<float>(),
                                                .lse = out.lse.data<float>(),
                                                .partial = static_cast<SoftmaxPartial*>(partial.raw()),
                                                .rows = rows,
                                                .width = hidden.shape()[1],
                                                .vocabulary = vocabulary,
                                                .rows_per_pass = rows_per_pass,
                                                .temperature = temperature,
                                                .weight_dtype = weight.dtype()});
           }});
  return out;
}

TokenLogprobGradients token_logprob_backward(const Tensor& dlogprobs, const std::optional<Tensor>& dentropy,
                                             const Tensor& hidden, const Tensor& weight,
                                             const Tensor& targets, const Tensor& entropy, const Tensor& lse,
                                             float temperature, bool needs_dweight) {
  constexpr const char* kOp = "token_logprob_backward";
  check_arguments(kOp, hidden, weight, targets, temperature);
  const int64_t rows = hidden.shape()[0], vocabulary = weight.shape()[0];
  const Device device = hidden.device();
  const auto check_row = [&](const char* name, const Tensor& t) {
    check(kOp, name, t).rank(1).dtype(DType::f32).device(device).shape({rows});
  };
  check_row("dlogprobs", dlogprobs);
  if (dentropy) check_row("dentropy", *dentropy);
  check_row("entropy", entropy);
  check_row("lse", lse);

  if (needs_dweight) check(kOp, "weight", weight).dtype(DType::f32);

  const TokenLogprobGradients out{Tensor::empty_like(hidden),
                                  needs_dweight ? Tensor::empty_like(weight) : Tensor()};
  const int64_t columns_per_pass = std::min(vocabulary, 8 * kVocabularyChunk);
  // whole cuts of the sum over tokens (kInnerCut in kernels/product.h)
  const int64_t rows_per_pass = pass_of(rows, columns_per_pass, 256);
  const Tensor dlogits = Tensor::empty({rows_per_pass, columns_per_pass}, DType::f32, device);
  std::vector<Tensor> reads = {dlogprobs, hidden, weight, targets, entropy, lse};
  if (dentropy) reads.push_back(*dentropy);
  std::vector<Tensor> writes = {out.dhidden, dlogits};
  if (needs_dweight) writes.push_back(out.dweight);
  enqueue({.name = kOp, .reads = std::move(reads), .writes = std::move(writes), .run = [=] {
             require_indices(kOp, "targets", targets, vocabulary);
             launch(device,
                    TokenLogprobBackward{.dlogprobs = dlogprobs.data<float>(),
                                         .dentropy = dentropy ? dentropy->data<float>() : nullptr,
                                         .hidden = hidden.data<float>(),
                                         .weight = weight.raw(),
                                         .packed = packed_weight(weight, WeightLayout::forward),
                                         .targets = targets.data<int32_t>(),
                                         .entropy = entropy.data<float>(),
                                         .lse = lse.data<float>(),
                                         .dhidden = out.dhidden.data<float>(),
                                         .dweight = needs_dweight ? out.dweight.data<float>() : nullptr,
                                         .dlogits = dlogits.data<float>(),
                                         .rows = rows,
                                         .width = hidden.shape()[1],
                                         .vocabulary = vocabulary,
                                         .rows_per_pass = rows_per_pass,
                                         .columns_per_pass = columns_per_pass,
                                         .temperature = temperature,
                                         .weight_dtype = weight.dtype()});
           }});
  return out;
}

}  // namespace lengthen
