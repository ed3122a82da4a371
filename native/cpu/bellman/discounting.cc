#include "cpu/bellman/discounting.h"

namespace belfry::cpu {

namespace {

struct MassRange {
  double smallest = 1, largest = 1;

  void add(double mass) {
    smallest = std::min(smallest, mass);
    largest = std::max(largest, mass);
  }
};

MassRange masses(const CsrModel& model, int64_t begin, int64_t end) {
  MassRange range;
  for (int64_t s = begin; s < end; ++s) {
    bool any_allowed = false;
    for (int64_t row = s * model.num_actions; row < (s + 1) * model.num_actions; ++row) {
      if (!model.mask(row)) continue;
      double mass = 0;
      for (int64_t e = model.rows.row_ptr[row]; e < model.rows.row_ptr[row + 1]; ++e)
        mass += model.rows.prob[e];
      range.add(mass);
      any_allowed = true;
    }
    if (!any_allowed) range.smallest = 0;
  }
  return range;
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
  for (int64_t i = 0; i < pieces.count(); ++i) {
    all.add(of_piece[i].smallest);
    all.add(of_piece[i].largest);
  }
  const bool excess = all.largest > 1 + slack;
  return {excess ? gamma * all.largest : gamma, excess || all.smallest < 1 - slack};
}

}  // namespace belfry::cpu
