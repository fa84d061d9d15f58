#include "ops/rms_norm.h"

#include "kernels/parallel.h"
#include "kernels/vec.h"

namespace lengthen {
namespace {

constexpr int64_t kRowsPerTask = 32;

// Sum over one row of a·b, in 16 lanes.
float dot_row(const float* a, const float* b, int64_t width) {
  F32x16 sum = zero16();
  int64_t c = 0;
  for (; c + kLanes <= width; c += kLanes) sum = fma(load(a + c), load(b + c), sum);
  if (c < width) {
    const int n = static_cast<int>(width - c);
    sum = fma(load_n(a + c, n), load_n(b + c, n), sum);
  }
  return fold_sum(sum);
}

// Calls body(column, lanes) over a row in steps of 16; lanes < 16 on the tail only.
template <class Body>
void for_columns(int64_t width, const Body& body) {
  for (int64_t c = 0; c < width; c += kLanes)
    body(c, static_cast<int>(width - c < kLanes ? width - c : kLanes));
}

}  // namespace

template <>
void RmsNormForward::run<kTarget>() const {
  parallel_rows(rows, kRowsPerTask, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const float* g_x = x + r * width;
      float* g_y = y + r * width;
      const float mean = dot_row(g_x, g_x, width) / static_cast<float>(width);
      const float scale = 1.0f / __builtin_sqrtf(mean + epsilon);
      inverse_rms[r] = scale;
      for_columns(width, [&](int64_t c, int n) {
        store_n(g_y + c, load_n(g_x + c, n) * set1(scale) * load_n(weight + c, n), n);
      });
    }
  });
}

// With s = 1/rms and g = dy·weight: dx = s·g − x·s³·mean(g·x), dweight = Σ_rows dy·x·s.
template <>
void RmsNormBackward::run<kTarget>() const {
  const int64_t chunks = (rows + kRowsPerChunk - 1) / kRowsPerChunk;
  parallel(chunks, [&](int64_t chunk, int) {
    float* g_sum = partial + chunk * width;
    for (int64_t c = 0; c < width; ++c) g_sum[c] = 0.0f;
    const int64_t end = (chunk + 1) * kRowsPerChunk < rows ? (chunk + 1) * kRowsPerChunk : rows;
    for (int64_t r = chunk * kRowsPerChunk; r < end; ++r) {
      const float *g_x = x + r * width, *g_dy = dy + r * width;
      float* g_dx = dx + r * width;
      const F32x16 s = set1(inverse_rms[r]);
      F32x16 dot = zero16();
      for_columns(width, [&](int64_t c, int n) {
        const F32x16 g = load_n(g_dy + c, n) * load_n(weight + c, n);
        dot = fma(g, load_n(g_x + c, n), dot);
      });
      const float mean = fold_sum(dot) / static_cast<float>(width);
      const F32x16 k = set1(-mean) * s * s * s;
      for_columns(width, [&](int64_t c, int n) {
        const F32x16 v_x = load_n(g_x + c, n), v_dy = load_n(g_dy + c, n);
        store_n(g_dx + c, fma(v_x, k, v_dy * load_n(weight + c, n) * s), n);
        store_n(g_sum + c, fma(v_dy, v_x * s, load_n(g_sum + c, n)), n);
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
