// Blocks of log-ratios at once: their ratios, and their divergence estimates, in float64.
#pragma once

#include <cstdint>

namespace belfry::cpu {

constexpr int kRatioBlock = 256;

// ratio[i] = exp(clip(log_ratio[i], ±clamp)) for i < count <= kRatioBlock. The buffer holds a whole
// block, whatever `count` is.
template <class T>
void block_ratios(const T* log_ratio, int count, double clamp, double* ratio);

// Estimator k1, k2 or k3 of each (math/corrections.h).
template <class T>
void block_scores(const T* log_ratio, int count, double clamp, int estimator, double* score);

}  // namespace belfry::cpu
