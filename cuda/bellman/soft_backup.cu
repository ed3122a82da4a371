// soft_backup, two forms: V = τ log Σ_a exp(Q/τ) and its relatives, once or to the fixed point, as
// on the CPU. Two launches: the sweep that writes Q, then a group of lanes per state over its
// actions. The device judges every kSweepsPerLook-th sweep of the solve (cuda/device/loop.cuh).
#include <algorithm>

#include "cuda/bellman/row_backup.cuh"
#include "cuda/bellman/stop.cuh"
#include "math/soft_choice.h"
#include "ops/bellman/backups.h"

namespace belfry::cuda {

namespace {

constexpr int64_t kSweepsPerLook = 4;  // even: two buffers take turns

// What a state makes of its Q; a null output is not wanted.
template <class T>
struct SoftStates {
  math::FlagReader mask;
  int64_t num_states, num_actions;
  double tau, rounding;
  const T *q, *ref;
  T *v_soft, *v_ref, *v_mellowmax, *policy_soft, *policy_ref;

  bool wants_anything() const {
    return v_soft || v_ref || v_mellowmax || policy_soft || policy_ref;
  }
  __device__ math::SoftChoice::Action action(int64_t row) const {
    return {mask(row), static_cast<double>(q[row]), ref ? static_cast<double>(ref[row]) : 0.0};
  }
  __device__ void write_values(int64_t state, const math::SoftChoice& own) const {
    if (v_soft) v_soft[state] = static_cast<T>(own.soft_max());
    if (v_ref) v_ref[state] = static_cast<T>(own.reference());
    if (v_mellowmax) v_mellowmax[state] = static_cast<T>(own.mellowmax());
  }
  __device__ void write_policies(int64_t row, const math::SoftChoice& own) const {
    const auto a = action(row);
    if (policy_soft) policy_soft[row] = a.allowed ? static_cast<T>(own.probability(a.q)) : T(0);
    if (policy_ref) {
      policy_ref[row] = a.allowed ? static_cast<T>(own.reference_probability(a.q, a.mu)) : T(0);
    }
  }
};

// `before` and `partials`: the change of v_soft, or null.
template <class T>
__global__ void soft_choices(SoftStates<T> states, const T* before, int lanes,
                             math::Change<double>* partials) {
  math::Change<double> change;
  const GroupRounds rounds(lanes);
  const int lane = lane_id() % lanes;
  for (int64_t base = rounds.first; base < states.num_states; base += rounds.step) {
    const int64_t state = rounds.state(base, states.num_states);
    const int64_t begin = state < 0 ? 0 : state * states.num_actions;
    const int64_t end = state < 0 ? 0 : begin + states.num_actions;
    math::SoftChoice own(states.tau, states.rounding);
    run_machine(lanes, own, begin, end, [&](int64_t row) { return states.action(row); });
    for (int64_t row = begin + lane; row < end; row += lanes) states.write_policies(row, own);
    if (state < 0 || lane != 0) continue;
    states.write_values(state, own);
    if (partials) {
      math::Change<T> moved;
      moved.add(before[state], states.v_soft[state]);
      change.merge(moved);
    }
  }
  if (partials) write_partial(change, partials);
}

template <class T>
int action_lanes(const SoftStates<T>& states) {
  return lanes_for(states.num_states * states.num_actions, states.num_states);
}

template <class T>
cudaError_t start_choices(const SoftStates<T>& states, const T* before,
                          math::Change<double>* partials, cudaStream_t stream) {
  if (!states.wants_anything()) return cudaSuccess;
  const int lanes = action_lanes(states);
  return launch(soft_choices<T>, group_shape(states.num_states, lanes), stream, states, before,
                lanes, partials);
}

// Q = r + γ P V of every row.
template <class T, class Op>
Backup<T> q_backup(const Op& op, T* q) {
  auto backup = empty_backup<T>(op.rewards.dims[0], op.rewards.dims[1], op.gamma);
  backup.rewards = op.rewards.begin();
  backup.mask = math::read_flags(op.action_mask, true);
  backup.q_values = q;
  return backup;
}
template <class T, class Op>
SoftStates<T> soft_states(const Op& op, const T* q) {
  SoftStates<T> states{};
  states.mask = math::read_flags(op.action_mask, true);
  states.num_states = op.rewards.dims[0];
  states.num_actions = op.rewards.dims[1];
  states.tau = op.tau;
  states.rounding = math::mass_rounding(std::numeric_limits<T>::epsilon());
  states.q = q;
  return states;
}

template <class T>
Status soft_backup(const SoftBackup<T>& op, CudaContext& context) {
  T* q = op.q_soft ? op.q_soft.begin() : context.scratch<T>(op.rewards.size());
  if (!q) return context.failure();
  auto backup = q_backup<T>(op, q);
  backup.values = op.values.begin();
  cudaError_t error =
      sweep<T>(sparse_rows<T>(op), lanes_of(op), backup, nullptr, nullptr, context.stream());
  auto states = soft_states<T>(op, q);
  if (op.ref_policy) states.ref = op.ref_policy.begin();
  states.v_soft = wanted(op.v_soft);
  states.policy_soft = wanted(op.policy_soft);
  states.v_ref = wanted(op.v_ref);
  states.policy_ref = wanted(op.policy_ref);
  states.v_mellowmax = wanted(op.v_mellowmax);
  if (error == cudaSuccess) {
    error = start_choices<T>(states, nullptr, nullptr, context.stream());
  }
  return device_status(error, "soft_backup");
}

template <class T>
class SoftSolver {
 public:
  SoftSolver(const SoftFixedPoint<T>& op, CudaContext& context)
      : op_(op), context_(context), num_states_(op.rewards.dims[0]), lanes_(lanes_of(op)) {}

  Status run() {
    if (Status s = begin(); !s.ok()) return s;
    double mass = 0;
    if (Status s = largest_mass(&mass); !s.ok()) return s;
    const bool excess = mass > 1 + math::kMassSlack<T>;
    const math::StopTest test({excess ? op_.gamma * mass : op_.gamma, true}, false, op_.tolerance,
                              static_cast<double>(std::numeric_limits<T>::epsilon()));
    SolveState state{{}, test};
    step(begin_solve(state_, state, context_.stream()));
    if (Status s = status(); !s.ok()) return s;
    const Loop loop{kName, kSweepsPerLook,    kSweepsPerLook, op_.max_iterations,
                    0,     op_.max_iterations};
    const auto one = [this] { return one_sweep(); };
    int64_t iterations = 0;
    Status s = run_loop(loop, one, JudgeSweeps{state_}, context_, &iterations);
    if (s.ok()) s = context_.read_back(&state, state_, sizeof state);
    if (!s.ok()) return s;
    write_solution();
    store(op_.iterations, static_cast<int32_t>(iterations));
    store(op_.residual_inf, static_cast<T>(state.change.residual()));
    store<uint8_t>(op_.converged, state.verdict == math::Verdict::converged);
    return status();
  }

 private:
  static constexpr const char* kName = "soft_backup";
  Status status() const { return device_status(error_, kName); }
  void step(cudaError_t error) {
    if (error_ == cudaSuccess) error_ = error;
  }
  template <class V>
  void store(const Out<V, 0>& output, V value) {
    if (!output) return;
    step(store_scalar(output.begin(), value, context_.stream()));
  }

  Status begin() {
    q_ = op_.q_soft ? op_.q_soft.begin() : context_.scratch<T>(op_.rewards.size());
    if (q_) now_ = context_.scratch<T>(num_states_);
    if (now_) next_ = context_.scratch<T>(num_states_);
    const int64_t of_rows = group_shape(num_states_, lanes_).grid.x;
    num_partials_ = group_shape(num_states_, action_lanes(soft_states<T>(op_, q_))).grid.x;
    const int64_t most = std::max(of_rows, num_partials_);
    if (next_) partials_ = context_.scratch<math::Change<double>>(most);
    if (partials_) state_ = context_.scratch<SolveState>(1);
    if (!state_) return context_.failure();
    step(clear_values(now_, num_states_, context_.stream()));
    return status();
  }

  // Values of 1 without rewards and discount back up to the mass of a row.
  Status largest_mass(double* mass) {
    step(shift_values(now_, 1.0, num_states_, next_, context_.stream()));
    auto backup = q_backup<T>(op_, static_cast<T*>(nullptr));
    backup.rewards = nullptr;
    backup.gamma = 1;
    backup.values = next_;
    backup.before = now_;
    step(sweep(sparse_rows<T>(op_), lanes_, backup, partials_, &state_->change, context_.stream()));
    if (Status s = status(); !s.ok()) return s;
    math::Change<double> masses;
    if (Status s = context_.read_back(&masses, &state_->change, sizeof masses); !s.ok()) return s;
    *mass = masses.high;
    return {};
  }
  cudaError_t write_q() {
    auto backup = q_backup<T>(op_, q_);
    backup.values = now_;
    return sweep<T>(sparse_rows<T>(op_), lanes_, backup, nullptr, nullptr, context_.stream());
  }
  cudaError_t one_sweep() {
    auto states = soft_states<T>(op_, q_);
    states.v_soft = next_;
    const auto stream = context_.stream();
    const cudaError_t error =
        in_order([&] { return write_q(); },
                 [&] { return start_choices<T>(states, now_, partials_, stream); },
                 [&] { return combine(partials_, num_partials_, &state_->change, stream); });
    std::swap(now_, next_);
    return error;
  }
  void write_solution() {
    step(write_q());
    auto states = soft_states<T>(op_, q_);
    states.policy_soft = wanted(op_.policy_soft);
    step(start_choices<T>(states, nullptr, nullptr, context_.stream()));
    if (op_.v_soft) step(copy_values(op_.v_soft.begin(), now_, num_states_, context_.stream()));
  }

  const SoftFixedPoint<T>& op_;
  CudaContext& context_;
  const int64_t num_states_;
  const int lanes_;
  int64_t num_partials_ = 0;
  T *q_ = nullptr, *now_ = nullptr, *next_ = nullptr;
  math::Change<double>* partials_ = nullptr;
  SolveState* state_ = nullptr;  // on the device
  cudaError_t error_ = cudaSuccess;
};

template <class T>
Status soft_fixed_point(const SoftFixedPoint<T>& op, CudaContext& context) {
  return SoftSolver<T>(op, context).run();
}

}  // namespace

template <>
Status run(const SoftBackup<float>& op, CudaContext& context) {
  return soft_backup(op, context);
}
template <>
Status run(const SoftBackup<double>& op, CudaContext& context) {
  return soft_backup(op, context);
}

template <>
Status run(const SoftFixedPoint<float>& op, CudaContext& context) {
  return soft_fixed_point(op, context);
}
template <>
Status run(const SoftFixedPoint<double>& op, CudaContext& context) {
  return soft_fixed_point(op, context);
}

}  // namespace belfry::cuda
