// rope: rotary position embedding in Hugging Face's layout. With x1, x2 the two halves of a head and the
// tables' row of the token's position: y1 = x1·cos − x2·sin, y2 = x2·cos + x1·sin. (Su et al., 2021) The
// backward is the inverse rotation of dy (sin with the other sign); nothing is saved.
#pragma once

#include "core/kernel.h"
#include "core/tensor.h"

namespace lengthen {

// x [T, H, D] f32 with D even, positions [T] i32 in [0, P), cos and sin [P, D/2] f32 -> [T, H, D].
// A position outside the tables fails the op when it runs.
Tensor rope(const Tensor& x, const Tensor& positions, const Tensor& cos, const Tensor& sin, bool inverse);

// ---- kernel ----
struct Rope {
  static constexpr const char* kName = "rope";
  const float* x;            // [tokens, heads, head_size]
  const int32_t* positions;  // [tokens]
  const float* cos;          // [P, head_size / 2]
  const float* sin;          // [P, head_size / 2]
  float* y;                  // [tokens, heads, head_size]
  int64_t tokens, heads, head_size;
  float direction;  // 1, or -1 for the inverse
  template <Target>
  void run() const;
};

}  // namespace lengthen
