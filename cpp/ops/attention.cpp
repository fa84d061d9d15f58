#include "ops/attention.h"

#include "core/check.h"
#include "core/stream.h"

namespace lengthen {
namespace {

AttentionShape check_arguments(const char* op, const Tensor& q, const Tensor& k, const Tensor& v,
                               const Tensor& cu_seqlens) {
  check(op, "q", q).rank(3).dtype(DType::f32);
  check(op, "k", k).rank(3).dtype(DType::f32).device(q.device());
  const int64_t tokens = q.shape()[0], heads = q.shape()[1], head_size = q.shape()[2],
                kv_heads = k.shape()[1];
  check(op, "k", k).shape({tokens, kv_heads, head_size});
  check(op, "v", v).rank(3).dtype(DType::f32).device(q.device()).shape(k.shape());
  check(op, "cu_seqlens", cu_seqlens).rank(1).dtype(DType::i32).device(q.device());
  require(kv_heads > 0 && heads > 0 && heads % kv_heads == 0, op, "a multiple of k's heads", "q's heads",
          heads);
  require(cu_seqlens.numel() > 0, op, "one length more than sequences", "cu_seqlens",
          cu_seqlens.shape().str());
  require(tokens * heads <= INT32_MAX, op, "less than 2^31 tokens times heads", "q", q.shape().str());
  check_head_size(op, head_size);
  return {.tokens = tokens,
          .sequences = cu_seqlens.numel() - 1,
          .heads = heads,
          .kv_heads = kv_heads,
          .head_size = head_size,
          .scale = 0,
          .causal = false};
}

AttentionCut row_cut_of(const AttentionShape& shape) {
  return {.rows_per_token = shape.heads / shape.kv_heads,
          .rows_per_tile = kAttentionRowTile,
          .cost = shape.causal ? AttentionCost::kGrows : AttentionCost::kEven};
}

AttentionCut key_cut_of(const AttentionShape& shape) {
  return {.rows_per_token = 1,
          .rows_per_tile = kAttentionKeyTile,
          .cost = shape.causal ? AttentionCost::kFalls : AttentionCost::kEven};
}

AttentionCut whole_cut_of(const AttentionShape&) {
  return {.rows_per_token = 1, .rows_per_tile = INT32_MAX, .cost = AttentionCost::kEven};
}

Tensor empty_tiles(const AttentionShape& shape, const AttentionCut& cut, Device device) {
  return Tensor::empty({max_attention_tiles(shape.tokens, shape.sequences, cut), kIntsPerAttentionTile},
                       DType::i32, device);
}

AttentionTile* tiles_of(const Tensor& tensor) { return static_cast<AttentionTile*>(tensor.raw()); }

}  // namespace

void check_head_size(const char* op, int64_t head_size) {
  if (head_size <= 0 || head_size > kMaxHeadSize || head_size % kHeadSizeStep != 0)
    throw UnsupportedError(text("[", op, "] expected a head size that is a multiple of ", kHeadSizeStep,
                                " up to ", kMaxHeadSize, " for q, got ", head_size));
}

AttentionResult attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& cu_seqlens,
                          float scale, bool causal) {
  AttentionShape shape = check_arguments("attention", q, k, v, cu_seqlens);
  shape.scale = scale;
  shape.causal = causal;

  AttentionResult out{Tensor::empty_like(q),
                      Tensor::empty({shape.tokens, shape.heads}, DType::f32, q.device())};
  const AttentionCut cut = row_cut_of(shape);
  const Tensor tiles = empty_tiles(shape, cut, q.device());
  enqueue(
      {.name = "attention", .reads = {q, k, v, cu_seqlens}, .writes = {out.o, out.lse, tiles}, .run = [=] {
         launch(q.device(), AttentionForward{.q = q.data<float>(),
                                             .k = k.data<float>(),
                                             .v = v.data<float>(),
                                             .cu_seqlens = cu_seqlens.data<int32_t>(),
                                             .o = out.o.data<float>(),
                                             .lse = out.lse.data<float>(),
                                             .tiles = tiles_of(tiles),
                                             .shape = shape,
                                             .cut = cut});
       }});
  return out;
}

AttentionGradients attention_backward(const Tensor& dout, const Tensor& q, const Tensor& k, const Tensor& v,
                                      const Tensor& o, const Tensor& lse, const Tensor& cu_seqlens,
                                      float scale, bool causal) {
  constexpr const char* kOp = "attention_backward";
  AttentionShape shape = check_arguments(kOp, q, k, v, cu_seqlens);
  shape.scale = scale;
  shape.causal = causal;
  check(kOp, "dout", dout).dtype(DType::f32).device(q.device()).shape(q.shape());
  check(kOp, "o", o).dtype(DType::f32).device(q.device()).shape(q.shape());
  check(kOp, "lse", lse).dtype(DType::f32).device(q.device()).shape({shape.tokens, shape.heads});

  AttentionGradients out{Tensor::empty_like(q), Tensor::empty_like(k), Tensor::empty_like(v)};
  const Tensor delta = Tensor::empty_like(lse);
  const AttentionCut row_cut = row_cut_of(shape), key_cut = key_cut_of(shape),
                     whole_cut = whole_cut_of(shape);
  const Tensor row_tiles = empty_tiles(shape, row_cut, q.device());
  const Tensor key_tiles = empty_tiles(shape, key_cut, q.device());
  const Tensor whole = empty_tiles(shape, whole_cut, q.device());
  enqueue({.name = kOp,
           .reads = {dout, q, k, v, o, lse, cu_seqlens},
           .writes = {out.dq, out.dk, out.dv, delta, row_tiles, key_tiles, whole},
           .run = [=] {
             launch(q.device(), AttentionBackward{.dout = dout.data<float>(),
                                                  .q = q.data<float>(),
                                                  .k = k.data<float>(),
                                                  .v = v.data<float>(),
                                                  .o = o.data<float>(),
                                                  .lse = lse.data<float>(),
                                                  .cu_seqlens = cu_seqlens.data<int32_t>(),
                                                  .dq = out.dq.data<float>(),
                                                  .dk = out.dk.data<float>(),
                                                  .dv = out.dv.data<float>(),
                                                  .delta = delta.data<float>(),
                                                  .row_tiles = tiles_of(row_tiles),
                                                  .key_tiles = tiles_of(key_tiles),
                                                  .whole = tiles_of(whole),
                                                  .shape = shape,
                                                  .row_cut = row_cut,
                                                  .key_cut = key_cut,
                                                  .whole_cut = whole_cut});
           }});
  return out;
}

}  // namespace lengthen
