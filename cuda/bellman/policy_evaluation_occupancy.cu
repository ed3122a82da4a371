// policy_evaluation_occupancy: V = (I − γ P_π)⁻¹ r_π, Q = r + γ P V, and the discounted occupancy
// d = (1−γ)(I − γ P_πᵀ)⁻¹ μ_0.
//
// Both systems are solved by Jacobi sweeps in float64, until a sweep changes the vector by no more
// than the tolerance (which is the residual of the vector before it) or by rounding. V sweeps over
// the model itself; the occupancy sweeps over P_πᵀ, which is made on the host once (the model is
// read back for it, as it is to see whether every state reaches the end when γ = 1). The device
// judges the first sweep and every kSweepsPerLook-th after it (cuda/device/loop.cuh). An action
// with π = 0 takes no part. With γ = 1 the occupancy is 0.
#include <algorithm>
#include <cmath>

#include "cuda/bellman/model.cuh"
#include "cuda/bellman/stop.cuh"
#include "cuda/bellman/transpose.cuh"

namespace belfry::cuda {

namespace {

constexpr int64_t kSweepsPerLook = 8;  // even: two buffers take turns
constexpr double kRounding = 4 * std::numeric_limits<double>::epsilon();

// Of Jacobi sweeps, in device memory.
struct JacobiState {
  math::Change<double> change;
  double start;  // size of the right side, which the first sweep gives from 0
  bool has_start, is_still;
};

struct JudgeJacobi {
  JacobiState* state;
  double tolerance;

  __device__ bool operator()(int64_t, double* residual) const {
    const math::Change<double>& change = state->change;
    *residual = change.residual();
    if (!state->has_start) state->start = change.largest;
    state->has_start = true;
    const double bound = tolerance * state->start + kRounding * change.largest;
    state->is_still = change.empty() || change.residual() <= bound;
    return !state->is_still && !change.nan;
  }
};

template <class T>
__global__ void policy_backup(SparseRows<T> rows, int lanes, Backup<T> model, const T* policy,
                              double gamma, const double* now, double* next,
                              math::Change<double>* partials) {
  math::Change<double> change;
  const GroupRounds rounds(lanes);
  for (int64_t base = rounds.first; base < model.num_states; base += rounds.step) {
    const int64_t state = rounds.state(base, model.num_states);
    double value = 0;
    for (int64_t a = 0; a < model.num_actions; ++a) {
      const int64_t row = state < 0 ? -1 : state * model.num_actions + a;
      const double sum = row_sum(rows, lanes, row, now, model.num_columns);
      const double taken = row < 0 ? 0 : static_cast<double>(policy[row]);
      if (taken == 0) continue;
      const double reward = static_cast<double>(model.rewards[row]);
      value += math::policy_term(taken, math::q_value(reward, gamma, sum));
    }
    if (state < 0 || lane_id() % lanes != 0) continue;
    next[state] = value;
    change.add(now[state], value);
  }
  write_partial(change, partials);
}

template <class T>
__global__ void subtract_values(const T* q, const T* values, int64_t num_rows, int64_t num_actions,
                                T* out) {
#pragma unroll 1
  for (int64_t row : grid_stride(num_rows)) out[row] = q[row] - values[row / num_actions];
}
template <class T>
__global__ void scale_start(const T* mu0, double factor, int64_t count, double* out) {
#pragma unroll 1
  for (int64_t s : grid_stride(count)) out[s] = factor * static_cast<double>(mu0[s]);
}
template <class T>
__global__ void spread_over_actions(const double* d, const T* policy, int64_t num_rows,
                                    int64_t num_actions, T* out) {
#pragma unroll 1
  for (int64_t row : grid_stride(num_rows)) {
    out[row] = static_cast<T>(d[row / num_actions] * static_cast<double>(policy[row]));
  }
}

// P_πᵀ from the rows of a model.
template <class T>
HostRows<double> incoming_rows(const HostRows<T>& model, const std::vector<T>& policy,
                               int64_t num_states) {
  HostRows<double> rows;
  const int64_t num_actions = num_states > 0 ? model.num_rows() / num_states : 0;
  rows.row_ptr.push_back(0);
  for (int64_t s = 0; s < num_states; ++s) {
    for (int64_t row = s * num_actions; row < (s + 1) * num_actions; ++row) {
      const auto r = static_cast<size_t>(row);
      if (policy[r] == 0) continue;
      for (int32_t e = model.row_ptr[r]; e < model.row_ptr[r + 1]; ++e) {
        const auto entry = static_cast<size_t>(e);
        rows.col.push_back(model.col[entry]);
        rows.prob.push_back(static_cast<double>(policy[r]) *
                            static_cast<double>(model.prob[entry]));
      }
    }
    rows.row_ptr.push_back(static_cast<int32_t>(rows.col.size()));
  }
  return transpose(rows, num_states);
}

// Backwards from the states that may end at once, along the transitions that can happen.
bool every_state_ends(const HostRows<double>& incoming, int64_t num_states, double slack) {
  std::vector<double> mass(static_cast<size_t>(num_states), 0.0);
  for (size_t e = 0; e < incoming.col.size(); ++e) {
    mass[static_cast<size_t>(incoming.col[e])] += incoming.prob[e];
  }
  std::vector<uint8_t> reached(mass.size(), 0);
  std::vector<int32_t> queue;
  for (size_t s = 0; s < mass.size(); ++s) {
    reached[s] = mass[s] < 1 - slack;
    if (reached[s]) queue.push_back(static_cast<int32_t>(s));
  }
  for (size_t done = 0; done < queue.size(); ++done) {
    const auto s = static_cast<size_t>(queue[done]);
    for (int32_t e = incoming.row_ptr[s]; e < incoming.row_ptr[s + 1]; ++e) {
      const auto from = static_cast<size_t>(incoming.col[static_cast<size_t>(e)]);
      if (reached[from] || incoming.prob[static_cast<size_t>(e)] == 0) continue;
      reached[from] = 1;
      queue.push_back(static_cast<int32_t>(from));
    }
  }
  return queue.size() == mass.size();
}

template <class T>
class Evaluation {
 public:
  Evaluation(const PolicyEvaluationOccupancy<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.rewards.dims[1]),
        model_(empty_backup<T>(num_states_, num_actions_, op.gamma)) {
    model_.rewards = op.rewards.begin();
  }

  Status run() {
    now_ = context_.scratch<double>(num_states_);
    if (now_) next_ = context_.scratch<double>(num_states_);
    const int64_t most = group_shape(num_states_, kWarpSize).grid.x;
    if (next_) partials_ = context_.scratch<math::Change<double>>(most);
    if (partials_) state_ = context_.scratch<JacobiState>(1);
    if (!state_) return context_.failure();
    const bool wants_occupancy = op_.occupancy_s || op_.occupancy_sa;
    if (op_.gamma >= 1 || wants_occupancy) {
      if (Status s = read_model(); !s.ok()) return s;
    }
    bool converged = op_.gamma < 1 || every_state_ends(incoming_, num_states_, math::kMassSlack<T>);
    if (Status s = evaluate(converged); !s.ok()) return s;
    if (wants_occupancy) {
      if (Status s = occupy(converged); !s.ok()) return s;
    }
    if (op_.converged) {
      step(store_scalar(op_.converged.begin(), static_cast<uint8_t>(converged), context_.stream()));
    }
    return status();
  }

 private:
  static constexpr const char* kName = "policy_evaluation_occupancy";
  Status status() const { return device_status(error_, kName); }
  void step(cudaError_t error) {
    if (error_ == cudaSuccess) error_ = error;
  }

  Status read_model() {
    HostRows<T> model;
    std::vector<T> policy;
    if (Status s = download_rows(op_, model, context_); !s.ok()) return s;
    if (Status s = download(op_.policy.begin(), op_.policy.size(), policy, context_); !s.ok()) {
      return s;
    }
    incoming_ = incoming_rows(model, policy, num_states_);
    return {};
  }

  // `once` queues one sweep from now_ to next_, with its change; looks after `first` of them.
  template <class Once, class Judge>
  Status sweeps(const Once& once, int64_t first, int64_t most, const Judge& judge) {
    const auto one = [&] {
      const cudaError_t error = once();
      std::swap(now_, next_);
      return error;
    };
    int64_t made = 0;
    return run_loop(Loop{kName, first, kSweepsPerLook, most}, one, judge, context_, &made);
  }
  // From 0 in `now_` until it stands still.
  template <class Once>
  Status until_still(const Once& once, bool& converged) {
    JacobiState state{};
    step(begin_solve(state_, state, context_.stream()));
    if (Status s = status(); !s.ok()) return s;
    const JudgeJacobi judge{state_, op_.tolerance};
    if (Status s = sweeps(once, 1, op_.max_iterations, judge); !s.ok()) return s;
    if (Status s = context_.read_back(&state, state_, sizeof state); !s.ok()) return s;
    converged = converged && state.is_still;
    return {};
  }

  cudaError_t sweep_policy() {
    const int lanes = lanes_of(op_);
    const auto shape = group_shape(num_states_, lanes);
    const cudaError_t error =
        launch(policy_backup<T>, shape, context_.stream(), sparse_rows<T>(op_), lanes, model_,
               op_.policy.begin(), op_.gamma, now_, next_, partials_);
    return error == cudaSuccess
               ? combine(partials_, shape.grid.x, &state_->change, context_.stream())
               : error;
  }

  Status evaluate(bool& converged) {
    const auto stream = context_.stream();
    step(clear_values(now_, num_states_, stream));
    if (op_.values_after_sweeps) {
      const auto once = [&] { return sweep_policy(); };
      const KeepSweeping judge{&state_->change};
      if (Status s = sweeps(once, kSweepsPerLook, op_.num_sweeps, judge); !s.ok()) return s;
      step(shift_values(now_, 0.0, num_states_, op_.values_after_sweeps.begin(), stream));
      step(clear_values(now_, num_states_, stream));
    }
    if (!op_.values && !op_.q_values && !op_.adv && !op_.converged) return status();
    if (Status s = until_still([&] { return sweep_policy(); }, converged); !s.ok()) return s;
    T* own = op_.values ? op_.values.begin() : context_.scratch<T>(num_states_);
    if (!own) return context_.failure();
    step(shift_values(now_, 0.0, num_states_, own, stream));
    if (op_.q_values || op_.adv) write_q(own);
    return status();
  }
  void write_q(const T* values) {
    Backup<T> backup = model_;
    backup.values = values;
    backup.q_values = op_.q_values ? op_.q_values.begin() : op_.adv.begin();
    const auto stream = context_.stream();
    step(sweep<T>(sparse_rows<T>(op_), lanes_of(op_), backup, nullptr, nullptr, stream));
    if (!op_.adv) return;
    const int64_t num_rows = num_states_ * num_actions_;
    step(launch(subtract_values<T>, element_shape(num_rows), stream, backup.q_values, values,
                num_rows, num_actions_, op_.adv.begin()));
  }

  Status occupy(bool& converged) {
    const auto stream = context_.stream();
    const auto shape = element_shape(num_states_);
    double* start = context_.scratch<double>(num_states_);
    if (!start) return context_.failure();
    step(launch(scale_start<T>, shape, stream, op_.mu0.begin(), 1 - op_.gamma, num_states_, start));
    step(clear_values(now_, num_states_, stream));
    if (op_.gamma < 1) {
      SparseRows<double> rows{};
      if (Status s = upload_rows(incoming_, rows, context_); !s.ok()) return s;
      const int lanes = lanes_for(static_cast<int64_t>(incoming_.col.size()), num_states_);
      auto backup = empty_backup<double>(num_states_, 1, op_.gamma);
      backup.rewards = start;
      const auto once = [&] {
        backup.values = backup.before = now_;
        backup.values_out = next_;
        return sweep(rows, lanes, backup, partials_, &state_->change, stream);
      };
      if (Status s = until_still(once, converged); !s.ok()) return s;
    }
    if (op_.occupancy_s) {
      step(shift_values(now_, 0.0, num_states_, op_.occupancy_s.begin(), stream));
    }
    if (op_.occupancy_sa) {
      const int64_t num_rows = num_states_ * num_actions_;
      step(launch(spread_over_actions<T>, element_shape(num_rows), stream, now_, op_.policy.begin(),
                  num_rows, num_actions_, op_.occupancy_sa.begin()));
    }
    return status();
  }

  const PolicyEvaluationOccupancy<T>& op_;
  CudaContext& context_;
  const int64_t num_states_, num_actions_;
  Backup<T> model_;
  HostRows<double> incoming_;
  double *now_ = nullptr, *next_ = nullptr;
  math::Change<double>* partials_ = nullptr;
  JacobiState* state_ = nullptr;  // on the device
  cudaError_t error_ = cudaSuccess;
};

}  // namespace

template <>
Status run(const PolicyEvaluationOccupancy<float>& op, CudaContext& context) {
  return Evaluation<float>(op, context).run();
}
template <>
Status run(const PolicyEvaluationOccupancy<double>& op, CudaContext& context) {
  return Evaluation<double>(op, context).run();
}

}  // namespace belfry::cuda
