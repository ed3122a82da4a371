// emitter_bookkeeping: how much the rewards of an emitter have improved, and a third of the
// distance from a genome to its nearest neighbour. One pass over both.
#include <algorithm>
#include <cmath>

#include "cpu/bellman/model.h"
#include "cpu/run.h"
#include "ops/bellman/diversity.h"

namespace belfry::cpu {

namespace {

template <class T>
double mean_of(const T* values, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]);
  return sum / static_cast<double>(count);
}

template <class T>
double improvement(const EmitterBookkeeping<T>& op) {
  const int64_t generations = op.reward_history.dims[0], width = op.reward_history.dims[1];
  const int64_t window = std::min(op.window, generations);
  const int64_t count = window * width;
  if (count == 0) return 0;
  const T* rewards = op.reward_history.begin();
  const double gain =
      mean_of(rewards + (generations - window) * width, count) - mean_of(rewards, count);
  return gain < 0 ? 0 : gain;  // NaN stays
}

template <class T>
double initial_sigma(const EmitterBookkeeping<T>& op) {
  const int64_t dim = op.genomes.dims[1];
  double nearest = math::kInfinity<double>;
  for (int64_t i = 0; i < op.genomes.dims[0]; ++i) {
    if (i == op.index) continue;
    double square = 0;
    for (int64_t j = 0; j < dim; ++j) {
      const double apart = static_cast<double>(op.genomes[i * dim + j]) -
                           static_cast<double>(op.genomes[op.index * dim + j]);
      square += apart * apart;
    }
    if (!(square >= nearest)) nearest = square;
  }
  const bool usable = nearest != 0 && nearest != math::kInfinity<double>;
  return usable ? std::sqrt(nearest) / 3 : op.fallback_sigma;
}

template <class T>
Status emitter_bookkeeping(const EmitterBookkeeping<T>& op, CpuContext&) {
  if (op.index >= op.genomes.dims[0]) {
    return Status::error(Code::invalid_argument, "index", "is %lld, but there are %lld genomes",
                         static_cast<long long>(op.index),
                         static_cast<long long>(op.genomes.dims[0]));
  }
  if (op.improvement) op.improvement[0] = static_cast<T>(improvement(op));
  if (op.sigma) op.sigma[0] = static_cast<T>(initial_sigma(op));
  return {};
}

}  // namespace

template <>
Status run(const EmitterBookkeeping<float>& op, CpuContext& context) {
  return emitter_bookkeeping(op, context);
}
template <>
Status run(const EmitterBookkeeping<double>& op, CpuContext& context) {
  return emitter_bookkeeping(op, context);
}

}  // namespace belfry::cpu
