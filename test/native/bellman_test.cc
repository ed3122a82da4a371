// The rules of math/bellman.h: choice, ties, NaN, change, bounds; and when a solve may stop.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "math/value_iteration.h"

namespace belfry::test {
namespace {

constexpr double kInf = math::kInfinity<double>;
constexpr double kNan = math::kNaN<double>;

math::GreedyChoice<double> choose(const std::vector<double>& keys) {
  math::GreedyChoice<double> best;
  for (size_t a = 0; a < keys.size(); ++a) best.offer(static_cast<int32_t>(a), keys[a]);
  return best;
}

TEST_CASE("the first of the best actions is chosen") {
  CHECK(choose({1, 3, 2}).action == 1);
  CHECK(choose({3, 3, 3}).action == 0);
  CHECK(choose({-kInf, -kInf}).action == 0);
  CHECK(choose({}).action == -1);
  CHECK(choose({}).value(false) == 0);
  CHECK(choose({-2, -5}).value(true) == 2);
}

TEST_CASE("a NaN beats every number, the first NaN every other") {
  CHECK(choose({1, kNan, 2, kNan}).action == 1);
  CHECK(std::isnan(choose({1, kNan, 2}).value(false)));
  CHECK(choose({kNan, kInf}).action == 0);
}

TEST_CASE("ties, masks and impossible actions") {
  CHECK(math::within_tie(0.95, 1.0, 0.1));
  CHECK_FALSE(math::within_tie(0.85, 1.0, 0.1));
  CHECK_FALSE(math::within_tie(kNan, 1.0, 0.1));
  CHECK(math::masked_q<double>(false) == -kInf);
  CHECK(math::masked_q<double>(true) == kInf);
  CHECK(math::policy_term(0.0, -kInf) == 0);
  CHECK(math::policy_term(0.5, -kInf) == -kInf);
  CHECK(std::isnan(math::policy_term(0.0, kNan)));
}

math::Change<double> change_of(const std::vector<double>& before,
                               const std::vector<double>& after) {
  math::Change<double> change;
  for (size_t i = 0; i < before.size(); ++i) change.add(before[i], after[i]);
  return change;
}

TEST_CASE("the change of a sweep") {
  const auto change = change_of({1, 1, 1}, {2, -1, 4});
  CHECK(change.residual() == 3);
  CHECK(change.span() == 5);
  CHECK(change.largest == 4);
  CHECK(change_of({}, {}).residual() == 0);
  CHECK(change_of({}, {}).empty());
  CHECK(std::isnan(change_of({1, kNan}, {1, 2}).residual()));
  CHECK(std::isnan(change_of({kInf}, {kInf}).span()));
}

TEST_CASE("MacQueen bounds") {
  const auto change = change_of({0, 0}, {1, 3});
  const auto bounds = math::macqueen_bounds(change, 0.9, false);
  CHECK(bounds.low == doctest::Approx(9));
  CHECK(bounds.high == doctest::Approx(27));
  CHECK(bounds.middle() == doctest::Approx(18));
  CHECK(math::macqueen_bounds(change, 0.9, true).low == 0);
  CHECK(math::macqueen_bounds(change_of({0}, {-1}), 0.9, true).high == 0);
  CHECK_FALSE(math::macqueen_bounds(change, 1, false).finite());
  CHECK(math::macqueen_bounds(change, 1, false).middle() == 0);
  CHECK(math::macqueen_bounds(change, 0, false).half_width() == 0);
}

TEST_CASE("a solve claims convergence only where bounds and rounding allow it") {
  using math::Verdict;
  const math::Discounting discount = math::discounting<double>(0.9, 1, 1);
  const math::Change<double> narrow{1, 1 + 1e-6, 10, false};
  CHECK(math::StopTest(discount, true, 1e-5, 1e-16).judge(narrow) == Verdict::converged);
  CHECK(math::StopTest(discount, true, 1e-9, 1e-16).judge(narrow) == Verdict::go_on);
  CHECK(math::StopTest(discount, false, 1e-5, 1e-16).judge(narrow) == Verdict::go_on);
  // Nothing moves any more, but a float's last place is worth more than the tolerance.
  const math::Change<double> still{0, 0, 10, false};
  CHECK(math::StopTest(discount, true, 1e-9, 1e-7).judge(still) == Verdict::gave_up);
  CHECK(math::StopTest(discount, true, 1e-9, 1e-16).judge({0, 0, 1, true}) == Verdict::gave_up);
  math::StopTest stuck(discount, true, 1e-9, 1e-16);
  auto verdict = Verdict::go_on;
  int sweeps = 0;
  for (; verdict == Verdict::go_on && sweeps < 1000; ++sweeps) verdict = stuck.judge(narrow);
  CHECK(verdict == Verdict::gave_up);
  CHECK(sweeps < 200);
  CHECK(math::discounting<double>(0.9, 0.5, 1).leaky);
  CHECK(math::discounting<double>(0.5, 1, 1.5).gamma == doctest::Approx(0.75));
}

}  // namespace
}  // namespace belfry::test
