// Statistics of the valid tokens of a batch, and whitening by them.
#pragma once

#include "cpu/context.h"
#include "math/flags.h"
#include "math/whitening.h"

namespace belfry::cpu {

template <class T>
math::Moments valid_moments(const T* values, int64_t size, const math::FlagReader& mask,
                            CpuContext& context);

// y = line(x) at valid tokens, 0 at others. `out` may be `values`.
template <class T>
void apply_line(const T* values, int64_t size, const math::FlagReader& mask,
                const math::WhitenLine& line, T* out, CpuContext& context);

}  // namespace belfry::cpu
