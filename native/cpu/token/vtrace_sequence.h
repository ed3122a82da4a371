// V-trace over one sequence; padded and packed batches share it, so that both give the same bits.
#pragma once

#include "cpu/context.h"
#include "math/flags.h"
#include "math/returns.h"

namespace belfry::cpu {

template <class T>
struct VtraceSequence {
  const T* rewards = nullptr;
  const T* values = nullptr;
  const T* log_ratio = nullptr;
  T* vs = nullptr;             // null: not wanted
  T* pg_advantages = nullptr;  // null: not wanted
  int64_t length = 0;
  int64_t first = 0;  // index of the first token in the mask
  double bootstrap = 0;
};

template <class T>
void vtrace_sequence(const VtraceSequence<T>& row, const math::FlagReader& mask,
                     const math::RatioRule& rule);

}  // namespace belfry::cpu
