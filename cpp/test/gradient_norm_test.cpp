#include "ops/gradient_norm.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

std::vector<Tensor> tensors_of(const std::vector<std::vector<float>>& grads) {
  std::vector<Tensor> out;
  for (const auto& g : grads) out.push_back(tensor_of(g));
  return out;
}

TEST_CASE(
    "gradient_norm is the square root of the sum of squares over all tensors, with the same bits every way") {
  for (const auto& sizes :
       {std::vector<size_t>{1}, {0}, {3, 0, 17, 1}, {16384, 16385, 5}, {100000, 1, 40000}}) {
    std::vector<std::vector<float>> grads;
    double sum = 0;
    for (const size_t n : sizes) {
      grads.push_back(normal(n, 7 + uint32_t(n), 3));
      for (const float g : grads.back()) sum += double(g) * g;
    }
    const auto norm = same_every_way([&] { return values_of(gradient_norm(tensors_of(grads))); });
    CHECK(relative_error(norm, {std::sqrt(sum)}) < 3e-7);
  }
}

TEST_CASE("one value that is not finite makes the norm not finite") {
  const auto g = normal(20000, 1);
  for (const float bad : {NAN, INFINITY, -INFINITY, 1e30f}) {
    auto spoilt = g;
    spoilt[19999] = bad;
    for_each_target([&] { CHECK(!std::isfinite(values_of(gradient_norm(tensors_of({g, spoilt})))[0])); });
  }
  CHECK_THROWS_AS(gradient_norm({}), ArgumentError);
  CHECK_THROWS_AS(gradient_norm({tensor_of<int32_t>({1})}), ArgumentError);
}

}  // namespace
}  // namespace lengthen::test
