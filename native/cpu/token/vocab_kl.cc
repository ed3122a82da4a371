// vocab_kl: KL(p‖q) or KL(q‖p) of each row and its gradient (arXiv 2306.13649). The sums of both
// rows, a pass for the divergence, a pass for the gradient, which find the rows in the cache. Bytes
// per logit: read 8, write 4; four to six exponentials.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/logits_rows.h"
#include "ops/token/logits.h"

namespace belfry::cpu {

struct KlRows {
  LogitRows p, q;
  bool forward;
};

// The softmax sums of both rows.
struct KlRow {
  RowLogSumExp p, q;
  double log_shares;  // ln Σ_p − ln Σ_q

  KlRow(const RowLogSumExp& of_p, const RowLogSumExp& of_q)
      : p(of_p), q(of_q), log_shares(std::log(of_p.sum) - std::log(of_q.sum)) {}
};

}  // namespace belfry::cpu

#define BELFRY_TARGET_FILE "cpu/token/logits_rows-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/token/vocab_kl-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Divergence {
  const VocabKl<T>& op;
  KlRows rows;
  ExcludedRow excluded, ref_excluded;

  void run_row(int64_t row) {
    const KlRow sums(row_sums<T>(rows.p, row, RowSums::normaliser),
                     row_sums<T>(rows.q, row, RowSums::normaliser));
    if (sums.p.empty()) return excluded.note(row);
    if (sums.q.empty()) return ref_excluded.note(row);
    const double kl = math::at_least_zero(BELFRY_DISPATCH(kl_sum_body<T>)(rows, row, sums));
    if (op.kl) op.kl[row] = static_cast<T>(kl);
    if (!op.grad_logits) return;
    T* out = op.grad_logits.begin() + row * rows.p.width;
    if (!rows.forward && kl == HUGE_VAL) {
      std::fill_n(out, rows.p.width, T(0));
    } else {
      BELFRY_DISPATCH(kl_gradient_body<T>)(rows, row, sums, kl, out);
    }
  }
};

LogitRows rows_of(const MixedIn<2>& logits) {
  return {logits.data, logits.dtype, logits.dims[0], logits.dims[1]};
}

template <class T>
Status vocab_kl(const VocabKl<T>& op, CpuContext& context) {
  Divergence<T> work{
      op,
      {rows_of(op.logits), rows_of(op.ref_logits), op.direction == KlDirection::forward},
      {},
      {}};
  context.parallel(work.rows.p.rows, chunk_for(work.rows.p.width, 100'000),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) work.run_row(row);
                   });
  if (context.stopped()) return aborted();
  const Status status = work.excluded.status();
  return status.ok() ? work.ref_excluded.status("ref_logits") : status;
}

}  // namespace

template <>
Status run(const VocabKl<float>& op, CpuContext& context) {
  return vocab_kl(op, context);
}
template <>
Status run(const VocabKl<double>& op, CpuContext& context) {
  return vocab_kl(op, context);
}

}  // namespace belfry::cpu
