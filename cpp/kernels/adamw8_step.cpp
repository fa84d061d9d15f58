#include "ops/adamw8_step.h"

#include "kernels/adamw.h"
#include "kernels/lanes.h"

namespace lengthen {
namespace {

constexpr int64_t kBlock = Adamw8Step::kBlock;

// The moments of a block between decoding and encoding.
struct Block {
  alignas(64) float m[kBlock], v[kBlock];
};

void decode(const MomentCodes& codes, const uint8_t* from, float scale, float* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = codes.values[from[i]] * scale;
}

// Values within ±scale; they are divided by it in place.
void encode(const MomentCodes& codes, float* from, float scale, uint8_t* to, int64_t count) {
  if (scale == 0.0f) {
    for (int64_t i = 0; i < count; ++i) to[i] = codes.zero;
    return;
  }
  for_lanes(0, count,
            [&](int64_t i, auto lanes) { store(from + i, load(from + i, lanes) / set1(scale), lanes); });
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t first = codes.first_codes[__builtin_bit_cast(uint32_t, from[i]) >> 16];
    to[i] = static_cast<uint8_t>(first + (from[i] >= codes.borders[first]));
  }
}

void step_block(const Adamw8Step& k, const AdamwLanes& adamw, const Adamw8Step::Part& part, int64_t begin) {
  const int64_t count = part.count - begin < kBlock ? part.count - begin : kBlock;
  float& m_scale = part.m_scales[begin / kBlock];
  float& v_scale = part.v_scales[begin / kBlock];
  Block block;
  decode(*k.m_codes, part.m + begin, m_scale, block.m, count);
  decode(*k.v_codes, part.v + begin, v_scale, block.v, count);
  F32x16 greatest_m = zero16(), greatest_v = zero16();
  for_lanes(0, count, [&](int64_t i, auto lanes) {
    float* at = part.p + begin + i;
    F32x16 p = load(at, lanes), m = load(block.m + i, lanes), v = load(block.v + i, lanes);
    adamw.update(load(part.g + begin + i, lanes), p, m, v);
    store(at, p, lanes);
    store(block.m + i, m, lanes);
    store(block.v + i, v, lanes);
    greatest_m = max(greatest_m, abs(m));
    greatest_v = max(greatest_v, v);
  });
  m_scale = fold_max(greatest_m);
  v_scale = fold_max(greatest_v);
  encode(*k.m_codes, block.m, m_scale, part.m + begin, count);
  encode(*k.v_codes, block.v, v_scale, part.v + begin, count);
}

}  // namespace

template <>
void Adamw8Step::run<kTarget>() const {
  if (!is_finite(*grad_norm)) return;
  const AdamwLanes adamw(factors, clip_factor(factors.max_grad_norm, *grad_norm));
  const int64_t parts_per_task = num_parts > 0 && num_elements <= kElementsPerTask ? num_parts : 1;
  parallel_rows(num_parts, parts_per_task, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      for (int64_t begin = 0; begin < parts[i].count; begin += kBlock)
        step_block(*this, adamw, parts[i], begin);
  });
}

}  // namespace lengthen
