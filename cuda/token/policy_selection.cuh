// Which tokens the covariance kinds of policy_loss single out; see native/cpu/token/
// policy_selection.cc for the rules.
#pragma once

#include "cuda/token/policy_loss_tokens.cuh"

namespace belfry::cuda {

// Sets `call.selected`: the flags are written to `dropped` if it is given. For float and double.
template <class T>
Status select_policy_tokens(const PolicyLossOptions& options, uint8_t* dropped,
                            PolicyTokens<T>& call, CudaContext& context);

}  // namespace belfry::cuda
