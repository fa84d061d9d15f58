#include "ops/gather_rows.h"

#include "kernels/streaming.h"
#include "kernels/widen.h"

namespace lengthen {
namespace {

// The processor guesses what is read next within a row, not which row comes next: that one is asked for in
// time.
constexpr int64_t kBytesAhead = 8192;

int64_t rows_ahead(int64_t row_bytes) {
  return row_bytes >= kBytesAhead ? 1 : kBytesAhead / (row_bytes + 1) + 1;
}

}  // namespace

template <>
void GatherRows::run<kTarget>() const {
  with_type_of(x, dtype, [&](const auto* rows) {
    const int64_t ahead = rows_ahead(width * static_cast<int64_t>(sizeof *rows));
    const auto body = [&](int64_t begin, int64_t end, auto put) {
      for (int64_t i = begin; i < end; ++i) {
        const auto* g_x = rows + indices[i] * width;
        const auto* g_next = rows + indices[i + ahead < count ? i + ahead : i] * width;
        float* g_y = y + i * width;
        for_lanes(0, width, [&](int64_t c, auto lanes) {
          __builtin_prefetch(g_next + c, 0, 2);
          put(g_y + c, load_wide(g_x + c, lanes), lanes);
        });
      }
    };
    parallel_outputs(count, rows_per_task(width), 8 * count * width, body);
  });
}

}  // namespace lengthen
