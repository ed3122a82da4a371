// K Euler steps of a velocity network from noise to an action.
#pragma once

#include "cuda/flow/network.cuh"
#include "math/euler_columns.h"

namespace belfry::cuda {

using math::EulerColumns;

// All chains of `chains` from the same observations [rows, states]. For float and double.
template <class T>
void sample_euler(Network<T> network, const EulerColumns& columns, const T* observations,
                  int64_t states, const Chains<T>& chains, int count, Work& work);

}  // namespace belfry::cuda
