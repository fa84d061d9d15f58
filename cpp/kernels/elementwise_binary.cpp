#include "ops/elementwise_binary.h"

#include "kernels/lanes.h"

namespace lengthen {
namespace {

F32x16 one_if(Mask16 m) { return select(m, set1(1.0f), zero16()); }

template <class Fn>
void map(const ElementwiseBinary& k, const Fn& fn) {
  const auto [outer, kept, inner] = k.shape;
  if (kept == 1) {
    const F32x16 value = set1(k.b[0]);
    return parallel_lanes(outer * inner, [&](int64_t i, auto lanes) {
      store(k.y + i, fn(load(k.a + i, lanes), value), lanes);
    });
  }
  if (outer == 1 && inner == 1)
    return parallel_lanes(kept, [&](int64_t i, auto lanes) {
      store(k.y + i, fn(load(k.a + i, lanes), load(k.b + i, lanes)), lanes);
    });
  const int64_t width = inner == 1 ? kept : inner, rows = inner == 1 ? outer : outer * kept;
  parallel_rows(rows, rows_per_task(width), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const float* g_a = k.a + r * width;
      float* g_y = k.y + r * width;
      const F32x16 value = set1(inner == 1 ? 0.0f : k.b[r % kept]);
      for_lanes(0, width, [&](int64_t c, auto lanes) {
        store(g_y + c, fn(load(g_a + c, lanes), inner == 1 ? load(k.b + c, lanes) : value), lanes);
      });
    }
  });
}

}  // namespace

template <>
void ElementwiseBinary::run<kTarget>() const {
  if (shape.outer * shape.kept * shape.inner == 0) return;  // b may hold nothing to read
  switch (fn) {
    case BinaryFn::add:
      return map(*this, [](F32x16 x, F32x16 y) { return x + y; });
    case BinaryFn::sub:
      return map(*this, [](F32x16 x, F32x16 y) { return x - y; });
    case BinaryFn::mul:
      return map(*this, [](F32x16 x, F32x16 y) { return x * y; });
    case BinaryFn::div:
      return map(*this, [](F32x16 x, F32x16 y) { return x / y; });
    case BinaryFn::maximum:
      return map(*this, [](F32x16 x, F32x16 y) { return max_or_nan(x, y); });
    case BinaryFn::minimum:
      return map(*this, [](F32x16 x, F32x16 y) { return min_or_nan(x, y); });
    case BinaryFn::greater:
      return map(*this, [](F32x16 x, F32x16 y) { return one_if(lt(y, x)); });
    case BinaryFn::greater_equal:
      return map(*this, [](F32x16 x, F32x16 y) { return one_if(le(y, x)); });
    case BinaryFn::less:
      return map(*this, [](F32x16 x, F32x16 y) { return one_if(lt(x, y)); });
    case BinaryFn::less_equal:
      return map(*this, [](F32x16 x, F32x16 y) { return one_if(le(x, y)); });
    case BinaryFn::equal:
      return map(*this, [](F32x16 x, F32x16 y) { return one_if(eq(x, y)); });
  }
}

template <>
void Where::run<kTarget>() const {
  parallel_lanes(n, [&](int64_t i, auto lanes) {
    const Mask16 is_zero = eq(load(condition + i, lanes), zero16());
    store(y + i, select(is_zero, load(b + i, lanes), load(a + i, lanes)), lanes);
  });
}

}  // namespace lengthen
