// Forward evaluation of a network with weights in bf16, on tensor cores. An activation is three
// parts of bf16, which is the float without loss: a product is that of float32, but for the order
// in which it is summed. An infinite weight gives NaN.
#pragma once

#include "cuda/device/half.cuh"
#include "cuda/flow/network.cuh"

namespace belfry::cuda {

// y of the network's layers, their weights taken from `weights`, [outputs, inputs] without gaps.
// Narrow layers run in one kernel, others one by one.
void forward_halves(const Network<float>& network, const std::vector<const Bf16*>& weights,
                    const float* x, int64_t rows, float* y, Work& work);

}  // namespace belfry::cuda
