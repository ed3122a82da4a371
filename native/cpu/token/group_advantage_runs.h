// Group advantages over samples whose groups are runs of equal ids, one after the other.
#pragma once

#include "cpu/context.h"
#include "math/groups.h"
#include "ops/token/core.h"

namespace belfry::cpu {

template <class T>
struct GroupRuns {
  const T* rewards = nullptr;
  const int32_t* ids = nullptr;
  const int32_t* lengths = nullptr;  // null: 1 each
  T* advantages = nullptr;           // null: only measure
  int64_t size = 0;
  math::GroupRule<GroupEstimator> rule;
};

struct GroupReport {
  math::Moments centred;  // of r − baseline, weighted by the lengths; only when measuring
  bool rises = false;     // an id greater than the one before was seen
  bool falls = false;
};

// Treats the runs that begin in [begin, end), to their ends.
template <class T>
void group_runs(const GroupRuns<T>& runs, int64_t begin, int64_t end, GroupReport& report);

}  // namespace belfry::cpu
