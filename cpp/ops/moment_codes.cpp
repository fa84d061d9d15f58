#include "ops/moment_codes.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

namespace lengthen {
namespace {

constexpr int kNumDecades = 7;

// The middles of `levels` equal parts of [0.1, 1], times 10^-k for the k-th decade below 1, of which each has
// half the levels of the one above it.
std::vector<double> tree_levels(int levels_of_highest) {
  std::vector<double> values;
  double scale = 1;
  for (int decade = 0, levels = levels_of_highest; decade < kNumDecades; ++decade, levels /= 2, scale *= 10)
    for (int i = 0; i < levels; ++i) values.push_back((0.1 + 0.9 * (i + 0.5) / levels) / scale);
  return values;
}

// A float whose upper 16 bits are these: of those with a sign the one nearest 0 or furthest from it.
float float_of(uint32_t upper_bits, uint32_t lower_bits) {
  return std::bit_cast<float>(upper_bits << 16 | lower_bits);
}

MomentCodes codes_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  MomentCodes codes;
  for (size_t c = 0; c < 256; ++c) codes.values[c] = static_cast<float>(values[c]);
  for (size_t c = 0; c < 255; ++c) codes.borders[c] = static_cast<float>((values[c] + values[c + 1]) / 2);
  codes.borders[255] = std::numeric_limits<float>::infinity();
  codes.zero = static_cast<uint8_t>(std::find(values.begin(), values.end(), 0.0) - values.begin());
  return codes;
}

void fill_first_codes(MomentCodes& codes) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const float least = float_of(bits, bits >= 32768 ? 65535 : 0);
    const auto end = codes.borders.end() - 1;
    codes.first_codes[bits] =
        static_cast<uint8_t>(std::upper_bound(codes.borders.begin(), end, least) - codes.borders.begin());
  }
}

MomentCodes make_signed() {
  std::vector<double> values = tree_levels(64);
  for (size_t i = 0, n = values.size(); i < n; ++i) values.push_back(-values[i]);
  values.insert(values.end(), {0.0, 1.0});
  MomentCodes codes = codes_of(std::move(values));
  fill_first_codes(codes);
  return codes;
}

MomentCodes make_unsigned() {
  std::vector<double> values = tree_levels(128);
  values.insert(values.end(), {0.0, 1.0});
  MomentCodes codes = codes_of(std::move(values));
  codes.borders[codes.zero] = std::numeric_limits<float>::denorm_min();
  fill_first_codes(codes);
  return codes;
}

}  // namespace

const MomentCodes& signed_moment_codes() {
  static const MomentCodes codes = make_signed();
  return codes;
}

const MomentCodes& unsigned_moment_codes() {
  static const MomentCodes codes = make_unsigned();
  return codes;
}

}  // namespace lengthen
