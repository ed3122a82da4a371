//   e_t = ρ_t (r_t + γ V_{t+1} − V_t) + γ c_t e_{t+1};   vs = V + e
//   pg_t = min(ρ̄_pg, e^lr)(r_t + γ vs_{t+1} − V_t)
//
// Blocks of time are walked from the last to the first: the ratios of a block are made in vector
// form, then the recurrence runs over them.
#include "cpu/token/vtrace_sequence.h"

#include <algorithm>

#include "cpu/token/log_ratios.h"

namespace belfry::cpu {

template <class T>
void vtrace_sequence(const VtraceSequence<T>& row, const math::FlagReader& mask,
                     const math::RatioRule& rule) {
  double ratios[kRatioBlock];
  double next_value = row.bootstrap, next_target = row.bootstrap, carry = 0;
  for (int64_t end = row.length; end > 0; end -= kRatioBlock) {
    const int64_t begin = std::max<int64_t>(end - kRatioBlock, 0);
    block_ratios(row.log_ratio + begin, static_cast<int>(end - begin), rule.clamp, ratios);
    for (int64_t t = end - 1; t >= begin; --t) {
      double target = 0, advantage = 0;
      if (mask(row.first + t)) {
        const double reward = static_cast<double>(row.rewards[t]);
        const double value = static_cast<double>(row.values[t]);
        const double ratio = ratios[t - begin];
        carry = math::vtrace_step(reward, value, next_value, ratio, rule)(carry);
        advantage = math::vtrace_advantage(reward, value, next_target, ratio, rule);
        target = value + carry;
        next_value = value;
        next_target = target;
      }
      if (row.vs) row.vs[t] = static_cast<T>(target);
      if (row.pg_advantages) row.pg_advantages[t] = static_cast<T>(advantage);
    }
  }
}

template void vtrace_sequence(const VtraceSequence<float>&, const math::FlagReader&,
                              const math::RatioRule&);
template void vtrace_sequence(const VtraceSequence<double>&, const math::FlagReader&,
                              const math::RatioRule&);

}  // namespace belfry::cpu
