#include "ops/paged_attention.h"

#include "core/check.h"
#include "core/stream.h"
#include "ops/attention.h"

namespace lengthen {
namespace {

PagedShape check_cache(const char* op, const Tensor& k_cache, const Tensor& v_cache, Device device) {
  check(op, "k_cache", k_cache).rank(4).dtype(DType::f32).device(device);
  const Shape& s = k_cache.shape();
  const PagedShape shape{.blocks = s[0], .kv_heads = s[1], .head_size = s[2], .block_size = s[3]};
  check(op, "v_cache", v_cache)
      .rank(4)
      .dtype(DType::f32)
      .device(device)
      .shape({shape.blocks, shape.kv_heads, shape.block_size, shape.head_size});
  check_head_size(op, shape.head_size);
  require(shape.block_size > 0 && shape.block_size % kPagedBlockStep == 0, op, "a multiple of 16",
          "k_cache's block size", shape.block_size);
  return shape;
}

}  // namespace

void paged_kv_write(const Tensor& k, const Tensor& v, const Tensor& k_cache, const Tensor& v_cache,
                    const Tensor& slots) {
  constexpr const char* kOp = "paged_kv_write";
  check(kOp, "k", k).rank(3).dtype(DType::f32);
  const PagedShape shape = check_cache(kOp, k_cache, v_cache, k.device());
  const int64_t tokens = k.shape()[0];
  check(kOp, "k", k).shape({tokens, shape.kv_heads, shape.head_size});
  check(kOp, "v", v).rank(3).dtype(DType::f32).device(k.device()).shape(k.shape());
  check(kOp, "slots", slots).rank(1).dtype(DType::i32).device(k.device()).shape({tokens});

  enqueue({.name = kOp, .reads = {k, v, slots}, .updates = {k_cache, v_cache}, .run = [=] {
             launch(k.device(), PagedKvWrite{.k = k.data<float>(),
                                             .v = v.data<float>(),
                                             .slots = slots.data<int32_t>(),
                                             .k_cache = k_cache.data<float>(),
                                             .v_cache = v_cache.data<float>(),
                                             .tokens = tokens,
                                             .shape = shape});
           }});
}

Tensor paged_attention(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache,
                       const Tensor& block_tables, const Tensor& context_lengths, float scale) {
  constexpr const char* kOp = "paged_attention";
  check(kOp, "q", q).rank(3).dtype(DType::f32);
  const PagedShape shape = check_cache(kOp, k_cache, v_cache, q.device());
  const int64_t sequences = q.shape()[0], heads = q.shape()[1];
  check(kOp, "q", q).shape({sequences, heads, shape.head_size});
  require(shape.kv_heads > 0 && heads > 0 && heads % shape.kv_heads == 0, kOp,
          "a multiple of k_cache's heads", "q's heads", heads);
  check(kOp, "block_tables", block_tables).rank(2).dtype(DType::i32).device(q.device());
  const int64_t max_blocks = block_tables.shape()[1];
  check(kOp, "block_tables", block_tables).shape({sequences, max_blocks});
  check(kOp, "context_lengths", context_lengths)
      .rank(1)
      .dtype(DType::i32)
      .device(q.device())
      .shape({sequences});

  const Tensor o = Tensor::empty_like(q);
  enqueue(
      {.name = kOp, .reads = {q, k_cache, v_cache, block_tables, context_lengths}, .writes = {o}, .run = [=] {
         launch(q.device(), PagedAttention{.q = q.data<float>(),
                                           .k_cache = k_cache.data<float>(),
                                           .v_cache = v_cache.data<float>(),
                                           .block_tables = block_tables.data<int32_t>(),
                                           .context_lengths = context_lengths.data<int32_t>(),
                                           .o = o.data<float>(),
                                           .sequences = sequences,
                                           .heads = heads,
                                           .max_blocks = max_blocks,
                                           .scale = scale,
                                           .shape = shape});
       }});
  return o;
}

void check_slots(const char* op, const int32_t* slots, int64_t tokens, const PagedShape& shape) {
  const int64_t num_slots = shape.blocks * shape.block_size;
  for (int64_t t = 0; t < tokens; ++t)
    if (slots[t] < -1 || slots[t] >= num_slots)
      throw ArgumentError(
          text("[", op, "] expected -1 or a slot below ", num_slots, " for slots[", t, "], got ", slots[t]));
}

void check_block_tables(const PagedAttention& kernel) {
  const PagedShape& shape = kernel.shape;
  for (int64_t b = 0; b < kernel.sequences; ++b) {
    const int64_t length = kernel.context_lengths[b];
    if (length < 0 || length > kernel.max_blocks * shape.block_size)
      throw ArgumentError(text("[", PagedAttention::kName, "] expected a length from 0 to ",
                               kernel.max_blocks * shape.block_size, " for context_lengths[", b, "], got ",
                               length));
    for (int64_t i = 0; i * shape.block_size < length; ++i) {
      const int32_t block = kernel.block_tables[b * kernel.max_blocks + i];
      if (block < 0 || block >= shape.blocks)
        throw ArgumentError(text("[", PagedAttention::kName, "] expected a block below ", shape.blocks,
                                 " for block_tables[", b, ", ", i, "], got ", block));
    }
  }
}

}  // namespace lengthen
