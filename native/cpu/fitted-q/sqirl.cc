// sqirl: the loss, rows over the threads, 2 K A values read and K A written a row; the returns of
// an episode; and the choice among action sequences. The limit of unlimited data is in k_qvi.cc.
#include "math/sqirl.h"

#include "cpu/run.h"

namespace belfry::cpu {

namespace {

template <class T>
Status sqirl(const SqirlLoss<T>& op, CpuContext& context) {
  const auto rows = math::sqirl_rows(op);
  const int64_t batch = op.q_values.dims[0], depths = rows.depths;
  double* const losses = context.scratch<double>(batch * depths);
  context.parallel(batch, chunk_for(depths * (3 * rows.num_actions + 10)),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) {
                       for (int64_t k = 0; k < depths; ++k) losses[row * depths + k] = rows(row, k);
                     }
                   });
  if (context.stopped()) return aborted();
  double total = 0;
  for (int64_t k = 0; k < depths; ++k) {
    double sum = 0;
    for (int64_t row = 0; row < batch; ++row) sum += losses[row * depths + k];
    sum *= rows.inverse_count;
    if (op.loss_per_depth) op.loss_per_depth[k] = static_cast<T>(sum);
    total += sum;
  }
  if (op.loss) op.loss[0] = static_cast<T>(total);
  return {};
}

template <class T>
Status sqirl(const SqirlReturns<T>& op, CpuContext&) {
  const int64_t length = op.rewards.size();
  const int64_t kept = std::max<int64_t>(0, length - op.current_timestep);
  double after = 0;
  for (int64_t i = kept - 1; i >= 0; --i) {
    const double reward = static_cast<double>(op.rewards[op.current_timestep + i]);
    after = reward + op.gamma * after;
    if (op.return_to_go) op.return_to_go[i] = static_cast<T>(after);
    if (op.stored_index) op.stored_index[i] = static_cast<int32_t>(op.current_timestep + i);
  }
  if (op.return_to_go) op.return_to_go.set_rows(kept);
  if (op.stored_index) op.stored_index.set_rows(kept);
  return {};
}

template <class T>
Status sqirl(const Gorp<T>& op, CpuContext&) {
  const int64_t sequences = op.returns.dims[0], samples = op.returns.dims[1];
  int64_t later = 1;  // sequences that share a first action
  for (int64_t i = 1; i < op.k && later <= sequences; ++i) later *= op.num_actions;
  if (later * op.num_actions != sequences) {
    return Status::error(Code::bad_value, "returns",
                         "has %lld rows, but %lld actions make %lld^%lld sequences",
                         static_cast<long long>(sequences), static_cast<long long>(op.num_actions),
                         static_cast<long long>(op.num_actions), static_cast<long long>(op.k));
  }
  math::GreedyChoice<double> best;
  for (int64_t i = 0; i < sequences; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < samples; ++j) sum += static_cast<double>(op.returns[i * samples + j]);
    const double mean = sum / static_cast<double>(samples);
    if (op.mean_return) op.mean_return[i] = static_cast<T>(mean);
    best.offer(static_cast<int32_t>(i), mean);
  }
  if (op.best_sequence) op.best_sequence[0] = best.action;
  if (op.first_action) op.first_action[0] = static_cast<int32_t>(best.action / later);
  return {};
}

}  // namespace

#define BELFRY_RUN(Op)                            \
  template <>                                     \
  Status run(const Op& op, CpuContext& context) { \
    return sqirl(op, context);                    \
  }
BELFRY_RUN(SqirlLoss<float>)
BELFRY_RUN(SqirlLoss<double>)
BELFRY_RUN(SqirlReturns<float>)
BELFRY_RUN(SqirlReturns<double>)
BELFRY_RUN(Gorp<float>)
BELFRY_RUN(Gorp<double>)
#undef BELFRY_RUN

}  // namespace belfry::cpu
