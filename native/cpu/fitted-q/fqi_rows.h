// The operators of fqi_target that gain from vectors: max, soft and mellowmax. The others run the
// formulas of math/fqi.h as they stand.
#pragma once

#include <cstdint>

#include "math/fqi.h"

namespace belfry::cpu {

// Writes the targets of rows [begin, end).
template <class T>
void fqi_max_rows(const math::FqiRows<T>& rows, int64_t begin, int64_t end);
template <class T>
void fqi_soft_rows(const math::FqiRows<T>& rows, int64_t begin, int64_t end);

}  // namespace belfry::cpu
