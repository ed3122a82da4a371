// lstd_lspi: LSTDQ, Bellman residual minimisation and LSTD(λ). The system is summed over blocks of
// rows as matrix products, 2 N k² flops, and solved by LU with partial pivoting. The policy
// iteration is in lspi.cc.
#include <cmath>

#include "cpu/fitted-q/moments.h"
#include "cpu/run.h"
#include "math/least_squares.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

template <class T>
void write(const double* from, int64_t count, T* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = static_cast<T>(from[i]);
}

// What the rows of an op with followed features hold.
template <class T>
struct FollowedRows {
  const T *phi, *next_phi, *rewards;
  math::FlagReader terminated;
  int64_t size;
  double gamma;

  template <class Op>
  explicit FollowedRows(const Op& op)
      : phi(op.phi.begin()),
        next_phi(op.next_phi_pi.begin()),
        rewards(op.rewards.begin()),
        terminated(math::read_flags(op.terminated, false)),
        size(op.phi.dims[1]),
        gamma(op.gamma) {}

  void features(int64_t row, double* out) const {
    for (int64_t i = 0; i < size; ++i) out[i] = static_cast<double>(phi[row * size + i]);
  }
  void difference(int64_t row, double* out) const {
    const bool follows = !terminated(row);
    for (int64_t i = 0; i < size; ++i) {
      const int64_t at = row * size + i;
      out[i] = math::temporal_difference(phi[at], next_phi[at], gamma, follows);
    }
  }
};

template <class T>
Status finish(const LinearSystem& system, const char* features, const Out<T, 1>& w,
              CpuContext& context) {
  if (!w) return {};
  double* const weights = context.scratch<double>(system.size);
  if (!solve(system, context, weights)) return math::unsolvable_system(features, is_finite(system));
  write(weights, system.size, w.begin());
  return {};
}

template <class T, class Op>
Status write_system(const Op& op, const LinearSystem& system, const char* features,
                    CpuContext& context) {
  if (context.stopped()) return aborted();
  system.add_ridge(op.ridge);
  if (op.matrix) write(system.matrix, system.size * system.size, op.matrix.begin());
  if (op.vector) write(system.vector, system.size, op.vector.begin());
  return finish<T>(system, features, op.w, context);
}

template <class T>
Status lstd(const Lstdq<T>& op, CpuContext& context) {
  const FollowedRows<T> rows(op);
  const LinearSystem system(rows.size, context);
  const auto fill = [&](int64_t first, int64_t count, const MomentBlock& block) {
    for (int64_t n = 0; n < count; ++n) {
      rows.features(first + n, block.left + n * rows.size);
      rows.difference(first + n, block.right + n * rows.size);
      block.targets[n] = static_cast<double>(rows.rewards[first + n]);
    }
  };
  add_moments(op.phi.dims[0], fill, context, system);
  return write_system<T>(op, system, "phi", context);
}

template <class T>
double residual_norm(const FollowedRows<T>& rows, int64_t num_rows, const double* w,
                     CpuContext& context) {
  double* const row = context.scratch<double>(rows.size);
  double squares = 0;
  for (int64_t n = 0; n < num_rows; ++n) {
    rows.difference(n, row);
    double dot = 0;
    linear_dots(row, rows.size, 1, rows.size, w, &dot);
    const double error = dot - static_cast<double>(rows.rewards[n]);
    squares += error * error;
  }
  return std::sqrt(squares);
}

template <class T>
Status lstd(const BellmanResidual<T>& op, CpuContext& context) {
  const FollowedRows<T> rows(op);
  const LinearSystem system(rows.size, context);
  const auto fill = [&](int64_t first, int64_t count, const MomentBlock& block) {
    for (int64_t n = 0; n < count; ++n) {
      rows.difference(first + n, block.left + n * rows.size);
      block.targets[n] = static_cast<double>(rows.rewards[first + n]);
    }
    std::copy_n(block.left, count * rows.size, block.right);
  };
  add_moments(op.phi.dims[0], fill, context, system);
  if (context.stopped()) return aborted();
  system.add_ridge(op.ridge);
  double* const w = context.scratch<double>(system.size);
  if (!solve(system, context, w)) return math::unsolvable_system("phi", is_finite(system));
  if (op.w) write(w, system.size, op.w.begin());
  if (op.residual_norm) {
    op.residual_norm[0] = static_cast<T>(residual_norm(rows, op.phi.dims[0], w, context));
  }
  return {};
}

// The traces of LSTD(λ) at the start of every block, so that blocks can be summed side by side.
template <class T>
class Traces {
 public:
  Traces(const LstdLambda<T>& op, CpuContext& context)
      : x_(op.x.begin()),
        terminated_(math::read_flags(op.terminated, false)),
        size_(op.x.dims[1]),
        decay_(op.gamma * op.lambda) {
    const int64_t num_rows = op.x.dims[0], blocks = (num_rows + kMomentRows - 1) / kMomentRows;
    starts_ = context.scratch<double>(blocks * size_);
    double* const trace = context.scratch<double>(size_);
    std::fill_n(trace, size_, 0.0);
    for (int64_t n = 0; n < num_rows; ++n) {
      if (n % kMomentRows == 0) std::copy_n(trace, size_, starts_ + n / kMomentRows * size_);
      advance(n, trace, trace);
    }
  }

  // z of rows [first, first + count), `first` the start of a block.
  void fill(int64_t first, int64_t count, double* out) const {
    const double* before = starts_ + first / kMomentRows * size_;
    for (int64_t n = 0; n < count; ++n, out += size_) {
      advance(first + n, before, out);
      before = out;
    }
  }

 private:
  void advance(int64_t row, const double* before, double* after) const {
    const bool fresh = row == 0 || terminated_(row - 1);
    for (int64_t i = 0; i < size_; ++i) {
      const double feature = static_cast<double>(x_[row * size_ + i]);
      after[i] = math::eligibility(before[i], decay_, feature, fresh);
    }
  }

  const T* x_;
  math::FlagReader terminated_;
  int64_t size_;
  double decay_;
  double* starts_ = nullptr;
};

template <class T>
Status lstd(const LstdLambda<T>& op, CpuContext& context) {
  const int64_t size = op.x.dims[1];
  const LinearSystem system(size, context);
  const Traces<T> traces(op, context);
  const auto terminated = math::read_flags(op.terminated, false);
  const auto fill = [&](int64_t first, int64_t count, const MomentBlock& block) {
    traces.fill(first, count, block.left);
    for (int64_t n = 0; n < count; ++n) {
      const bool follows = !terminated(first + n);
      for (int64_t i = 0; i < size; ++i) {
        const int64_t at = (first + n) * size + i;
        block.right[n * size + i] =
            math::temporal_difference(op.x[at], op.next_x[at], op.gamma, follows);
      }
      block.targets[n] = static_cast<double>(op.rewards[first + n]);
    }
  };
  add_moments(op.x.dims[0], fill, context, system);
  return write_system<T>(op, system, "x", context);
}

}  // namespace

#define BELFRY_RUN(Op)                            \
  template <>                                     \
  Status run(const Op& op, CpuContext& context) { \
    return lstd(op, context);                     \
  }
BELFRY_RUN(Lstdq<float>)
BELFRY_RUN(Lstdq<double>)
BELFRY_RUN(BellmanResidual<float>)
BELFRY_RUN(BellmanResidual<double>)
BELFRY_RUN(LstdLambda<float>)
BELFRY_RUN(LstdLambda<double>)
#undef BELFRY_RUN

}  // namespace belfry::cpu
