// Philox against the published known answers, and the moments of the normal stream.
#include <doctest/doctest.h>

#include "math/philox.h"

using belfry::math::Philox4;
using belfry::math::philox4x32_10;
using belfry::math::standard_normal;

namespace {

void check_words(const Philox4& got, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  CHECK(got.x0 == a);
  CHECK(got.x1 == b);
  CHECK(got.x2 == c);
  CHECK(got.x3 == d);
}

}  // namespace

TEST_CASE("philox4x32_10 gives the known answers of its authors") {
  check_words(philox4x32_10(0, 0, 0), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  check_words(philox4x32_10(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}), 0x408f276d, 0x41c83b0e,
              0xa20bc7c6, 0x6d5451fd);
  check_words(philox4x32_10(0x85a308d3243f6a88, 0x0370734413198a2e, 0x299f31d0a4093822), 0xd16cfe09,
              0x94fdcceb, 0x5001e420, 0x24126ea1);
}

TEST_CASE("standard_normal has the moments of a normal distribution") {
  constexpr int kCount = 200'000;
  double sum = 0, squares = 0, fourths = 0;
  for (uint64_t i = 0; i < kCount; ++i) {
    const double x = standard_normal(7, i);
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  CHECK(sum / kCount == doctest::Approx(0).epsilon(0.01).scale(1));
  CHECK(squares / kCount == doctest::Approx(1).epsilon(0.01));
  CHECK(fourths / kCount == doctest::Approx(3).epsilon(0.03));
}

TEST_CASE("streams and elements differ") {
  CHECK(standard_normal(1, 0) != standard_normal(2, 0));
  CHECK(standard_normal(1, 0) != standard_normal(1, 1));
  CHECK(standard_normal(1, 2) != standard_normal(1, 0));
}
