// Forward evaluation of a network on tensor cores.
//
// With weights in bf16 an activation is three parts of bf16, which is the float without loss: a
// product is that of float32, but for the order in which it is summed. An infinite weight gives
// NaN. With weights in float32 both are rounded to tf32.
#pragma once

#include "cuda/device/half.cuh"
#include "cuda/flow/network.cuh"

namespace belfry::cuda {

// y of the network's layers, their weights taken from `weights`, [outputs, inputs] without gaps.
// Narrow layers run in one kernel, others one by one.
void forward_halves(const Network<float>& network, const std::vector<const Bf16*>& weights,
                    const float* x, int64_t rows, float* y, Work& work);

// y of narrow layers in one kernel, from float32 weights; false where a layer is too wide for it,
// or its weights have gaps, and nothing was done. On sm_80 and up.
bool forward_tf32(const Network<float>& network, const float* x, int64_t rows, float* y,
                  Work& work);

}  // namespace belfry::cuda
