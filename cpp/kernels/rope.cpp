#include "ops/rope.h"

#include "kernels/streaming.h"

namespace lengthen {

template <>
void Rope::run<kTarget>() const {
  const int64_t half = head_size / 2, width = heads * head_size;
  const F32x16 sign = set1(direction);
  parallel_outputs(tokens, rows_per_task(width), 8 * tokens * width,
                   [&](int64_t begin, int64_t end, auto put) {
                     for (int64_t t = begin; t < end; ++t) {
                       const float *g_cos = cos + positions[t] * half, *g_sin = sin + positions[t] * half;
                       for (int64_t h = 0; h < heads; ++h) {
                         const float* g_x = x + t * width + h * head_size;
                         float* g_y = y + t * width + h * head_size;
                         for_lanes(0, half, [&](int64_t c, auto lanes) {
                           const F32x16 x1 = load(g_x + c, lanes), x2 = load(g_x + half + c, lanes);
                           const F32x16 v_cos = load(g_cos + c, lanes), v_sin = load(g_sin + c, lanes) * sign;
                           put(g_y + c, x1 * v_cos - x2 * v_sin, lanes);
                           put(g_y + half + c, x2 * v_cos + x1 * v_sin, lanes);
                         });
                       }
                     }
                   });
}

}  // namespace lengthen
