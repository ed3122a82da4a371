// Linear programmes: optimality is certified by the duals, infeasibility and unboundedness by
// construction.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "cpu/linalg/simplex.h"

namespace belfry::test {
namespace {

using cpu::LinearProgram;
using cpu::LpOutcome;
using cpu::Simplex;

struct Sample {
  int64_t rows, columns;
  std::vector<double> a, b, c;
  LinearProgram program() const { return {a.data(), b.data(), c.data()}; }
  double at(int64_t i, int64_t j) const { return a[static_cast<size_t>(i * columns + j)]; }
};

std::vector<double> draw(std::mt19937& random, int64_t count, bool whole) {
  std::uniform_real_distribution<double> real(-2, 2);
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = whole ? std::round(real(random)) : real(random);
  return values;
}

// Feasible by construction: b lies above A x for some x ≥ 0, on it in every other row.
Sample feasible(std::mt19937& random, int64_t rows, int64_t columns, bool whole) {
  Sample s{rows, columns, draw(random, rows * columns, whole), {}, draw(random, columns, whole)};
  std::vector<double> x = draw(random, columns, whole);
  for (int64_t i = 0; i < rows; ++i) {
    double sum = i % 2 == 0 ? 0 : 1;
    for (int64_t j = 0; j < columns; ++j) {
      sum += s.at(i, j) * std::fabs(x[static_cast<size_t>(j)]);
    }
    s.b.push_back(sum);
  }
  return s;
}

void check_optimal(const Sample& s, const Simplex& simplex) {
  double dual_objective = 0;
  for (int64_t i = 0; i < s.rows; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < s.columns; ++j) sum += s.at(i, j) * simplex.x()[j];
    CHECK(sum <= s.b[static_cast<size_t>(i)] + 1e-9);
    CHECK(simplex.duals()[i] >= 0);
    dual_objective += simplex.duals()[i] * s.b[static_cast<size_t>(i)];
  }
  for (int64_t j = 0; j < s.columns; ++j) {
    double sum = 0;
    for (int64_t i = 0; i < s.rows; ++i) sum += s.at(i, j) * simplex.duals()[i];
    CHECK(sum >= s.c[static_cast<size_t>(j)] - 1e-9);
    CHECK(simplex.x()[j] >= 0);
  }
  CHECK(simplex.objective() == doctest::Approx(dual_objective).epsilon(1e-9));
}

TEST_CASE("an optimum comes with duals that prove it") {
  std::mt19937 random(1);
  int optimal = 0;
  for (int round = 0; round < 400; ++round) {
    const auto rows = static_cast<int64_t>(random() % 20),
               columns = 1 + static_cast<int64_t>(random() % 12);
    const Sample s = feasible(random, rows, columns, round % 2 == 0);
    cpu::CpuContext context;
    Simplex simplex(rows, columns, context);
    const LpOutcome outcome = simplex.solve(s.program());
    CHECK(outcome != LpOutcome::infeasible);
    CHECK(outcome != LpOutcome::gave_up);
    if (outcome != LpOutcome::optimal) continue;
    ++optimal;
    check_optimal(s, simplex);
  }
  CHECK(optimal > 50);
}

// Σ x = 1 as two inequalities, the way a programme with equations is written.
TEST_CASE("equations by pairs of inequalities") {
  std::mt19937 random(2);
  for (int64_t columns = 1; columns < 30; ++columns) {
    Sample s{2, columns, {}, {1, -1}, draw(random, columns, false)};
    s.a.assign(static_cast<size_t>(columns), 1);
    s.a.insert(s.a.end(), static_cast<size_t>(columns), -1);
    cpu::CpuContext context;
    Simplex simplex(2, columns, context);
    REQUIRE(simplex.solve(s.program()) == LpOutcome::optimal);
    check_optimal(s, simplex);
    CHECK(simplex.objective() == doctest::Approx(*std::max_element(s.c.begin(), s.c.end())));
  }
}

TEST_CASE("no solution, no bound, no numbers") {
  cpu::CpuContext context;
  Simplex two(2, 1, context);
  const double a[] = {1, -1}, contradiction[] = {1, -2}, half_line[] = {0, -1}, c[] = {1};
  CHECK(two.solve({a, contradiction, c}) == LpOutcome::infeasible);
  const double below[] = {-1, -1};
  CHECK(two.solve({below, half_line, c}) == LpOutcome::unbounded);
  const double nan[] = {NAN, 1};
  CHECK(two.solve({a, nan, c}) == LpOutcome::gave_up);
  // The workspace serves the next programme.
  const double one[] = {1, 0};
  REQUIRE(two.solve({a, one, c}) == LpOutcome::optimal);
  CHECK(two.x()[0] == doctest::Approx(1));
  Simplex none(0, 1, context);
  const double down[] = {-1};
  CHECK(none.solve({nullptr, nullptr, down}) == LpOutcome::optimal);
  CHECK(none.solve({nullptr, nullptr, c}) == LpOutcome::unbounded);
}

// Beale's programme, which the rule of the largest coefficient alone goes round in.
TEST_CASE("a programme that cycles") {
  const double a[] = {0.25, -60, -1.0 / 25, 9, 0.5, -90, -1.0 / 50, 3, 0, 0, 1, 0};
  const double b[] = {0, 0, 1}, c[] = {0.75, -150, 1.0 / 50, -6};
  cpu::CpuContext context;
  Simplex simplex(3, 4, context);
  REQUIRE(simplex.solve({a, b, c}) == LpOutcome::optimal);
  CHECK(simplex.objective() == doctest::Approx(0.05));
}

}  // namespace
}  // namespace belfry::test
