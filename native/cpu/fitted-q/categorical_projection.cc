// categorical_projection: rows over the threads. The images of the atoms ascend, so a row is walked
// once with the two atoms that can still grow; each is finished before the next begins. 2 K values
// read and 2 K written a row.
#include "math/categorical.h"

#include <cmath>

#include "cpu/run.h"
#include "math/flags.h"
#include "math/lanes.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

// Calls emit(i, m_i) for the atoms in ascending order.
template <class T, class Emit>
void project(const math::ProjectedRow<T>& row, const Emit& emit) {
  double here = 0, above = 0;
  int64_t atom = 0;
  for (int64_t j = 0; j < row.num_masses(); ++j) {
    const double at = row.position(j);
    if (at != at) {  // a NaN reward
      for (; atom < row.atoms.count; ++atom) emit(atom, at);
      return;
    }
    for (; atom < static_cast<int64_t>(at); ++atom) {
      emit(atom, here);
      here = above;
      above = 0;
    }
    here += row.share(j, at, atom);
    above += row.share(j, at, atom + 1);
  }
  for (; atom < row.atoms.count; ++atom) {
    emit(atom, here);
    here = above;
    above = 0;
  }
}

template <class T>
double log_sum_exp(const T* logits, int64_t count) {
  double max = -math::kInfinity<double>;
  for (int64_t i = 0; i < count; ++i) max = std::max(max, static_cast<double>(logits[i]));
  if (max - max != 0) return max;
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += std::exp(static_cast<double>(logits[i]) - max);
  return max + std::log(sum);
}

template <class T>
void project_row(const CategoricalProjection<T>& op, const math::ProjectedRow<T>& row, int64_t n) {
  const int64_t count = row.atoms.count;
  T* const target = op.target ? op.target.begin() + n * count : nullptr;
  if (!op.cross_entropy && !op.grad_logits) {
    return project(row, [&](int64_t i, double mass) { target[i] = static_cast<T>(mass); });
  }
  const T* const logits = op.logits.begin() + n * count;
  T* const grad = op.grad_logits ? op.grad_logits.begin() + n * count : nullptr;
  const double norm = log_sum_exp(logits, count);
  const double share = math::inverse_count(op.rewards.dims[0]);
  double sum = 0;
  project(row, [&](int64_t i, double mass) {
    const double log_prob = static_cast<double>(logits[i]) - norm;
    sum += math::cross_entropy_term(mass, log_prob);
    if (target) target[i] = static_cast<T>(mass);
    if (grad) grad[i] = static_cast<T>((std::exp(log_prob) - mass) * share);
  });
  if (op.cross_entropy) op.cross_entropy[n] = static_cast<T>(sum);
}

template <class T>
Status categorical_projection(const CategoricalProjection<T>& op, CpuContext& context) {
  if (Status s = math::check_return_range(op); !s.ok()) return s;
  if (!op.target && !op.cross_entropy && !op.grad_logits) return {};
  const int64_t count = op.next_prob.dims[1];
  const auto terminated = math::read_flags(op.terminated, false);
  const auto atoms = math::ReturnAtoms::between(op.v_min, op.v_max, count);
  context.parallel(op.rewards.dims[0], chunk_for(40 * count + 20),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t n = begin; n < end; ++n) {
                       const math::ProjectedRow<T> row{op.next_prob.begin() + n * count,
                                                       static_cast<double>(op.rewards[n]), op.gamma,
                                                       terminated(n), atoms};
                       if (count > 0) project_row(op, row, n);
                       if (count == 0 && op.cross_entropy) op.cross_entropy[n] = 0;
                     }
                   });
  return {};
}

}  // namespace

template <>
Status run(const CategoricalProjection<float>& op, CpuContext& context) {
  return categorical_projection(op, context);
}
template <>
Status run(const CategoricalProjection<double>& op, CpuContext& context) {
  return categorical_projection(op, context);
}

}  // namespace belfry::cpu
