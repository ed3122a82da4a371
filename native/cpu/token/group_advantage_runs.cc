#include "cpu/token/group_advantage_runs.h"

#include <cmath>

#define BELFRY_TARGET_FILE "cpu/token/group_advantage_run-inl.h"
#include "cpu/simd/for_each_isa.h"
#define BELFRY_TARGET_FILE "cpu/token/group_advantage_runs-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void group_runs(const GroupRuns<T>& runs, int64_t begin, int64_t end, GroupReport& report) {
  BELFRY_DISPATCH(group_runs_in<T>)(runs, begin, end, report);
}

template void group_runs(const GroupRuns<float>&, int64_t, int64_t, GroupReport&);
template void group_runs(const GroupRuns<double>&, int64_t, int64_t, GroupReport&);

}  // namespace belfry::cpu
