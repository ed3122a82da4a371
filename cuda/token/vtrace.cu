// vtrace: V-trace targets and advantages, one warp per sequence.
// Bytes per token: read 12 + mask, write 8; 1 exp.
#include "cuda/token/vtrace_rows.cuh"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
Status vtrace(const TokenVtrace<T>& op, CudaContext& context) {
  VtraceRows<T> rows = vtrace_rows(op);
  rows.num_rows = op.rewards.dims[0];
  rows.row_length = op.rewards.dims[1];
  return launch_vtrace(rows, context);
}

}  // namespace

template <>
Status run(const TokenVtrace<float>& op, CudaContext& context) {
  return vtrace(op, context);
}
template <>
Status run(const TokenVtrace<double>& op, CudaContext& context) {
  return vtrace(op, context);
}

}  // namespace belfry::cuda
