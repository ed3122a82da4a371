#include "cpu/token/policy_loss_tokens.h"

#define BELFRY_TARGET_FILE "cpu/token/policy_loss_tokens-inl.h"
#include "cpu/simd/for_each_isa.h"

namespace belfry::cpu {

template <class T>
void policy_segment(const PolicyTokens<T>& tokens, const PolicySegment& segment, PolicySums& sums) {
  BELFRY_DISPATCH(policy_segment_in<T>)(tokens, segment, sums);
}

template void policy_segment(const PolicyTokens<float>&, const PolicySegment&, PolicySums&);
template void policy_segment(const PolicyTokens<double>&, const PolicySegment&, PolicySums&);

int64_t count_flags(const math::FlagReader& mask, int64_t first, int64_t count, uint32_t* bits) {
  return BELFRY_DISPATCH(count_flags_in)(mask, first, count, bits);
}

}  // namespace belfry::cpu
