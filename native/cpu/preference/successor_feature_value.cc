// successor_feature_value: V = Σ_k softmax(ψ_k·w/T)_k ψ_k·w at the states that are listed, each
// worked out once, and the gradient of the sum over the list (math/successor_values.h). 4 K S F
// FLOPs; memory bound: the features of such states are read twice.
#include <algorithm>

#include "cpu/losses/loss_rows.h"
#include "cpu/run.h"
#include "math/successor_values.h"

namespace belfry::cpu {

namespace {

// Σ over rows of slope · row, in pieces whose sums are added in order.
template <class T>
void sum_features(const SuccessorFeatureValue<T>& op, const double* slopes, CpuContext& context) {
  const int64_t* dims = op.successor_features.dims;
  const int64_t rows = dims[0] * dims[1], width = dims[2];
  const int64_t chunk = chunk_for(2 * width), pieces = (rows + chunk - 1) / chunk;
  auto* partial = context.scratch<double>(pieces * width);
  std::fill_n(partial, pieces * width, 0.0);
  context.parallel(rows, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
    double* sums = partial + piece * width;
    for (int64_t row = begin; row < end; ++row) {
      if (slopes[row] == 0) continue;
      const T* features = op.successor_features.begin() + row * width;
      for (int64_t f = 0; f < width; ++f) {
        sums[f] += slopes[row] * static_cast<double>(features[f]);
      }
    }
  });
  for (int64_t f = 0; f < width; ++f) {
    double sum = 0;
    for (int64_t piece = 0; piece < pieces; ++piece) sum += partial[piece * width + f];
    op.grad_weights_of_sum[f] = static_cast<T>(sum);
  }
}

template <class T>
Status successor_feature_value(const SuccessorFeatureValue<T>& op, CpuContext& context) {
  const int64_t* dims = op.successor_features.dims;
  const int64_t num_policies = dims[0], num_states = dims[1], count = op.states.dims[0];
  const math::SuccessorScratch scratch{context.scratch<int32_t>(num_states),
                                       context.scratch<double>(num_policies * num_states),
                                       context.scratch<double>(num_states)};
  std::fill_n(scratch.uses, num_states, 0);
  for (int64_t i = 0; i < count; ++i) ++scratch.uses[op.states[i]];
  sum_rows(math::policy_values(op, scratch), num_policies * num_states, 2 * dims[2] + 4, context);
  sum_rows(math::state_maximum(op, scratch), num_states, 40 * num_policies + 4, context);
  if (op.values) sum_rows(math::listed_values(op, scratch), count, 2, context);
  if (op.grad_weights_of_sum) sum_features(op, scratch.v, context);
  return finished(context);
}

}  // namespace

template <>
Status run(const SuccessorFeatureValue<float>& op, CpuContext& context) {
  return successor_feature_value(op, context);
}
template <>
Status run(const SuccessorFeatureValue<double>& op, CpuContext& context) {
  return successor_feature_value(op, context);
}

}  // namespace belfry::cpu
