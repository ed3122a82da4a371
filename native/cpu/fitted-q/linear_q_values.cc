// linear_q_values: q(n,a) = φ_{n,a}·w and the greedy action. Memory bound: k values read a pair.
#include "cpu/fitted-q/linear_rows.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kGroup = 16;

// The choice is made among the values as they are written.
template <class T>
void predict_row(const LinearQValues<T>& op, const double* w, int64_t row) {
  const int64_t num_actions = op.phi.dims[1], size = op.phi.dims[2];
  double dots[kGroup];
  math::GreedyChoice<T> best;
  for (int64_t a = 0; a < num_actions; a += kGroup) {
    const int64_t count = std::min(kGroup, num_actions - a);
    const int64_t first = row * num_actions + a;
    linear_dots(op.phi.begin() + first * size, size, count, size, w, dots);
    for (int64_t i = 0; i < count; ++i) {
      const T q = static_cast<T>(dots[i]);
      if (op.q_values) op.q_values[first + i] = q;
      best.offer(static_cast<int32_t>(a + i), q);
    }
  }
  if (op.actions) op.actions[row] = best.action;
}

template <class T>
Status linear_q_values(const LinearQValues<T>& op, CpuContext& context) {
  if (!op.q_values && !op.actions) return {};
  const int64_t num_actions = op.phi.dims[1], size = op.phi.dims[2];
  double* w = context.scratch<double>(size);
  for (int64_t j = 0; j < size; ++j) w[j] = static_cast<double>(op.w[j]);
  context.parallel(op.phi.dims[0], chunk_for(4 + num_actions * (size + 8)),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) predict_row(op, w, row);
                   });
  return {};
}

}  // namespace

template <>
Status run(const LinearQValues<float>& op, CpuContext& context) {
  return linear_q_values(op, context);
}
template <>
Status run(const LinearQValues<double>& op, CpuContext& context) {
  return linear_q_values(op, context);
}

}  // namespace belfry::cpu
