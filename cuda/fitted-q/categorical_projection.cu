// categorical_projection: a warp per row. A lane forms the mass of its atoms from all images, which
// needs no scatter: K²/32 fma a lane, less than the latency of one.
#include "cuda/device/context.cuh"
#include "cuda/device/lanes.cuh"
#include "math/categorical.h"
#include "math/flags.h"
#include "ops/fitted_q.h"

namespace belfry::cuda {

namespace {

template <class T>
struct ProjectionRows {
  const T *next_prob, *rewards, *logits;
  math::FlagReader terminated;
  math::ReturnAtoms atoms;
  double gamma, share;  // share: 1/N
  T *target, *cross_entropy, *grad_logits;
};

template <class T>
__device__ double log_sum_exp(const T* logits, int64_t count) {
  double max = -math::kInfinity<double>;
  for (int64_t i = lane_id(); i < count; i += kWarpSize) {
    max = Max{}(max, static_cast<double>(logits[i]));
  }
  max = warp_reduce(max, Max{});
  if (max - max != 0) return max;
  double sum = 0;
  for (int64_t i = lane_id(); i < count; i += kWarpSize) {
    sum += exp(static_cast<double>(logits[i]) - max);
  }
  return max + log(warp_reduce(sum, Add{}));
}

template <class T>
__device__ void project_row(const ProjectionRows<T>& rows, int64_t n) {
  const int64_t count = rows.atoms.count;
  const math::ProjectedRow<T> row{rows.next_prob + n * count, static_cast<double>(rows.rewards[n]),
                                  rows.gamma, rows.terminated(n), rows.atoms};
  const T* const logits = rows.logits ? rows.logits + n * count : nullptr;
  const double norm = logits ? log_sum_exp(logits, count) : 0;
  double sum = 0;
#pragma unroll 1
  for (int64_t i = lane_id(); i < count; i += kWarpSize) {
    const double mass = row.target(i);
    if (rows.target) rows.target[n * count + i] = static_cast<T>(mass);
    if (!logits) continue;
    const double log_prob = static_cast<double>(logits[i]) - norm;
    sum += math::cross_entropy_term(mass, log_prob);
    if (rows.grad_logits) {
      rows.grad_logits[n * count + i] = static_cast<T>((exp(log_prob) - mass) * rows.share);
    }
  }
  sum = warp_reduce(sum, Add{});
  if (rows.cross_entropy && lane_id() == 0) rows.cross_entropy[n] = static_cast<T>(sum);
}

template <class T>
__global__ void project_rows(ProjectionRows<T> rows, int64_t num_rows) {
  const int64_t warps = static_cast<int64_t>(gridDim.x) * warps_in_block();
#pragma unroll 1
  for (int64_t n = static_cast<int64_t>(blockIdx.x) * warps_in_block() + warp_id(); n < num_rows;
       n += warps) {
    project_row(rows, n);
  }
}

template <class T, class V>
T* wanted(const V& view) {
  return view.present ? view.begin() : nullptr;
}

template <class T>
Status categorical_projection(const CategoricalProjection<T>& op, CudaContext& context) {
  if (Status s = math::check_return_range(op); !s.ok()) return s;
  constexpr int kThreads = 128;
  const int64_t num_rows = op.rewards.dims[0];
  const bool uses_logits = op.cross_entropy.present || op.grad_logits.present;
  const ProjectionRows<T> rows{op.next_prob.begin(),
                               op.rewards.begin(),
                               uses_logits ? op.logits.begin() : nullptr,
                               math::read_flags(op.terminated, false),
                               math::ReturnAtoms::between(op.v_min, op.v_max, op.next_prob.dims[1]),
                               op.gamma,
                               math::inverse_count(num_rows),
                               wanted<T>(op.target),
                               wanted<T>(op.cross_entropy),
                               wanted<T>(op.grad_logits)};
  const LaunchShape shape{dim3(blocks_for(num_rows * kWarpSize, kThreads)), dim3(kThreads)};
  return device_status(launch(project_rows<T>, shape, context.stream(), rows, num_rows),
                       "categorical_projection");
}

}  // namespace

template <>
Status run(const CategoricalProjection<float>& op, CudaContext& context) {
  return categorical_projection(op, context);
}
template <>
Status run(const CategoricalProjection<double>& op, CudaContext& context) {
  return categorical_projection(op, context);
}

}  // namespace belfry::cuda
