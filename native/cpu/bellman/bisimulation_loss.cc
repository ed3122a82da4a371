// bisimulation_loss: e = ‖z − z'‖₁ − |r − r'| − γ D, loss = mean e² (math/representation.h).
//
// One pass over the pairs for e, and one over the entries of z for the gradient, which gathers the
// pairs a row takes part in: a counting sort of the partners replaces a scatter, so that the order
// of every sum is fixed. Memory bound: 8 d + 8 k bytes a pair (float32), about 3 passes over z.
#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/representation.h"

namespace belfry::cpu {

namespace {

template <class T>
Status bisimulation_loss(const BisimulationLoss<T>& op, CpuContext& context) {
  const int64_t batch = op.z.dims[0], dim = op.z.dims[1];
  auto* errors = context.scratch<double>(batch);
  const auto pairs = math::bisimulation_pairs(op, errors);
  const auto sums = sum_rows(pairs, batch, 8 + 3 * dim + 5 * op.next_mu.dims[1], context);
  write_mean(op, sums.loss, batch);
  if (op.grad_z && !context.stopped()) {
    auto* first = context.scratch<int32_t>(batch + 1);
    auto* sources = context.scratch<int32_t>(batch);
    math::group_sources(pairs.partner, batch, first, sources);
    const math::BisimulationGradient<T> gradient{
        op.z.begin(),     errors, pairs.partner, first, sources, dim, math::inverse_count(batch),
        op.grad_z.begin()};
    sum_rows(gradient, batch * dim, 12, context);
  }
  return finished(context);
}

}  // namespace

template <>
Status run(const BisimulationLoss<float>& op, CpuContext& context) {
  return bisimulation_loss(op, context);
}
template <>
Status run(const BisimulationLoss<double>& op, CpuContext& context) {
  return bisimulation_loss(op, context);
}

}  // namespace belfry::cpu
