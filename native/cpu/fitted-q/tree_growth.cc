#include "cpu/fitted-q/tree_growth.h"

#define BELFRY_TARGET_FILE "cpu/fitted-q/tree_growth-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
int64_t grow_tree(const GrowthData<T>& data, const GrowthSpace<T>& space, SplitDraws<T>& draws,
                  const TreeNodes<T>& nodes, const GrowthMonitor& monitor) {
  return BELFRY_DISPATCH(grow<T>)(data, space, draws, nodes, monitor);
}

template int64_t grow_tree(const GrowthData<float>&, const GrowthSpace<float>&, SplitDraws<float>&,
                           const TreeNodes<float>&, const GrowthMonitor&);
template int64_t grow_tree(const GrowthData<double>&, const GrowthSpace<double>&,
                           SplitDraws<double>&, const TreeNodes<double>&, const GrowthMonitor&);

}  // namespace belfry::cpu
