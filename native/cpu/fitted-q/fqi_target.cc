// fqi_target: y = r + γ (1 − terminated) B(q'), rows over the threads. Memory bound: A values read
// and one written a row.
#include "cpu/fitted-q/fqi_rows.h"
#include "cpu/run.h"
#include "math/fqi.h"
#include "ops/fitted_q.h"

namespace belfry::cpu {

namespace {

template <class T>
void fqi_rows_by_formula(const math::FqiRows<T>& rows, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    math::NextValue next;
    if (!rows.terminated(row)) next = rows.next_value(row, math::OneLane{});
    rows.target[row] = rows.target_of(row, next);
  }
}

template <class T>
Status fqi_target(const FqiTarget<T>& op, CpuContext& context) {
  if (Status s = math::check_fqi_target(op); !s.ok()) return s;
  if (!op.target) return {};
  const auto rows = math::fqi_rows(op);
  auto* body = &fqi_rows_by_formula<T>;
  int64_t action_work = 4;
  switch (rows.fqi_operator) {
    case FqiOperator::max:
      body = &fqi_max_rows<T>;
      action_work = 2;
      break;
    case FqiOperator::soft:
    case FqiOperator::mellowmax:
      body = &fqi_soft_rows<T>;
      action_work = 8;
      break;
    case FqiOperator::expectile: action_work = 30; break;
    default: break;
  }
  context.parallel(op.rewards.dims[0], chunk_for(4 + action_work * rows.num_actions),
                   [&](int64_t begin, int64_t end, int64_t) { body(rows, begin, end); });
  return {};
}

}  // namespace

template <>
Status run(const FqiTarget<float>& op, CpuContext& context) {
  return fqi_target(op, context);
}
template <>
Status run(const FqiTarget<double>& op, CpuContext& context) {
  return fqi_target(op, context);
}

}  // namespace belfry::cpu
