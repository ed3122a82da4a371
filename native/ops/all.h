// Every op of the package, family by family.
#pragma once

#include "ops/bellman.h"
#include "ops/fitted_q.h"
#include "ops/flow.h"
#include "ops/token.h"

namespace belfry {

// Calls `visit.template operator()<Op>()` for each op of the list, in order.
template <class Visit, template <class> class... Ops>
void for_each_op(OpList<Ops...>, Visit&& visit) {
  (visit.template operator()<Ops>(), ...);
}

template <class Visit>
void for_each_op(Visit&& visit) {
  for_each_op(BellmanOps{}, visit);
  for_each_op(FittedQOps{}, visit);
  for_each_op(TokenOps{}, visit);
  for_each_op(FlowOps{}, visit);
}

}  // namespace belfry
