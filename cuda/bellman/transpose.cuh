// The transpose of a sparse matrix, made on the host: a counting sort of the entries by column
// keeps the order of rows, which a device-side scatter by atomics would not. The model is read back
// once and the result uploaded, so this is for solvers that then make many sweeps.
#pragma once

#include <vector>

#include "cuda/bellman/rows.cuh"

namespace belfry::cuda {

template <class T>
struct HostRows {
  std::vector<int32_t> row_ptr, col;
  std::vector<T> prob;

  int64_t num_rows() const { return static_cast<int64_t>(row_ptr.size()) - 1; }
};

template <class T>
Status download(const T* from, int64_t count, std::vector<T>& to, CudaContext& context) {
  to.resize(static_cast<size_t>(count));
  if (count == 0) return {};
  return context.read_back(to.data(), from, count * static_cast<int64_t>(sizeof(T)));
}

template <class Op, class T>
Status download_rows(const Op& op, HostRows<T>& rows, CudaContext& context) {
  if (Status s = download(op.row_ptr.begin(), op.row_ptr.size(), rows.row_ptr, context); !s.ok()) {
    return s;
  }
  if (Status s = download(op.col.begin(), op.col.size(), rows.col, context); !s.ok()) return s;
  return download(op.prob.begin(), op.prob.size(), rows.prob, context);
}

// The entries of column c, by ascending row, become row c.
template <class T>
HostRows<T> transpose(const HostRows<T>& rows, int64_t num_columns) {
  HostRows<T> out;
  out.row_ptr.assign(static_cast<size_t>(num_columns) + 1, 0);
  out.col.resize(rows.col.size());
  out.prob.resize(rows.prob.size());
  for (const int32_t c : rows.col) ++out.row_ptr[static_cast<size_t>(c) + 1];
  for (size_t c = 0; c + 1 < out.row_ptr.size(); ++c) out.row_ptr[c + 1] += out.row_ptr[c];
  std::vector<int32_t> place(out.row_ptr);
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    const auto begin = static_cast<size_t>(rows.row_ptr[static_cast<size_t>(row)]);
    const auto end = static_cast<size_t>(rows.row_ptr[static_cast<size_t>(row) + 1]);
    for (size_t e = begin; e < end; ++e) {
      const auto to = static_cast<size_t>(place[static_cast<size_t>(rows.col[e])]++);
      out.col[to] = static_cast<int32_t>(row);
      out.prob[to] = rows.prob[e];
    }
  }
  return out;
}

// Device copy of host data; null when there is no memory.
template <class T>
T* upload(const std::vector<T>& from, CudaContext& context, cudaError_t& error) {
  T* to = context.scratch<T>(static_cast<int64_t>(from.size()));
  if (to && !from.empty() && error == cudaSuccess) {
    error = upload_on(context.stream(), to, from.data(), from.size() * sizeof(T));
  }
  return to;
}

template <class T>
Status upload_rows(const HostRows<T>& from, SparseRows<T>& to, CudaContext& context) {
  cudaError_t error = cudaSuccess;
  to.row_ptr = upload(from.row_ptr, context, error);
  if (to.row_ptr) to.col = upload(from.col, context, error);
  if (to.row_ptr && to.col) to.prob = upload(from.prob, context, error);
  if (!to.row_ptr || !to.col || !to.prob) return context.failure();
  return device_status(error, "upload of the transposed model");
}

}  // namespace belfry::cuda
