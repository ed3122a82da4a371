// matrix_game: v = max_x min_y xᵀ M y by a saddle point or the simplex method; see
// zero_sum_game.cc. About (A + B)·A·B multiply-adds.
#include "cpu/bellman/zero_sum_game.h"
#include "cpu/run.h"
#include "ops/bellman/games.h"

namespace belfry::cpu {

namespace {

template <class T>
Status matrix_game(const MatrixGame<T>& op, CpuContext& context) {
  const int64_t rows = op.payoff.dims[0], columns = op.payoff.dims[1];
  double* payoff = context.scratch<double>(rows * columns);
  std::copy_n(op.payoff.begin(), rows * columns, payoff);
  ZeroSumGame game(rows, columns, context);
  const double value = game.solve(payoff);
  if (context.stopped()) return aborted();
  if (op.value) op.value[0] = static_cast<T>(value);
  if (op.x) {
    for (int64_t i = 0; i < rows; ++i) op.x[i] = static_cast<T>(game.x()[i]);
  }
  if (op.y) {
    for (int64_t j = 0; j < columns; ++j) op.y[j] = static_cast<T>(game.y()[j]);
  }
  return {};
}

}  // namespace

template <>
Status run(const MatrixGame<float>& op, CpuContext& context) {
  return matrix_game(op, context);
}
template <>
Status run(const MatrixGame<double>& op, CpuContext& context) {
  return matrix_game(op, context);
}

}  // namespace belfry::cpu
