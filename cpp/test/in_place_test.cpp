#include "ops/in_place.h"

#include "ops/gather_rows.h"
#include "test/run_op.h"

namespace lengthen::test {
namespace {

TEST_CASE("fill writes a value of any dtype, also into a slice only") {
  for_each_way([&] {
    const Tensor x = tensor_of(std::vector<float>(40000, 1.0f));
    fill(x.slice(1, 39999), -2.5);
    const auto values = values_of(x);
    CHECK(values[0] == 1);
    CHECK(values[39999] == 1);
    CHECK(std::count(values.begin(), values.end(), -2.5f) == 39998);
  });
  const Tensor i32 = Tensor::empty({3}, DType::i32), u8 = Tensor::empty({3}, DType::u8);
  const Tensor bf16 = Tensor::empty({3}, DType::bf16);
  fill(i32, -7);
  fill(u8, 255);
  fill(bf16, 1.00390625);  // half way between 1 and 1.0078125: to even
  CHECK(values_of<int32_t>(i32) == std::vector<int32_t>{-7, -7, -7});
  CHECK(values_of<uint8_t>(u8) == std::vector<uint8_t>{255, 255, 255});
  CHECK(values_of<BFloat16>(bf16)[2].bits == 0x3F80);
  CHECK_THROWS_AS(fill(u8, 256), ArgumentError);
  CHECK_THROWS_AS(fill(i32, 0.5), ArgumentError);
}

TEST_CASE("copy and accumulate write into a slice and leave the rest") {
  const auto a = normal(20000, 1), b = normal(20000, 2);
  for_each_way([&] {
    const Tensor x = tensor_of(a, {200, 100}), y = tensor_of(b, {200, 100});
    copy(x.slice(0, 50), y.slice(150, 200));
    accumulate(x.slice(50, 200), y.slice(0, 150));
    accumulate(x, x);
    const auto values = values_of(x);
    for (size_t i = 0; i < 5000; ++i) REQUIRE(values[i] == 2 * b[i + 15000]);
    for (size_t i = 5000; i < 20000; ++i) REQUIRE(values[i] == 2 * (a[i] + b[i - 5000]));
  });
}

TEST_CASE("overlapping slices and unlike tensors are refused") {
  const Tensor x = tensor_of(normal(10, 1));
  CHECK_THROWS_AS(copy(x.slice(0, 5), x.slice(4, 9)), ArgumentError);
  CHECK_THROWS_AS(accumulate(x.slice(0, 5), x.slice(4, 9)), ArgumentError);
  CHECK_NOTHROW(copy(x.slice(0, 5), x.slice(5, 10)));
  CHECK_THROWS_AS(copy(x, Tensor::empty({10}, DType::i32)), ArgumentError);
  CHECK_THROWS_AS(accumulate(x, Tensor::empty({9}, DType::f32)), ArgumentError);
}

TEST_CASE("a fill of all heals a poisoned tensor, a fill of a part does not") {
  const Tensor bad = gather_rows(tensor_of(normal(4, 1)), tensor_of<int32_t>({0, 9}));
  fill(bad.slice(0, 1), 1);
  CHECK_THROWS(values_of(bad));
  fill(bad, 3);
  CHECK(values_of(bad) == std::vector<float>{3, 3});
}

}  // namespace
}  // namespace lengthen::test
