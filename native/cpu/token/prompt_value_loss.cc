// prompt_value_loss: mean (V − r)² and its gradient 2 (V − r)/n, arXiv 2510.01135.
#include <cmath>

#include "cpu/run.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

template <class T>
Status prompt_value_loss(const PromptValueLoss<T>& op) {
  double sum = 0, count = 0;
  for (int64_t i = 0; i < op.predicted.dims[0]; ++i) {
    const double reward = static_cast<double>(op.mean_reward[i]);
    if (!std::isfinite(reward)) continue;
    const double error = static_cast<double>(op.predicted[i]) - reward;
    sum += error * error;
    count += 1;
  }
  if (op.loss) op.loss[0] = static_cast<T>(count > 0 ? sum / count : 0);
  for (int64_t i = 0; op.grad_predicted && i < op.predicted.dims[0]; ++i) {
    const double reward = static_cast<double>(op.mean_reward[i]);
    const double error = static_cast<double>(op.predicted[i]) - reward;
    op.grad_predicted[i] = static_cast<T>(std::isfinite(reward) ? 2 * error / count : 0);
  }
  return {};
}

}  // namespace

template <>
Status run(const PromptValueLoss<float>& op, CpuContext&) {
  return prompt_value_loss(op);
}
template <>
Status run(const PromptValueLoss<double>& op, CpuContext&) {
  return prompt_value_loss(op);
}

}  // namespace belfry::cpu
