// Dynamic tree quantisation of a number in [-1, 1] or [0, 1] to one of 256 codes (Dettmers, 2016; Dettmers et
// al., 2022, "8-bit Optimizers via Block-wise Quantization"): seven decades below 1, each with twice as many
// evenly spaced levels as the one below it, and 0 and 1. Small numbers keep their order of magnitude, large
// ones two digits.
#pragma once

#include <array>
#include <cstdint>

namespace lengthen {

// Codes are in order of their values. A number's code is that of the nearest value, the greater of two as
// near.
struct MomentCodes {
  std::array<float, 256> values;
  // values[c] is nearer than values[c + 1] below borders[c]; the last is never reached.
  std::array<float, 256> borders;
  // The code of the least number with these upper 16 bits, sign, exponent and 7 bits of mantissa; no more
  // than one border lies between two such numbers.
  std::array<uint8_t, 65536> first_codes;
  uint8_t zero;
};

// For the first moment, which has a sign: 127 levels on either side. −1 itself has none, as in the paper.
const MomentCodes& signed_moment_codes();

// For the second moment: 254 levels. Above 0 nothing is coded as 0, unlike in the paper: a first moment that
// kept its place would be divided by epsilon alone.
const MomentCodes& unsigned_moment_codes();

}  // namespace lengthen
