#include "cpu/bellman/discounting.h"

#include "cpu/bellman/row_masses.h"

namespace belfry::cpu {

namespace {

MassRange masses(const CsrModel& model, int64_t begin, int64_t end) {
  return masses_of_states(model.mask, model.num_actions, begin, end, [&model](int64_t row) {
    double mass = 0;
    for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e)
      mass += model.rows.prob[e];
    return mass;
  });
}

}  // namespace

math::Discounting discounting_of(const CsrModel& model, double gamma, double slack,
                                 CpuContext& context) {
  const StatePieces pieces = model.pieces();
  auto* of_piece = context.scratch<MassRange>(pieces.count());
  std::fill_n(of_piece, pieces.count(), MassRange{});
  pieces.run(context, [&](int64_t begin, int64_t end, int64_t piece) {
    of_piece[piece] = masses(model, begin, end);
  });
  MassRange all;
  for (int64_t i = 0; i < pieces.count(); ++i) all.merge(of_piece[i]);
  const bool excess = all.largest > 1 + slack;
  return {excess ? gamma * all.largest : gamma, excess || all.smallest < 1 - slack};
}

}  // namespace belfry::cpu
