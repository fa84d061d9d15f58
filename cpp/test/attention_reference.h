// Attention written from the formula, one whole row of scores at a time, in float64 and, for the size of a
// plain computation's error, in float32; and what the tests of attention share.
#pragma once

#include <numeric>

#include "test/run_op.h"

namespace lengthen::test {

struct AttentionCase {
  std::vector<int64_t> lengths;
  int64_t heads, kv_heads, head_size;
  bool causal;

  int64_t tokens() const { return std::accumulate(lengths.begin(), lengths.end(), int64_t{0}); }
  float scale() const { return 1 / std::sqrt(static_cast<float>(head_size)); }
  std::vector<int32_t> cu_seqlens() const {
    std::vector<int32_t> out{0};
    for (int64_t length : lengths) out.push_back(out.back() + static_cast<int32_t>(length));
    return out;
  }
};

struct AttentionInputs {
  std::vector<float> q, k, v, dout;
};
inline AttentionInputs attention_inputs(const AttentionCase& c, uint32_t seed) {
  const auto q_size = static_cast<size_t>(c.tokens() * c.heads * c.head_size);
  const auto k_size = static_cast<size_t>(c.tokens() * c.kv_heads * c.head_size);
  return {normal(q_size, seed, 1.5f), normal(k_size, seed + 1, 1.5f), normal(k_size, seed + 2),
          normal(q_size, seed + 3)};
}

template <class Real>
struct AttentionReference {
  std::vector<Real> o, lse, dq, dk, dv;
};

template <class Real>
Real dot(const float* a, const float* b, int64_t n) {
  Real sum = 0;
  for (int64_t d = 0; d < n; ++d) sum += Real(a[d]) * b[d];
  return sum;
}

template <class Real>
void add_scaled(Real* out, Real factor, const float* x, int64_t n) {
  for (int64_t d = 0; d < n; ++d) out[d] += factor * x[d];
}

// Without in.dout, the outputs alone.
template <class Real>
AttentionReference<Real> attention_reference(const AttentionCase& c, const AttentionInputs& in) {
  AttentionReference<Real> out{std::vector<Real>(in.q.size()), std::vector<Real>(c.tokens() * c.heads),
                               std::vector<Real>(in.q.size()), std::vector<Real>(in.k.size()),
                               std::vector<Real>(in.k.size())};
  const int64_t D = c.head_size;
  int64_t begin = 0;
  for (int64_t length : c.lengths) {
    for (int64_t i = 0; i < length; ++i)
      for (int64_t h = 0; h < c.heads; ++h) {
        const int64_t row = (begin + i) * c.heads + h, keys = c.causal ? i + 1 : length;
        const auto kv = [&](int64_t j) {
          return ((begin + j) * c.kv_heads + h / (c.heads / c.kv_heads)) * D;
        };
        std::vector<Real> p(keys);
        Real largest = -INFINITY, sum = 0, delta = 0;
        for (int64_t j = 0; j < keys; ++j) {
          p[j] = dot<Real>(&in.q[row * D], &in.k[kv(j)], D) * c.scale();
          largest = std::max(largest, p[j]);
        }
        for (Real& x : p) sum += x = std::exp(x - largest);
        for (int64_t j = 0; j < keys; ++j) add_scaled(&out.o[row * D], p[j] / sum, &in.v[kv(j)], D);
        out.lse[row] = largest + std::log(sum);
        if (in.dout.empty()) continue;
        for (int64_t d = 0; d < D; ++d) delta += in.dout[row * D + d] * out.o[row * D + d];
        for (int64_t j = 0; j < keys; ++j) {
          const Real dp = dot<Real>(&in.dout[row * D], &in.v[kv(j)], D);
          const Real ds = p[j] / sum * (dp - delta) * c.scale();
          add_scaled(&out.dq[row * D], ds, &in.k[kv(j)], D);
          add_scaled(&out.dk[kv(j)], ds, &in.q[row * D], D);
          add_scaled(&out.dv[kv(j)], p[j] / sum, &in.dout[row * D], D);
        }
      }
    begin += length;
  }
  return out;
}

// The error may be at most twice that of the plain float32 computation, and a few units in the last place
// beyond: a short sequence's plain δ and dp cancel exactly, ours are summed in two orders.
inline void check_error(const std::vector<float>& got, const std::vector<float>& plain,
                        const std::vector<double>& expected) {
  CHECK(relative_error(got, expected) <= 2 * relative_error(plain, expected) + 1e-6);
}

inline Shape query_shape(const AttentionCase& c) { return {c.tokens(), c.heads, c.head_size}; }
inline Shape key_shape(const AttentionCase& c) { return {c.tokens(), c.kv_heads, c.head_size}; }
inline Tensor cu_seqlens_of(const AttentionCase& c) { return tensor_of(c.cu_seqlens()); }

// One below, at and above a tile; several tiles; mixed packs with empty sequences; every kind of head.
inline std::vector<AttentionCase> attention_cases() {
  std::vector<AttentionCase> cases;
  for (const bool causal : {true, false}) {
    for (const int64_t length : {1, 63, 64, 65}) cases.push_back({{length}, 2, 1, 32, causal});
    cases.push_back({{1000}, 1, 1, 32, causal});
    cases.push_back({{0, 65, 0, 1, 200, 63, 64, 0}, 4, 2, 32, causal});
    cases.push_back({{130, 7}, 3, 3, 8, causal});
    cases.push_back({{97}, 6, 2, 24, causal});
    cases.push_back({{70, 20}, 14, 2, 64, causal});
    cases.push_back({{150}, 5, 1, 96, causal});
    cases.push_back({{129}, 12, 2, 128, causal});
    cases.push_back({{66}, 2, 2, 256, causal});
    cases.push_back({{3}, 128, 1, 16, causal});
  }
  return cases;
}

}  // namespace lengthen::test
