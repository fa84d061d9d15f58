// paged_attention: decoding against a paged cache, one query a sequence: o = softmax(scale · q kᵀ) v over the
// first context_lengths[b] positions. Same bits as the row of `attention` over the whole sequence.
//
// The cache is cut into blocks of S positions; block_tables[b] lists a sequence's blocks in order. Keys lie
// transposed within a block, so that scores vectorise over positions.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

constexpr int64_t kPagedBlockStep = 16;  // S is a multiple of it

// Writes k and v [T, K, D] into k_cache [N, K, D, S] and v_cache [N, K, S, D] in place: token t goes to block
// slots[t] / S, position slots[t] % S; -1 skips it. Slots must differ. A slot out of range is an
// ArgumentError when the op runs.
void paged_kv_write(const Tensor& k, const Tensor& v, const Tensor& k_cache, const Tensor& v_cache,
                    const Tensor& slots);

// q [B, H, D], k_cache [N, K, D, S], v_cache [N, K, S, D] f32, H a multiple of K; block_tables [B, M] and
// context_lengths [B] i32, of which the first ceil(length / S) blocks are read and checked when the op runs.
// Returns o, as q; zeros where the context length is 0.
Tensor paged_attention(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache,
                       const Tensor& block_tables, const Tensor& context_lengths, float scale);

// ---- kernels ----
struct PagedShape {
  int64_t blocks, kv_heads, head_size, block_size;
};

// Throws ArgumentError for a slot outside [-1, blocks · block_size).
void check_slots(const char* op, const int32_t* slots, int64_t tokens, const PagedShape& shape);

struct PagedKvWrite {
  static constexpr const char* kName = "paged_kv_write";
  const float* k;        // [T, K, D]
  const float* v;        // [T, K, D]
  const int32_t* slots;  // [T]
  float* k_cache;        // [N, K, D, S]
  float* v_cache;        // [N, K, S, D]
  int64_t tokens;
  PagedShape shape;
  template <Target>
  void run() const;
};

struct PagedAttention {
  static constexpr const char* kName = "paged_attention";
  const float* q;                  // [B, H, D]
  const float* k_cache;            // [N, K, D, S]
  const float* v_cache;            // [N, K, S, D]
  const int32_t* block_tables;     // [B, M]
  const int32_t* context_lengths;  // [B]
  float* o;                        // [B, H, D]
  int64_t sequences, heads, max_blocks;
  float scale;
  PagedShape shape;
  template <Target>
  void run() const;
};

// Throws ArgumentError for a context length outside [0, M·S] or a block in use outside [0, N).
void check_block_tables(const PagedAttention& kernel);

}  // namespace lengthen
