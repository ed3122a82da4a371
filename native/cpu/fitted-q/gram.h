// ΦᵀΦ in float64.
#pragma once

#include "cpu/context.h"

namespace belfry::cpu {

// Writes all of gram[size, size] for phi[num_rows, size]. Only the upper half is computed. When the
// caller stops the call, the matrix is unfinished.
template <class T>
void gram_matrix(const T* phi, int64_t num_rows, int64_t size, CpuContext& context, double* gram);

}  // namespace belfry::cpu
