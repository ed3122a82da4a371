// kernel_fqi: the samples make a sparse model whose states are the next states, one row for each
// and for each action: r = Σ w_i r_i, P(i) = w_i (1 − terminated_i). Its weights are found twice,
// to count and to write them, 3 N² d flops each; the fixed point is that of value_iteration, 2 N²
// flops a sweep at most, 2 N A k for k neighbours.
#include <algorithm>
#include <initializer_list>

#include "cpu/fitted-q/row_weights.h"
#include "cpu/fitted-q/sample_weights.h"
#include "cpu/flow/workspaces.h"
#include "cpu/run.h"
#include "math/fqi.h"
#include "ops/bellman/core.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

template <class V, class E, class... N>
V view_of(E* data, N... dims) {
  V view;
  view.data = const_cast<std::remove_const_t<E>*>(data);
  view.dtype = sizeof(E) == 8 ? DType::f64 : sizeof(E) == 4 ? DType::i32 : DType::u8;
  for (const int64_t size : std::initializer_list<int64_t>{dims...}) view.dims[view.rank++] = size;
  view.present = true;
  return view;
}

template <class T>
class SampledModel {
 public:
  SampledModel(const KernelFqi<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_states_(op.states.dims[0]),
        dim_(op.states.dims[1]),
        terminated_(math::read_flags(op.terminated, false)),
        weights_(op, context),
        points_(context, op.num_actions * (num_states_ + op.query_states.dims[0]), num_states_) {}

  Status run() {
    if (Status s = check_weights(op_.weight); !s.ok()) return s;
    values_ = context_.scratch<double>(num_states_);
    bool converged = true;
    if (num_states_ > 0 && needs_values()) {
      if (Status s = build(); !s.ok()) return s;
      if (Status s = solve(converged); !s.ok()) return s;
    }
    for (int64_t i = 0; op_.next_values && i < num_states_; ++i) {
      op_.next_values[i] = static_cast<T>(values_[i]);
    }
    if (op_.converged) op_.converged[0] = converged;
    if (op_.q_query) answer();
    return context_.stopped() ? aborted() : Status{};
  }

 private:
  // Without a discount the answers are means of the rewards.
  bool needs_values() const { return op_.next_values || op_.converged || op_.gamma != 0; }
  bool continues(int32_t sample) const { return !terminated_(sample) && op_.gamma != 0; }

  // body(row, count, samples with weights) for every row of the points [count, d].
  template <class Body>
  void each_row(const T* points, int64_t count, const Body& body) const {
    context_.parallel(
        count * op_.num_actions, chunk_for(6 * (dim_ + 4) * num_states_ / op_.num_actions),
        [&](int64_t begin, int64_t end, int64_t) {
          const auto work = points_.borrow();
          for (int64_t row = begin; row < end; ++row) {
            const T* const point = points + row / op_.num_actions * dim_;
            body(row, weights_.at(point, row % op_.num_actions, work.data()), work.data());
          }
        });
  }

  Status build() {
    const int64_t rows = num_states_ * op_.num_actions;
    row_ptr_ = context_.scratch<int32_t>(rows + 1);
    auto* const counts = context_.scratch<int64_t>(rows);
    each_row(op_.next_states.begin(), num_states_,
             [&](int64_t row, int64_t count, const math::Neighbour* samples) {
               counts[row] = std::count_if(samples, samples + count, [&](const math::Neighbour& n) {
                 return continues(n.sample);
               });
             });
    if (context_.stopped()) return aborted();
    int64_t total = 0;
    for (int64_t row = 0; row < rows; ++row) {
      row_ptr_[row] = static_cast<int32_t>(total);
      total += counts[row];
      if (total > 2'147'483'647) {
        return Status::error(Code::bad_value, "states",
                             "give more than 2^31 weights; use kernel 'knn', or a smaller "
                             "bandwidth");
      }
    }
    row_ptr_[rows] = static_cast<int32_t>(total);
    write_rows(total);
    return context_.stopped() ? aborted() : Status{};
  }

  void write_rows(int64_t total) {
    const int64_t rows = num_states_ * op_.num_actions;
    col_ = context_.scratch<int32_t>(total);
    prob_ = context_.scratch<double>(total);
    rewards_ = context_.scratch<double>(rows);
    allowed_ = context_.scratch<uint8_t>(rows);
    each_row(op_.next_states.begin(), num_states_,
             [&](int64_t row, int64_t count, const math::Neighbour* samples) {
               double reward = 0;
               int64_t at = row_ptr_[row];
               for (int64_t i = 0; i < count; ++i) {
                 reward += samples[i].key * static_cast<double>(op_.rewards[samples[i].sample]);
                 if (!continues(samples[i].sample)) continue;
                 col_[at] = samples[i].sample;
                 prob_[at++] = samples[i].key;
               }
               rewards_[row] = reward;
               allowed_[row] = count > 0;
             });
  }

  Status solve(bool& converged) {
    const int64_t rows = num_states_ * op_.num_actions;
    uint8_t met = 0;
    ValueIteration<double> model{};
    model.row_ptr = view_of<In<int32_t, 1>>(row_ptr_, rows + 1);
    model.col = view_of<In<int32_t, 1>>(col_, row_ptr_[rows]);
    model.prob = view_of<In<double, 1>>(prob_, row_ptr_[rows]);
    model.rewards = view_of<In<double, 2>>(rewards_, num_states_, op_.num_actions);
    model.action_mask = view_of<Flags<2>>(allowed_, num_states_, op_.num_actions);
    model.gamma = op_.gamma;
    model.mode = Mode::max;
    model.stop = StopRule::span;
    model.tolerance = op_.tol;
    model.max_iterations = op_.max_iterations;
    model.v_star = view_of<Out<double, 1>>(values_, num_states_);
    model.converged = view_of<Out<uint8_t, 0>>(&met);
    Status status = cpu::run(model, context_);
    converged = met != 0;
    return status;
  }

  void answer() const {
    each_row(op_.query_states.begin(), op_.query_states.dims[0],
             [&](int64_t row, int64_t count, const math::Neighbour* samples) {
               double sum = count > 0 ? 0 : -math::kInfinity<double>;
               for (int64_t i = 0; i < count; ++i) {
                 const int32_t sample = samples[i].sample;
                 const double reward = static_cast<double>(op_.rewards[sample]);
                 sum += samples[i].key *
                        math::fqi_bootstrap(reward, op_.gamma, values_[sample], !continues(sample));
               }
               op_.q_query[row] = static_cast<T>(sum);
             });
  }

  const KernelFqi<T>& op_;
  CpuContext& context_;
  const int64_t num_states_, dim_;
  const math::FlagReader terminated_;
  const SampleWeights<T> weights_;
  const Workspaces<math::Neighbour> points_;
  double *values_ = nullptr, *prob_ = nullptr, *rewards_ = nullptr;
  int32_t *row_ptr_ = nullptr, *col_ = nullptr;
  uint8_t* allowed_ = nullptr;
};

}  // namespace

template <>
Status run(const KernelFqi<float>& op, CpuContext& context) {
  return SampledModel<float>(op, context).run();
}
template <>
Status run(const KernelFqi<double>& op, CpuContext& context) {
  return SampledModel<double>(op, context).run();
}

}  // namespace belfry::cpu
