// value_iteration: V_{n+1} = T V_n with the extremes of δ from the same sweep, as on the CPU (see
// native/cpu/bellman/value_iteration.cc for the rules). The device judges the extremes of every
// kSweepsPerLook-th sweep by math/value_iteration.h, in a loop of its own (cuda/device/loop.cuh),
// so the solve may make up to kSweepsPerLook − 1 sweeps more than it needs.
#include <algorithm>

#include "cuda/bellman/model.cuh"
#include "cuda/bellman/stop.cuh"

namespace belfry::cuda {

namespace {

constexpr int64_t kSweepsPerLook = 4;  // even: two buffers take turns

// Smallest and largest mass of an allowed row, as a Change; a state without one counts as mass 0.
template <class T>
__global__ void row_masses(SparseRows<T> rows, math::FlagReader mask, int64_t num_states,
                           int64_t num_actions, math::Change<double>* partials) {
  math::Change<double> masses;
#pragma unroll 1
  for (int64_t s : grid_stride(num_states)) {
    bool any_allowed = false;
    for (int64_t row = s * num_actions; row < (s + 1) * num_actions; ++row) {
      if (!mask(row)) continue;
      double mass = 0;
      for (int64_t e = rows.begin(row); e < rows.end(row); ++e) {
        mass += static_cast<double>(rows.prob[e]);
      }
      masses.add(0.0, mass);
      any_allowed = true;
    }
    if (!any_allowed) masses.add(0.0, 0.0);
  }
  write_partial(masses, partials);
}

template <class T>
__global__ void shift_states(const T* in, double shift, math::FlagReader mask, int64_t num_states,
                             int64_t num_actions, T* out) {
#pragma unroll 1
  for (int64_t s : grid_stride(num_states)) {
    out[s] = math::shifted(in[s], shift, math::any_allowed(mask, s, num_actions));
  }
}

template <class T>
class Solver {
 public:
  Solver(const ValueIteration<T>& op, CudaContext& context)
      : op_(op),
        context_(context),
        num_states_(op.rewards.dims[0]),
        num_actions_(op.rewards.dims[1]),
        lanes_(lanes_of(op)),
        num_partials_(group_shape(num_states_, lanes_).grid.x),
        backup_(optimality_backup<T>(op, op.gamma)) {}

  Status run() {
    if (Status s = begin(); !s.ok()) return s;
    if (Status s = fixed_sweeps(); !s.ok()) return s;
    if (Status s = measure_rows(); !s.ok()) return s;
    if (Status s = write_fixed(); !s.ok()) return s;
    if (wants_star()) {
      if (Status s = solve(); !s.ok()) return s;
    }
    write_scalar(op_.residual_inf, static_cast<T>(any_sweep_ ? change_.residual() : inf()));
    write_scalar(op_.span, static_cast<T>(any_sweep_ ? change_.span() : inf()));
    return status();
  }

 private:
  static constexpr const char* kName = "value_iteration";
  static double inf() { return math::kInfinity<double>; }
  static constexpr double kEpsilon = static_cast<double>(std::numeric_limits<T>::epsilon());

  bool wants_star() const {
    return op_.v_star || op_.v_star_lower || op_.v_star_upper || op_.q_star || op_.policy_star ||
           op_.iterations || op_.converged || op_.last_values || op_.stop_state_out;
  }
  Status status() const { return device_status(error_, kName); }
  void step(cudaError_t error) {
    if (error_ == cudaSuccess) error_ = error;
  }

  Status begin() {
    now_ = context_.scratch<T>(num_states_);
    if (now_) next_ = context_.scratch<T>(num_states_);
    const int64_t mass_blocks = element_shape(num_states_).grid.x;
    const int64_t most = std::max(num_partials_, mass_blocks);
    if (next_) partials_ = context_.scratch<math::Change<double>>(most);
    if (partials_) state_ = context_.scratch<SolveState>(1);
    if (!state_) return context_.failure();
    const auto stream = context_.stream();
    if (op_.initial_values)
      step(copy_values(now_, op_.initial_values.begin(), num_states_, stream));
    else
      step(clear_values(now_, num_states_, stream));
    return status();
  }

  // At most `most` sweeps, after the `before` that were made already.
  template <class Judge>
  Status sweeps(int64_t most, int64_t before, const Judge& judge, int64_t* made) {
    const Loop loop{kName, kSweepsPerLook, kSweepsPerLook, most, before};
    const auto one = [this] {
      backup_.values = backup_.before = now_;
      backup_.values_out = next_;
      std::swap(now_, next_);
      return sweep(sparse_rows<T>(op_), lanes_, backup_, partials_, &state_->change,
                   context_.stream());
    };
    any_sweep_ = any_sweep_ || most > 0;
    return run_loop(loop, one, judge, context_, made);
  }
  Status read_change(math::Change<double>* change) {
    return context_.read_back(change, &state_->change, sizeof *change);
  }
  Status fixed_sweeps() {
    if (op_.num_sweeps == 0) return {};
    int64_t made = 0;
    const KeepSweeping judge{&state_->change};
    if (Status s = sweeps(op_.num_sweeps, 0, judge, &made); !s.ok()) return s;
    return read_change(&change_);
  }

  Status measure_rows() {
    if (!op_.lower && !op_.upper && !op_.midpoint && !wants_star()) return {};
    auto shape = element_shape(num_states_);
    shape.shared_bytes = kChangeBytes;
    step(launch(row_masses<T>, shape, context_.stream(), sparse_rows<T>(op_), backup_.mask,
                num_states_, num_actions_, partials_));
    step(combine(partials_, shape.grid.x, &state_->change, context_.stream()));
    if (Status s = status(); !s.ok()) return s;
    math::Change<double> masses;
    if (Status s = read_change(&masses); !s.ok()) return s;
    discount_ = math::discounting<T>(op_.gamma, masses.low, masses.high);
    return {};
  }

  void shift_to(T* out, double shift) {
    step(launch(shift_states<T>, element_shape(num_states_), context_.stream(), now_, shift,
                backup_.mask, num_states_, num_actions_, out));
  }
  void write_shifted(const Out<T, 1>& output, double shift) {
    if (output) shift_to(output.begin(), shift);
  }
  template <class V>
  void write_scalar(const Out<V, 0>& output, V value) {
    if (!output) return;
    step(store_scalar(output.begin(), value, context_.stream()));
  }
  Status write_fixed() {
    const auto bounds = math::macqueen_bounds(change_, discount_.gamma, discount_.leaky);
    if (op_.values) step(copy_values(op_.values.begin(), now_, num_states_, context_.stream()));
    write_shifted(op_.lower, bounds.low);
    write_shifted(op_.upper, bounds.high);
    write_shifted(op_.midpoint, bounds.middle());
    return status();
  }

  Status solve() {
    math::StopTest test(discount_, op_.stop == StopRule::span, op_.tolerance, kEpsilon);
    T remembered[math::kStopStateSize];
    if (op_.stop_state) {
      const Status s = context_.read_back(remembered, op_.stop_state.begin(), sizeof remembered);
      if (!s.ok()) return s;
      test.resume(math::read_stop_state(remembered));
    }
    SolveState state{change_, test};
    step(begin_solve(state_, state, context_.stream()));
    if (Status s = status(); !s.ok()) return s;
    int64_t iterations = 0;
    const JudgeSweeps judge{state_};
    Status s = sweeps(op_.max_iterations, op_.num_sweeps, judge, &iterations);
    if (s.ok()) s = context_.read_back(&state, state_, sizeof state);
    if (!s.ok()) return s;
    change_ = state.change;
    return write_solution(state, iterations);
  }
  Status write_solution(const SolveState& state, int64_t iterations) {
    T remembered[math::kStopStateSize];
    const auto found = state.test.certificate(change_);
    write_shifted(op_.v_star_lower, found.low);
    write_shifted(op_.v_star_upper, found.high);
    if (op_.last_values)
      step(copy_values(op_.last_values.begin(), now_, num_states_, context_.stream()));
    if (op_.stop_state_out) {
      math::write_stop_state(state.test.state(), remembered);
      for (int64_t i = 0; i < math::kStopStateSize; ++i)
        step(store_scalar(op_.stop_state_out.begin() + i, remembered[i], context_.stream()));
    }
    write_star(found.shift);
    write_scalar(op_.iterations, static_cast<int32_t>(iterations));
    write_scalar<uint8_t>(op_.converged, state.verdict == math::Verdict::converged);
    return status();
  }
  // q_star and policy_star are one backup of v_star, which itself stays as it is.
  void write_star(double shift) {
    T* star = op_.v_star ? op_.v_star.begin() : next_;
    shift_to(star, shift);
    if (!op_.q_star && !op_.policy_star) return;
    Backup<T> last = backup_;
    last.values = star;
    last.values_out = nullptr;
    last.policy = wanted(op_.policy_star);
    last.q_values = wanted(op_.q_star);
    step(sweep<T>(sparse_rows<T>(op_), lanes_, last, nullptr, nullptr, context_.stream()));
  }

  const ValueIteration<T>& op_;
  CudaContext& context_;
  const int64_t num_states_, num_actions_;
  const int lanes_;
  const int64_t num_partials_;
  Backup<T> backup_;
  T *now_ = nullptr, *next_ = nullptr;
  math::Change<double>* partials_ = nullptr;
  SolveState* state_ = nullptr;  // on the device
  math::Change<double> change_;
  bool any_sweep_ = false;
  math::Discounting discount_;
  cudaError_t error_ = cudaSuccess;
};

}  // namespace

template <>
Status run(const ValueIteration<float>& op, CudaContext& context) {
  return Solver<float>(op, context).run();
}
template <>
Status run(const ValueIteration<double>& op, CudaContext& context) {
  return Solver<double>(op, context).run();
}

}  // namespace belfry::cuda
