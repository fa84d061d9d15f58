#include "ops/cast.h"

#include "test/run_op.h"

namespace lengthen::test {
namespace {

// The bf16 neighbours of x are its upper half and the next one; the nearer wins, and at a tie the even one.
uint16_t nearest_bf16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  const uint32_t low = bits & 0xFFFF;
  const bool is_up = low > 0x8000 || (low == 0x8000 && (bits & 0x10000));
  return static_cast<uint16_t>((bits >> 16) + is_up);
}

TEST_CASE("float32 to bf16 and back rounds to nearest even on every instruction set") {
  auto x = normal(40000, 1, 100);
  x.insert(x.end(), {1.00390625f, 1.01171875f, 0, -0.0f, 3.4e38f, -3.4e38f, 1e-40f, INFINITY, -INFINITY});
  for_each_way([&] {
    const Tensor bf16 = cast(tensor_of(x), DType::bf16);
    const auto bits = values_of<BFloat16>(bf16);
    const auto back = values_of(cast(bf16, DType::f32));
    for (size_t i = 0; i < x.size(); ++i) {
      REQUIRE(bits[i].bits == nearest_bf16(x[i]));
      REQUIRE(nearest_bf16(back[i]) == bits[i].bits);
    }
    const auto nan = values_of(cast(cast(tensor_of<float>({NAN}), DType::bf16), DType::f32));
    CHECK(std::isnan(nan[0]));
  });
}

TEST_CASE("float32 to whole numbers goes towards zero and stays in range") {
  const std::vector<float> x{0, 1.9f, -1.9f, 3e9f, -3e9f, NAN, INFINITY, -INFINITY, 254.9f, 255.5f};
  for_each_way([&] {
    CHECK(values_of<int32_t>(cast(tensor_of(x), DType::i32)) ==
          std::vector<int32_t>{0, 1, -1, 2147483647, -2147483648, 0, 2147483647, -2147483648, 254, 255});
    CHECK(values_of<uint8_t>(cast(tensor_of(x), DType::u8)) ==
          std::vector<uint8_t>{0, 1, 0, 255, 0, 0, 255, 0, 254, 255});
  });
}

TEST_CASE("whole numbers become the nearest float32, and the same dtype is copied") {
  const std::vector<int32_t> x{0, -7, 16777217, 2147483647};
  CHECK(values_of(cast(tensor_of(x), DType::f32)) == std::vector<float>{0, -7, 16777216, 2147483648.0f});
  CHECK(values_of<int32_t>(cast(tensor_of(x), DType::i32)) == x);
  CHECK(values_of(cast(tensor_of<uint8_t>({0, 1, 255}), DType::f32)) == std::vector<float>{0, 1, 255});
  CHECK(values_of<BFloat16>(cast(tensor_of<float>({}), DType::bf16)).empty());
}

}  // namespace
}  // namespace lengthen::test
