// The masses of a model's rows: they decide which bounds on V* hold (math/value_iteration.h). With
// a negative probability none does, as T is not monotone then: solvers refuse such a model.
#pragma once

#include "cpu/bellman/csr_model.h"

namespace belfry::cpu {

struct RowWeight {
  double mass = 0;
  bool negative = false;  // some entry is
};

// Four chains, so that the pass keeps up with memory.
template <class T>
RowWeight row_weight(const T* prob, int64_t count) {
  double sum[4] = {};
  bool negative[4] = {};
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int k = 0; k < 4; ++k) {
      sum[k] += static_cast<double>(prob[i + k]);
      negative[k] |= prob[i + k] < 0;
    }
  }
  for (; i < count; ++i) {
    sum[0] += static_cast<double>(prob[i]);
    negative[0] |= prob[i] < 0;
  }
  return {(sum[0] + sum[1]) + (sum[2] + sum[3]),
          negative[0] || negative[1] || negative[2] || negative[3]};
}

// Of the allowed rows of states [begin, end) of a sparse model. A state without one counts as a row
// of mass 0.
template <class T>
MassRange masses_of_states(const SparseRows<T>& rows, const math::FlagReader& mask,
                           int64_t num_actions, int64_t begin, int64_t end) {
  MassRange range;
  for (int64_t s = begin; s < end; ++s) {
    bool any_allowed = false;
    for (int64_t row = s * num_actions; row < (s + 1) * num_actions; ++row) {
      if (!mask(row)) continue;
      const int64_t first = rows.row_ptr[row];
      const RowWeight weight = row_weight(rows.prob + first, rows.row_ptr[row + 1] - first);
      range.add(weight.mass);
      range.negative |= weight.negative;
      any_allowed = true;
    }
    if (!any_allowed) range.add(0);
  }
  return range;
}
template <class T>
MassRange masses_of(const StatePieces& pieces, const SparseRows<T>& rows,
                    const math::FlagReader& mask, int64_t num_actions, CpuContext& context) {
  auto* of_piece = context.scratch<MassRange>(pieces.count());
  std::fill_n(of_piece, pieces.count(), MassRange{});
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t piece) {
    of_piece[piece] = masses_of_states(rows, mask, num_actions, begin, end);
  });
  MassRange all;
  for (int64_t i = 0; i < pieces.count(); ++i) all.merge(of_piece[i]);
  return all;
}

// An error that names the first negative entry of an allowed row of [0, num_rows); none: no error.
// entry_of(row) is where a row begins.
template <class T, class EntryOf>
Status negative_probability(const T* prob, int64_t num_rows, const math::FlagReader& mask,
                            const EntryOf& entry_of) {
  for (int64_t row = 0; row < num_rows; ++row) {
    if (!mask(row)) continue;
    for (int64_t e = entry_of(row); e < entry_of(row + 1); ++e) {
      if (!(prob[e] < 0)) continue;
      return Status::error(Code::bad_value, "prob", "row %lld holds %g, expected probabilities",
                           static_cast<long long>(row), static_cast<double>(prob[e]));
    }
  }
  return {};
}
template <class T>
Status negative_probability(const SparseRows<T>& rows, int64_t num_rows,
                            const math::FlagReader& mask) {
  return negative_probability(rows.prob, num_rows, mask,
                              [&rows](int64_t row) { return int64_t{rows.row_ptr[row]}; });
}

// For solvers that do not weigh their rows: one pass over the probabilities.
inline Status require_probabilities(const CsrModel& model, CpuContext& context) {
  int32_t negative = 0;  // set by any thread
  const double* prob = model.rows.prob;
  context.parallel(model.num_entries(), 1 << 17, [&](int64_t begin, int64_t end, int64_t) {
    int32_t below = 0;
    for (int64_t e = begin; e < end; ++e) below |= prob[e] < 0;
    if (below) __atomic_store_n(&negative, 1, __ATOMIC_RELAXED);
  });
  return negative ? negative_probability(model.rows, model.num_rows(), model.mask) : Status{};
}

}  // namespace belfry::cpu
