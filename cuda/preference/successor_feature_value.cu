// successor_feature_value: a warp for each ψ_k(s)·w, a thread for each soft maximum, column sums
// for the gradient (math/successor_values.h). Memory bound: the features of the states that are
// listed are read twice.
#include "cuda/flow/columns.cuh"
#include "cuda/losses/loss_rows.cuh"
#include "math/successor_values.h"

namespace belfry::cuda {

namespace {

struct ClearUses {
  int32_t* uses;

  template <class Lanes>
  __device__ math::LossSums operator()(int64_t state, const Lanes&) const {
    uses[state] = 0;
    return {};
  }
};

struct CountUses {
  const int32_t* states;
  int32_t* uses;

  template <class Lanes>
  __device__ math::LossSums operator()(int64_t i, const Lanes&) const {
    atomicAdd(&uses[states[i]], 1);
    return {};
  }
};

class Launches {
 public:
  explicit Launches(CudaContext& context) : context_(context) {}

  template <class Rows>
  void each(const Rows& rows, int64_t count, RowsBy by = RowsBy::thread) {
    if (status_.ok()) status_ = each_row(rows, count, by, "successor_feature_value", context_);
  }
  const Status& status() const { return status_; }

 private:
  CudaContext& context_;
  Status status_;
};

template <class T>
Status successor_feature_value(const SuccessorFeatureValue<T>& op, CudaContext& context) {
  const int64_t* dims = op.successor_features.dims;
  const int64_t rows = dims[0] * dims[1], num_states = dims[1], count = op.states.dims[0];
  Work work(context, "successor_feature_value");
  const math::SuccessorScratch scratch{work.scratch<int32_t>(num_states),
                                       work.scratch<double>(rows),
                                       work.scratch<double>(num_states)};
  if (!work.ok()) return work.status();
  Launches launches(context);
  launches.each(ClearUses{scratch.uses}, num_states);
  launches.each(CountUses{op.states.begin(), scratch.uses}, count);
  launches.each(math::policy_values(op, scratch), rows, rows_by(dims[2]));
  launches.each(math::state_maximum(op, scratch), num_states);
  if (op.values) launches.each(math::listed_values(op, scratch), count);
  if (!launches.status().ok() || !op.grad_weights_of_sum) return launches.status();
  ColumnTerm<T> term{op.successor_features.begin()};
  term.factors = scratch.v;
  column_sums(term, rows, dims[2], op.grad_weights_of_sum.begin(), work);
  return work.status();
}

}  // namespace

template <>
Status run(const SuccessorFeatureValue<float>& op, CudaContext& context) {
  return successor_feature_value(op, context);
}
template <>
Status run(const SuccessorFeatureValue<double>& op, CudaContext& context) {
  return successor_feature_value(op, context);
}

}  // namespace belfry::cuda
