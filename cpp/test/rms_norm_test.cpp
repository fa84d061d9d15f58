#include "ops/rms_norm.h"

#include "test/reference.h"

namespace lengthen::test {
namespace {

struct Case {
  int64_t rows, width;
};

std::vector<double> reference_forward(const std::vector<float>& x, const std::vector<float>& w, Case c,
                                      double eps) {
  std::vector<double> y(x.size());
  for (int64_t r = 0; r < c.rows; ++r) {
    double sum = 0;
    for (int64_t i = 0; i < c.width; ++i) sum += double(x[r * c.width + i]) * x[r * c.width + i];
    const double s = 1 / std::sqrt(sum / c.width + eps);
    for (int64_t i = 0; i < c.width; ++i) y[r * c.width + i] = x[r * c.width + i] * s * w[i];
  }
  return y;
}

TEST_CASE("rms_norm agrees with its formula in float64, with the same bits on every instruction set") {
  for (const Case c : {Case{1, 1}, Case{3, 15}, Case{65, 16}, Case{130, 129}}) {
    CAPTURE(c.rows);
    CAPTURE(c.width);
    const auto x = normal(c.rows * c.width, 1), w = normal(c.width, 2);
    std::vector<float> first;
    for_each_target([&] {
      std::vector<float> y(x.size()), inverse_rms(c.rows);
      run_on_cpu(RmsNormForward{x.data(), w.data(), y.data(), inverse_rms.data(), c.rows, c.width, 1e-6f});
      CHECK(relative_error(y, reference_forward(x, w, c, 1e-6)) < 1e-6);
      if (first.empty()) first = y;
      CHECK(same_bits(y, first));
    });
  }
}

}  // namespace
}  // namespace lengthen::test
