// vtrace_packed: V-trace targets and advantages, one warp per sequence.
// Bytes per token: read 12 + mask, write 8; 1 exp.
#include "cuda/token/vtrace_rows.cuh"
#include "ops/token/scans.h"

namespace belfry::cuda {

namespace {

template <class T>
Status vtrace_packed(const TokenVtracePacked<T>& op, CudaContext& context) {
  VtraceRows<T> rows = vtrace_rows(op);
  rows.cu_seqlens = op.cu_seqlens.begin();
  rows.num_rows = op.cu_seqlens.dims[0] - 1;
  return launch_vtrace(rows, context);
}

}  // namespace

template <>
Status run(const TokenVtracePacked<float>& op, CudaContext& context) {
  return vtrace_packed(op, context);
}
template <>
Status run(const TokenVtracePacked<double>& op, CudaContext& context) {
  return vtrace_packed(op, context);
}

}  // namespace belfry::cuda
