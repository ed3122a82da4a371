// Which bounds hold for a model: decided by the masses of its allowed rows.
#pragma once

#include "cpu/bellman/csr_model.h"

namespace belfry::cpu {

// Masses within `slack` of one are one; a state without an allowed action has mass 0.
math::Discounting discounting_of(const CsrModel& model, double gamma, double slack,
                                 CpuContext& context);

}  // namespace belfry::cpu
