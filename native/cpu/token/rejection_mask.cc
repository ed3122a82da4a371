// rejection_mask: drops tokens or rows whose divergence estimate is out of bounds, as verl does.
//
// Rows over the threads. Bytes per token: read 5, write 1; at most 1 exp.
#include <cmath>

#include "cpu/run.h"
#include "math/corrections.h"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cpu {

namespace {

enum class Level { token, sum, mean, max };

struct Rule {
  Level level;
  int estimator;  // 1, 2 or 3: k1, k2, k3
  double low, high, clamp;

  bool accepts(double score) const { return score >= low && score <= high; }
};

template <class T>
Rule rule_of(const RejectionMask<T>& op) {
  Rule rule{Level::token, 1, -HUGE_VAL, op.upper, HUGE_VAL};
  const int option = static_cast<int>(op.option);
  if (op.option >= RejectionOption::seq_max_k2) {
    rule.level = Level::max;
    rule.estimator = op.option == RejectionOption::seq_max_k2 ? 2 : 3;
  } else {
    rule.level = static_cast<Level>(option / 3);
    rule.estimator = option % 3 + 1;
  }
  if (op.ratio_clamp.present) rule.clamp = op.ratio_clamp.value;
  if (rule.estimator == 1) {
    rule.high = std::log(op.upper);
    rule.low = op.lower.present ? std::log(op.lower.value) : -rule.high;
  }
  return rule;
}

template <class T>
double row_score(const Rule& rule, const T* log_ratio, const math::FlagReader& mask, int64_t first,
                 int64_t length) {
  double sum = 0, count = 0, greatest = -HUGE_VAL;
  for (int64_t t = 0; t < length; ++t) {
    if (!mask(first + t)) continue;
    const double score = math::rejection_score(static_cast<double>(log_ratio[first + t]),
                                               rule.clamp, rule.estimator);
    sum += score;
    count += 1;
    greatest = score > greatest ? score : greatest;
  }
  if (rule.level == Level::max) return sum != sum ? sum : greatest;
  return rule.level == Level::mean ? sum / count : sum;
}

template <class T>
Status rejection_mask(const RejectionMask<T>& op, CpuContext& context) {
  if (!op.kept) return {};
  const Rule rule = rule_of(op);
  const auto mask = math::read_flags(op.mask, true);
  const int64_t length = op.log_ratio.dims[1];
  const T* log_ratio = op.log_ratio.begin();
  context.parallel(
      op.log_ratio.dims[0], chunk_for(20 * length + 1), [&](int64_t begin, int64_t end, int64_t) {
        for (int64_t row = begin; row < end; ++row) {
          const int64_t first = row * length;
          const bool by_token = rule.level == Level::token;
          const bool row_kept =
              by_token || rule.accepts(row_score(rule, log_ratio, mask, first, length));
          for (int64_t i = first; i < first + length; ++i) {
            op.kept[i] =
                mask(i) && row_kept &&
                (!by_token || rule.accepts(math::rejection_score(static_cast<double>(log_ratio[i]),
                                                                 rule.clamp, rule.estimator)));
          }
        }
      });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const RejectionMask<float>& op, CpuContext& context) {
  return rejection_mask(op, context);
}
template <>
Status run(const RejectionMask<double>& op, CpuContext& context) {
  return rejection_mask(op, context);
}

}  // namespace belfry::cpu
