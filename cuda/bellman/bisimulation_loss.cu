// bisimulation_loss: a warp per pair for the residuals; then a thread per entry of the gradient.
// The partners are read back and grouped on the host (a counting sort), so that every sum has a
// fixed order, which a scatter by atomics would not give.
#include "cuda/bellman/transpose.cuh"
#include "cuda/losses/loss_rows.cuh"
#include "math/representation.h"
#include "ops/bellman/losses.h"

namespace belfry::cuda {

namespace {

template <class T>
Status gradient(const BisimulationLoss<T>& op, const double* errors, CudaContext& context) {
  const int64_t batch = op.z.dims[0], dim = op.z.dims[1];
  std::vector<int32_t> partner;
  if (Status s = download(op.permutation.begin(), batch, partner, context); !s.ok()) return s;
  std::vector<int32_t> first(static_cast<size_t>(batch) + 1), sources(static_cast<size_t>(batch));
  math::group_sources(partner.data(), batch, first.data(), sources.data());
  cudaError_t error = cudaSuccess;
  const int32_t* device_first = upload(first, context, error);
  const int32_t* device_sources = device_first ? upload(sources, context, error) : nullptr;
  if (!device_sources) return context.failure();
  if (error != cudaSuccess) return device_status(error, "bisimulation_loss");
  const math::BisimulationGradient<T> entries{
      op.z.begin(),   errors, op.permutation.begin(),     device_first,
      device_sources, dim,    math::inverse_count(batch), op.grad_z.begin()};
  return each_row(entries, batch * dim, RowsBy::thread, "bisimulation_loss", context);
}

template <class T>
Status bisimulation_loss(const BisimulationLoss<T>& op, CudaContext& context) {
  const int64_t batch = op.z.dims[0];
  auto* errors = context.scratch<double>(batch);
  if (!errors) return context.failure();
  if (Status s = sum_rows(math::bisimulation_pairs(op, errors), batch, RowsBy::warp,
                          store_mean(op.loss, op.count, batch), "bisimulation_loss", context);
      !s.ok()) {
    return s;
  }
  return op.grad_z && batch > 0 ? gradient(op, errors, context) : Status{};
}

}  // namespace

template <>
Status run(const BisimulationLoss<float>& op, CudaContext& context) {
  return bisimulation_loss(op, context);
}
template <>
Status run(const BisimulationLoss<double>& op, CudaContext& context) {
  return bisimulation_loss(op, context);
}

}  // namespace belfry::cuda
