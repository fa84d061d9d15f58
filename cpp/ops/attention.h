// attention: o = softmax(scale · q kᵀ + mask) v per sequence and head, over packed sequences, with grouped
// K/V heads (query head h reads K/V head h / (H / K)). Never S×S in memory: tiled online softmax (Milakov &
// Gimelshein, 2018; FlashAttention, Dao et al., 2022). Saves o and lse for backward.
//
// Bits: a row's output is a function of its query and of the keys and values it attends to, in order; key
// tiles start at multiples of kAttentionKeyTile from the sequence's start. paged_attention follows the same
// order: same bits.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"
#include "ops/attention_plan.h"

namespace lengthen {

constexpr int64_t kAttentionKeyTile = 64;
constexpr int64_t kAttentionRowTile = 96;  // rows of a task: queries × the heads that share a K/V head

// Head sizes: multiples of 8 up to 256. Throws UnsupportedError otherwise.
constexpr int64_t kHeadSizeStep = 8, kMaxHeadSize = 256;
void check_head_size(const char* op, int64_t head_size);

struct AttentionResult {
  Tensor o;    // as q
  Tensor lse;  // [T, H], log Σ exp(scores)
};
// q [T, H, D], k and v [T, K, D] f32, H a multiple of K; cu_seqlens [B+1] i32 from 0 to T (checked when the
// op runs). causal: query i sees keys 0 … i of its sequence, else all of them.
AttentionResult attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& cu_seqlens,
                          float scale, bool causal);

struct AttentionGradients {
  Tensor dq, dk, dv;  // as q, k, v
};
// With p = exp(s − lse) and δ = Σ_d dout·o: ds = p (dout vᵀ − δ), dq = scale ds k, dk = scale dsᵀ q, dv = pᵀ
// dout.
AttentionGradients attention_backward(const Tensor& dout, const Tensor& q, const Tensor& k, const Tensor& v,
                                      const Tensor& o, const Tensor& lse, const Tensor& cu_seqlens,
                                      float scale, bool causal);

// ---- kernels ----
struct AttentionShape {
  int64_t tokens, sequences, heads, kv_heads, head_size;
  float scale;
  bool causal;
};

struct AttentionForward {
  static constexpr const char* kName = "attention";
  const float* q;             // [T, H, D]
  const float* k;             // [T, K, D]
  const float* v;             // [T, K, D]
  const int32_t* cu_seqlens;  // [B+1]
  float* o;                   // [T, H, D]
  float* lse;                 // [T, H]
  AttentionTile* tiles;       // [max_attention_tiles(tokens, sequences, cut)], scratch
  AttentionShape shape;
  AttentionCut cut;
  template <Target>
  void run() const;
};

struct AttentionBackward {
  static constexpr const char* kName = "attention_backward";
  const float* dout;          // [T, H, D]
  const float* q;             // [T, H, D]
  const float* k;             // [T, K, D]
  const float* v;             // [T, K, D]
  const float* o;             // [T, H, D]
  const float* lse;           // [T, H]
  const int32_t* cu_seqlens;  // [B+1]
  float* dq;                  // [T, H, D]
  float* dk;                  // [T, K, D]
  float* dv;                  // [T, K, D]
  float* delta;               // [T, H], scratch
  AttentionTile* row_tiles;   // [max_attention_tiles(tokens, sequences, row_cut)], scratch
  AttentionTile* key_tiles;   // [max_attention_tiles(tokens, sequences, key_cut)], scratch
  AttentionTile* whole;       // [B], scratch
  AttentionShape shape;
  AttentionCut row_cut, key_cut, whole_cut;
  template <Target>
  void run() const;
};

}  // namespace lengthen
