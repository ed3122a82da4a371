// lstd_lspi, form lspi. Between two policies only the rows whose greedy action changed enter the
// system anew: A += γ Σ φ (φ'_before − φ'_after)ᵀ. Every iteration reads Φ' once, N A k values,
// and solves a system of k unknowns.
#include <cmath>

#include "cpu/fitted-q/moments.h"
#include "cpu/run.h"
#include "math/bellman.h"
#include "math/least_squares.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kRemembered = 10;
// Sums in another order may differ by this much where the same policy comes again.
constexpr double kSameWeights = 1e-12;

double distance(const double* a, const double* b, int64_t size) {
  double sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

template <class T>
class PolicyIterator {
 public:
  PolicyIterator(const Lspi<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        num_rows_(op.phi.dims[0]),
        num_actions_(op.next_phi.dims[1]),
        size_(op.phi.dims[1]),
        terminated_(math::read_flags(op.terminated, false)),
        allowed_(math::read_flags(op.next_action_mask, true)),
        system_(size_, context),
        w_(context.scratch<double>(size_)),
        history_(context.scratch<double>(kRemembered * size_)),
        now_(context.scratch<int32_t>(num_rows_)),
        before_(context.scratch<int32_t>(num_rows_)),
        changed_(context.scratch<int32_t>(num_rows_)) {
    std::fill_n(w_, size_, op.w0);
  }

  Status run() {
    choose();
    build();
    int64_t solves = 0;
    bool converged = false;
    for (bool stop = false; !stop && solves < op_.max_iter;) {
      remember(solves);
      if (context_.stopped()) return aborted();
      if (!solve(system_, context_, w_)) {
        return math::unsolvable_system("phi", is_finite(system_));
      }
      ++solves;
      const double step = distance(w_, remembered(solves - 1), size_);
      converged = step < op_.tol || step == 0;
      context_.report(solves, op_.max_iter, step);
      std::swap(now_, before_);
      choose();
      stop = converged || came_before(solves);
      if (!stop) update();
    }
    if (context_.stopped()) return aborted();
    write(solves, converged);
    return {};
  }

 private:
  // The greedy action of every row, terminal ones too.
  void choose() {
    context_.parallel(num_rows_, chunk_for(num_actions_ * (size_ + 4) + 4),
                      [&](int64_t begin, int64_t end, int64_t) {
                        for (int64_t row = begin; row < end; ++row) now_[row] = best_action(row);
                      });
  }
  int32_t best_action(int64_t row) const {
    math::GreedyChoice<double> best;
    for (int64_t a = 0; a < num_actions_; ++a) {
      const int64_t at = row * num_actions_ + a;
      if (!allowed_(at)) continue;
      double q = 0;
      linear_dots(op_.next_phi.begin() + at * size_, size_, 1, size_, w_, &q);
      best.offer(static_cast<int32_t>(a), q);
    }
    return best.action;
  }

  // φ' of an action, or null where nothing follows.
  const T* next_features(int64_t row, int32_t action) const {
    if (action < 0 || terminated_(row) || op_.gamma == 0) return nullptr;
    return op_.next_phi.begin() + (row * num_actions_ + action) * size_;
  }
  void features(int64_t row, double* out) const {
    const T* phi = op_.phi.begin() + row * size_;
    for (int64_t i = 0; i < size_; ++i) out[i] = static_cast<double>(phi[i]);
  }
  void add_scaled(const T* features, double factor, double* out) const {
    if (!features) return;
    for (int64_t i = 0; i < size_; ++i) out[i] += factor * static_cast<double>(features[i]);
  }

  void build() {
    const auto fill = [&](int64_t first, int64_t count, const MomentBlock& block) {
      for (int64_t n = 0; n < count; ++n) {
        const int64_t row = first + n;
        features(row, block.left + n * size_);
        std::copy_n(block.left + n * size_, size_, block.right + n * size_);
        add_scaled(next_features(row, now_[row]), -op_.gamma, block.right + n * size_);
        block.targets[n] = static_cast<double>(op_.rewards[row]);
      }
    };
    add_moments(num_rows_, fill, context_, system_);
    system_.add_ridge(op_.ridge);
  }

  void update() {
    int64_t count = 0;
    for (int64_t row = 0; row < num_rows_; ++row) {
      if (now_[row] != before_[row] && !terminated_(row) && op_.gamma != 0) {
        changed_[count++] = static_cast<int32_t>(row);
      }
    }
    const auto fill = [&](int64_t first, int64_t rows, const MomentBlock& block) {
      for (int64_t n = 0; n < rows; ++n) {
        const int64_t row = changed_[first + n];
        double* const right = block.right + n * size_;
        features(row, block.left + n * size_);
        std::fill_n(right, size_, 0.0);
        add_scaled(next_features(row, before_[row]), op_.gamma, right);
        add_scaled(next_features(row, now_[row]), -op_.gamma, right);
        block.targets[n] = 0;
      }
    };
    add_moments(count, fill, context_, system_);
  }

  double* remembered(int64_t solve) const { return history_ + solve % kRemembered * size_; }
  void remember(int64_t solve) { std::copy_n(w_, size_, remembered(solve)); }
  bool came_before(int64_t solves) const {
    const double near = kSameWeights * (1 + norm());
    for (int64_t i = std::max<int64_t>(0, solves - kRemembered); i + 1 < solves; ++i) {
      if (distance(w_, remembered(i), size_) <= near) return true;
    }
    return false;
  }
  double norm() const {
    double sum = 0;
    for (int64_t i = 0; i < size_; ++i) sum += w_[i] * w_[i];
    return std::sqrt(sum);
  }

  void write(int64_t solves, bool converged) const {
    for (int64_t i = 0; op_.w && i < size_; ++i) op_.w[i] = static_cast<T>(w_[i]);
    if (op_.num_iterations) op_.num_iterations[0] = static_cast<int32_t>(solves);
    if (op_.next_greedy) std::copy_n(now_, num_rows_, op_.next_greedy.begin());
    if (op_.converged) op_.converged[0] = converged;
  }

  const Lspi<T>& op_;
  CpuContext& context_;
  const int64_t num_rows_, num_actions_, size_;
  const math::FlagReader terminated_, allowed_;
  const LinearSystem system_;
  double *w_, *history_;
  int32_t *now_, *before_, *changed_;
};

}  // namespace

template <>
Status run(const Lspi<float>& op, CpuContext& context) {
  return PolicyIterator<float>(op, context).run();
}
template <>
Status run(const Lspi<double>& op, CpuContext& context) {
  return PolicyIterator<double>(op, context).run();
}

}  // namespace belfry::cpu
