#include "ops/rms_norm.h"

#include "kernels/streaming.h"

namespace lengthen {
namespace {

constexpr int64_t kRowsPerTask = 32;

// Sum over one row of a·b, in 16 lanes.
float dot_row(const float* a, const float* b, int64_t width) {
  F32x16 sum = zero16();
  for_lanes(0, width, [&](int64_t c, auto lanes) { sum = fma(load(a + c, lanes), load(b + c, lanes), sum); });
  return fold_sum(sum);
}

}  // namespace

template <>
void RmsNormForward::run<kTarget>() const {
  parallel_outputs(rows, kRowsPerTask, 8 * rows * width, [&](int64_t begin, int64_t end, auto put) {
    for (int64_t r = begin; r < end; ++r) {
      const float* g_x = x + r * width;
      float* g_y = y + r * width;
      const float mean = dot_row(g_x, g_x, width) / static_cast<float>(width);
      const float scale = 1.0f / __builtin_sqrtf(mean + epsilon);
      inverse_rms[r] = scale;
      for_lanes(0, width, [&](int64_t c, auto lanes) {
        put(g_y + c, load(g_x + c, lanes) * set1(scale) * load(weight + c, lanes), lanes);
      });
    }
  });
}

// With s = 1/rms and g = dy·weight: dx = s·g − x·s³·mean(g·x), dweight = Σ_rows dy·x·s.
template <>
void RmsNormBackward::run<kTarget>() const {
  const int64_t chunks = (rows + kRowsPerChunk - 1) / kRowsPerChunk;
  parallel_outputs(rows, kRowsPerChunk, 12 * rows * width, [&](int64_t begin, int64_t end, auto put) {
    float* g_sum = partial + begin / kRowsPerChunk * width;
    for (int64_t c = 0; c < width; ++c) g_sum[c] = 0.0f;
    for (int64_t r = begin; r < end; ++r) {
      const float *g_x = x + r * width, *g_dy = dy + r * width;
      float* g_dx = dx + r * width;
      const F32x16 s = set1(inverse_rms[r]);
      F32x16 dot = zero16();
      for_lanes(0, width, [&](int64_t c, auto lanes) {
        const F32x16 g = load(g_dy + c, lanes) * load(weight + c, lanes);
        dot = fma(g, load(g_x + c, lanes), dot);
      });
      const float mean = fold_sum(dot) / static_cast<float>(width);
      const F32x16 k = set1(-mean) * s * s * s;
      for_lanes(0, width, [&](int64_t c, auto lanes) {
        const F32x16 v_x = load(g_x + c, lanes), v_dy = load(g_dy + c, lanes);
        put(g_dx + c, fma(v_x, k, v_dy * load(weight + c, lanes) * s), lanes);
        store(g_sum + c, fma(v_dy, v_x * s, load(g_sum + c, lanes)), lanes);
      });
    }
  });
  parallel_rows(width, 256, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      float sum = 0.0f;
      for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += partial[chunk * width + c];
      dweight[c] = sum;
    }
  });
}

}  // namespace lengthen
