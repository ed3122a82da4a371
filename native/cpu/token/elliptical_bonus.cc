// elliptical_bonus: novelty of a response in its group, x = hᵀ Λ⁻¹ h with Λ = λI + Σ h hᵀ (arXiv
// 2510.11686).
//
// A group of k responses with d features is solved in the smaller of two forms. k ≤ d: with the
// Gram matrix G = H Hᵀ, x = diag((G + λI)⁻¹ G) and 1 − x = λ diag((G + λI)⁻¹), neither of which
// cancels. d < k: x = |L⁻¹ h|², L the Cholesky factor of Λ. O(k² d + k³) or O(k d² + d³), in
// float64.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/sample_groups.h"
#include "ops/token/statistics.h"

namespace belfry::cpu {

namespace {

// Spreads below this share of the largest number are rounding.
constexpr double kRounding = 1e-10;

// Lower Cholesky factor of the n × n matrix, in place. The pivots of λI + (positive) are at least
// λ.
void factorize(double* matrix, int64_t n, double lambda) {
  for (int64_t i = 0; i < n; ++i) {
    double* row = matrix + i * n;
    for (int64_t j = 0; j <= i; ++j) {
      const double* other = matrix + j * n;
      double sum = row[j];
      for (int64_t c = 0; c < j; ++c) sum -= row[c] * other[c];
      if (i == j)
        row[i] = std::sqrt(sum < lambda ? lambda : sum);
      else
        row[j] = sum / other[j];
    }
  }
}

// |L⁻¹ v|², and L⁻¹ v in place.
double solve_lower(const double* factor, int64_t n, double* v) {
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) {
    double sum = v[i];
    for (int64_t c = 0; c < i; ++c) sum -= factor[i * n + c] * v[c];
    v[i] = sum / factor[i * n + i];
    squares += v[i] * v[i];
  }
  return squares;
}

double dot(const double* a, const double* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

struct Workspace {
  double *rows, *matrix, *gram, *v, *w;
  double *leverage, *rest;  // x and 1 − x
};

void dual_leverage(const Workspace& work, int64_t k, int64_t d, double lambda) {
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      const double product = dot(work.rows + i * d, work.rows + j * d, d);
      work.gram[i * k + j] = work.gram[j * k + i] = product;
      work.matrix[i * k + j] = product + (i == j ? lambda : 0);
    }
  }
  factorize(work.matrix, k, lambda);
  for (int64_t i = 0; i < k; ++i) {
    std::copy_n(work.gram + i * k, k, work.v);
    std::fill_n(work.w, k, 0.0);
    work.w[i] = 1;
    solve_lower(work.matrix, k, work.v);
    work.rest[i] = lambda * solve_lower(work.matrix, k, work.w);
    work.leverage[i] = dot(work.v, work.w, k);
  }
}

void primal_leverage(const Workspace& work, int64_t k, int64_t d, double lambda) {
  std::fill_n(work.matrix, d * d, 0.0);
  for (int64_t a = 0; a < d; ++a) work.matrix[a * d + a] = lambda;
  for (int64_t i = 0; i < k; ++i) {
    const double* h = work.rows + i * d;
    for (int64_t a = 0; a < d; ++a) {
      for (int64_t b = 0; b <= a; ++b) work.matrix[a * d + b] += h[a] * h[b];
    }
  }
  factorize(work.matrix, d, lambda);
  for (int64_t i = 0; i < k; ++i) {
    std::copy_n(work.rows + i * d, d, work.v);
    work.leverage[i] = solve_lower(work.matrix, d, work.v);
    const double rest = 1 - work.leverage[i];
    work.rest[i] = rest < 1e-16 ? 1e-16 : rest;
  }
}

// The features of a group, less their mean; equal rows become exactly 0.
template <class T>
void load_rows(const TokenEllipticalBonus<T>& op, const int64_t* members, int64_t k, double* rows) {
  const int64_t d = op.features.dims[1];
  for (int64_t i = 0; i < k; ++i) {
    const T* features = op.features.begin() + members[i] * d;
    for (int64_t a = 0; a < d; ++a) rows[i * d + a] = static_cast<double>(features[a]);
  }
  if (!op.center) return;
  for (int64_t a = 0; a < d; ++a) {
    const double shift = rows[a];
    double sum = 0;
    for (int64_t i = 0; i < k; ++i) sum += rows[i * d + a] - shift;
    const double mean = sum / static_cast<double>(k);
    for (int64_t i = 0; i < k; ++i) rows[i * d + a] = rows[i * d + a] - shift - mean;
  }
}

template <class T>
void write_group(const TokenEllipticalBonus<T>& op, const int64_t* members, int64_t k,
                 const Workspace& work) {
  const auto raw = [&](int64_t i) {
    const bool without = op.kind == LeverageKind::leave_one_out;
    return without ? work.leverage[i] / work.rest[i] : work.leverage[i];
  };
  const Spread spread = spread_of(k, raw);
  double largest = 0;
  for (int64_t i = 0; i < k; ++i) largest = std::max(largest, std::fabs(raw(i)));
  const double deviation = spread.deviation(1);
  const bool flat = spread.count < 2 || deviation <= kRounding * largest;
  for (int64_t i = 0; i < k; ++i) {
    const int64_t sample = members[i];
    double bonus = raw(i);
    if (op.normalization != BonusScale::none && std::isfinite(bonus)) {
      const double above = op.normalization == BonusScale::rnd ? bonus : spread.from_mean(bonus);
      bonus = flat ? 0 : above / deviation;
    }
    if (op.raw) op.raw[sample] = static_cast<T>(raw(i));
    if (op.bonus) op.bonus[sample] = static_cast<T>(bonus);
    if (op.rewards) {
      const double reward = static_cast<double>(op.extrinsic[sample]);
      op.rewards[sample] = static_cast<T>(op.alpha * reward + op.beta * bonus);
    }
  }
}

Workspace workspace(int64_t largest, int64_t d, CpuContext& context) {
  const int64_t side = std::min(largest, d), longest = std::max<int64_t>(side, 1);
  return {context.scratch<double>(largest * d), context.scratch<double>(longest * longest),
          context.scratch<double>(side * side), context.scratch<double>(longest),
          context.scratch<double>(longest),     context.scratch<double>(largest),
          context.scratch<double>(largest)};
}

template <class T>
Status elliptical_bonus(const TokenEllipticalBonus<T>& op, CpuContext& context) {
  const int64_t samples = op.features.dims[0], d = op.features.dims[1];
  const SampleGroups groups = group_samples(op.group_ids.begin(), samples, context);
  int64_t largest = 0;
  for (int64_t g = 0; g < groups.count; ++g) largest = std::max(largest, groups.size(g));
  const Workspace work = workspace(largest, d, context);
  for (int64_t g = 0; g < groups.count; ++g) {
    if (context.stopped()) return aborted();
    const int64_t k = groups.size(g);
    load_rows(op, groups.members(g), k, work.rows);
    if (k <= d)
      dual_leverage(work, k, d, op.lambda);
    else
      primal_leverage(work, k, d, op.lambda);
    write_group(op, groups.members(g), k, work);
  }
  return {};
}

}  // namespace

template <>
Status run(const TokenEllipticalBonus<float>& op, CpuContext& context) {
  return elliptical_bonus(op, context);
}
template <>
Status run(const TokenEllipticalBonus<double>& op, CpuContext& context) {
  return elliptical_bonus(op, context);
}

}  // namespace belfry::cpu
