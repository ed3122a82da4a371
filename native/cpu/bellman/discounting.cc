#include "cpu/bellman/discounting.h"

#include "cpu/bellman/row_masses.h"

namespace belfry::cpu {

math::Discounting discounting_of(const CsrModel& model, double gamma, double slack,
                                 CpuContext& context) {
  const MassRange all =
      masses_of(model.pieces(), model.rows, model.mask, model.num_actions, context);
  const bool excess = all.largest > 1 + slack;
  return {excess ? gamma * all.largest : gamma, excess || all.smallest < 1 - slack};
}

}  // namespace belfry::cpu
