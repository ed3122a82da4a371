// lqr_riccati: P_H = Q_final, then backwards K = (R + Bᵀ P B)⁻¹ Bᵀ P A and P = Q + Aᵀ P (A − B K).
//
// In float64; about 4n³ flops a step. P is not made symmetric: with symmetric costs it stays so but
// for rounding, and with others the recursion is what the formula says.
#include <algorithm>

#include "cpu/bellman/csr_model.h"
#include "cpu/bellman/dense_lu.h"
#include "cpu/run.h"
#include "ops/bellman/finite_models.h"

namespace belfry::cpu {

namespace {

// out [rows,cols] = a [rows,inner] · b [inner,cols], of the transpose of a where asked for.
void multiply(const double* a, const double* b, int64_t rows, int64_t inner, int64_t cols,
              double* out, bool transpose_a = false) {
  for (int64_t i = 0; i < rows; ++i) {
    std::fill_n(out + i * cols, cols, 0.0);
    for (int64_t k = 0; k < inner; ++k) {
      const double factor = transpose_a ? a[k * rows + i] : a[i * inner + k];
      for (int64_t j = 0; j < cols; ++j) out[i * cols + j] += factor * b[k * cols + j];
    }
  }
}

template <class T>
class Riccati {
 public:
  Riccati(const LqrRiccati<T>& op, CpuContext& context)
      : op_(op),
        context_(context),
        n_(op.a.dims[0]),
        m_(op.b.dims[1]),
        a_(in_float64(op.a.begin(), n_ * n_, context)),
        b_(in_float64(op.b.begin(), n_ * m_, context)),
        q_(in_float64(op.q.begin(), n_ * n_, context)),
        r_(in_float64(op.r.begin(), m_ * m_, context)) {
    for (double** square : {&p_, &pa_, &closed_, &next_})
      *square = context.scratch<double>(n_ * n_);
    for (double** oblong : {&bp_, &gain_}) *oblong = context.scratch<double>(m_ * n_);
    small_ = context.scratch<double>(m_ * m_);
    column_ = context.scratch<double>(m_);
    pivots_ = context.scratch<int32_t>(m_);
    std::copy_n(op.q_final.begin(), n_ * n_, p_);
  }

  Status run() {
    for (int64_t t = op_.horizon - 1; t >= 0; --t) {
      if (context_.stopped()) return aborted();
      if (Status s = find_gain(t); !s.ok()) return s;
      step_back();
      if (!op_.gains) continue;
      for (int64_t i = 0; i < m_ * n_; ++i) op_.gains[t * m_ * n_ + i] = static_cast<T>(gain_[i]);
    }
    write_output(p_, op_.p0);
    return {};
  }

 private:
  Status find_gain(int64_t t) {
    multiply(b_, p_, m_, n_, n_, bp_, true);
    multiply(bp_, b_, m_, n_, m_, small_);
    for (int64_t i = 0; i < m_ * m_; ++i) small_[i] += r_[i];
    multiply(bp_, a_, m_, n_, n_, gain_);
    const DenseLu lu(small_, pivots_, m_);
    if (!lu.regular())
      return Status::error(Code::bad_value, "R", "R + B'PB is singular at step %lld",
                           static_cast<long long>(t));
    for (int64_t j = 0; j < n_; ++j) {
      for (int64_t i = 0; i < m_; ++i) column_[i] = gain_[i * n_ + j];
      lu.solve(column_);
      for (int64_t i = 0; i < m_; ++i) gain_[i * n_ + j] = column_[i];
    }
    return {};
  }
  void step_back() {
    multiply(b_, gain_, n_, m_, n_, closed_);
    for (int64_t i = 0; i < n_ * n_; ++i) closed_[i] = a_[i] - closed_[i];
    multiply(p_, closed_, n_, n_, n_, pa_);
    multiply(a_, pa_, n_, n_, n_, next_, true);
    for (int64_t i = 0; i < n_ * n_; ++i) p_[i] = q_[i] + next_[i];
  }

  const LqrRiccati<T>& op_;
  CpuContext& context_;
  const int64_t n_, m_;
  const double *a_, *b_, *q_, *r_;
  double *p_ = nullptr, *pa_ = nullptr, *closed_ = nullptr, *next_ = nullptr, *bp_ = nullptr;
  double *gain_ = nullptr, *small_ = nullptr, *column_ = nullptr;
  int32_t* pivots_ = nullptr;
};

}  // namespace

template <>
Status run(const LqrRiccati<float>& op, CpuContext& context) {
  return Riccati<float>(op, context).run();
}
template <>
Status run(const LqrRiccati<double>& op, CpuContext& context) {
  return Riccati<double>(op, context).run();
}

}  // namespace belfry::cpu
