// rejection_mask: drops tokens or rows whose divergence estimate is out of bounds, as verl does.
//
// Rows over the threads. Bytes per token: read 5, write 1; at most 1 exp.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/log_ratios.h"
#include "math/corrections.h"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cpu {

namespace {

template <class T>
struct Row {
  const T* log_ratio;
  const math::FlagReader& mask;
  const math::RejectionRule& rule;
  int64_t first, length;

  // visit(i, score) for each valid token i.
  template <class Visit>
  void each_score(const Visit& visit) const {
    double scores[kRatioBlock];
    for (int64_t begin = first; begin < first + length; begin += kRatioBlock) {
      const int64_t count = std::min<int64_t>(kRatioBlock, first + length - begin);
      block_scores(log_ratio + begin, static_cast<int>(count), rule.clamp, rule.estimator, scores);
      for (int64_t i = 0; i < count; ++i) {
        if (mask(begin + i)) visit(begin + i, scores[i]);
      }
    }
  }
  bool accepted() const {
    double sum = 0, count = 0, greatest = -HUGE_VAL;
    each_score([&](int64_t, double score) {
      sum += score;
      count += 1;
      greatest = score > greatest ? score : greatest;
    });
    return rule.accepts(rule.of_row(sum, count, greatest));
  }
  void write(uint8_t* kept) const {
    std::fill_n(kept + first, length, uint8_t{0});
    if (rule.level == math::RejectionLevel::token) {
      each_score([&](int64_t i, double score) { kept[i] = rule.accepts(score); });
    } else if (accepted()) {
      for (int64_t i = first; i < first + length; ++i) kept[i] = mask(i);
    }
  }
};

template <class T>
Status rejection_mask(const RejectionMask<T>& op, CpuContext& context) {
  if (!op.kept) return {};
  const math::RejectionRule rule = math::rejection_rule(op);
  const auto mask = math::read_flags(op.mask, true);
  const int64_t length = op.log_ratio.dims[1];
  context.parallel(op.log_ratio.dims[0], chunk_for(20 * length + 1),
                   [&](int64_t begin, int64_t end, int64_t) {
                     for (int64_t row = begin; row < end; ++row) {
                       const Row<T> tokens{op.log_ratio.begin(), mask, rule, row * length, length};
                       tokens.write(op.kept.begin());
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
