// Every op of the package, family by family.
#pragma once

#include "ops/bellman/backups.h"
#include "ops/bellman/core.h"
#include "ops/bellman/dense_models.h"
#include "ops/bellman/deterministic_models.h"
#include "ops/bellman/diversity.h"
#include "ops/bellman/games.h"
#include "ops/bellman/grids.h"
#include "ops/bellman/losses.h"
#include "ops/bellman/search.h"
#include "ops/bellman/solvers.h"
#include "ops/fitted_q.h"
#include "ops/flow/diffusion_ql.h"
#include "ops/flow/fql.h"
#include "ops/flow/losses.h"
#include "ops/flow/network.h"
#include "ops/flow/ofql.h"
#include "ops/flow/sampling.h"
#include "ops/flow/schedules.h"
#include "ops/flow/training.h"
#include "ops/offline/control_tasks.h"
#include "ops/preference/models.h"
#include "ops/token/core.h"
#include "ops/token/groups.h"
#include "ops/token/logits.h"
#include "ops/token/losses.h"
#include "ops/token/scans.h"

namespace belfry {

// Calls `visit.template operator()<Op>()` for each op of the list, in order.
template <class Visit, template <class> class... Ops>
void for_each_op(OpList<Ops...>, Visit&& visit) {
  (visit.template operator()<Ops>(), ...);
}

// Ops whose work grows with the data: on every backend.
template <class Visit>
void for_each_data_op(Visit&& visit) {
  for_each_op(BellmanOps{}, visit);
  for_each_op(BellmanDenseOps{}, visit);
  for_each_op(BellmanBackupOps{}, visit);
  for_each_op(BellmanGridOps{}, visit);
  for_each_op(BellmanSolverOps{}, visit);
  for_each_op(BellmanGameOps{}, visit);
  for_each_op(BellmanSearchOps{}, visit);
  for_each_op(BellmanLossOps{}, visit);
  for_each_op(BellmanDiversityOps{}, visit);
  for_each_op(FittedQOps{}, visit);
  for_each_op(TokenOps{}, visit);
  for_each_op(TokenScanOps{}, visit);
  for_each_op(TokenGroupOps{}, visit);
  for_each_op(TokenLossOps{}, visit);
  for_each_op(TokenLogitOps{}, visit);
  for_each_op(PreferenceModelOps{}, visit);
  for_each_op(FlowNetworkOps{}, visit);
  for_each_op(FlowSamplingOps{}, visit);
  for_each_op(FlowScheduleOps{}, visit);
  for_each_op(FlowLossOps{}, visit);
  for_each_op(FlowTrainingOps{}, visit);
  for_each_op(FlowOfqlOps{}, visit);
  for_each_op(OfflineControlOps{}, visit);
  for_each_op(FlowDiffusionQlOps{}, visit);
  for_each_op(FlowFqlOps{}, visit);
}

// Those, and the algorithm and control ops of the host.
template <class Visit>
void for_each_op(Visit&& visit) {
  for_each_data_op(visit);
  for_each_op(BellmanDeterministicHostOps{}, visit);
  for_each_op(BellmanBackupHostOps{}, visit);
  for_each_op(BellmanGridHostOps{}, visit);
  for_each_op(BellmanSolverHostOps{}, visit);
  for_each_op(BellmanGameHostOps{}, visit);
  for_each_op(BellmanSearchHostOps{}, visit);
  for_each_op(BellmanLossHostOps{}, visit);
  for_each_op(BellmanDiversityHostOps{}, visit);
  for_each_op(FittedQHostOps{}, visit);
  for_each_op(TokenGroupHostOps{}, visit);
  for_each_op(TokenLogitHostOps{}, visit);
  for_each_op(FlowScheduleHostOps{}, visit);
  for_each_op(FlowTrainingHostOps{}, visit);
  for_each_op(OfflineControlHostOps{}, visit);
}

}  // namespace belfry
