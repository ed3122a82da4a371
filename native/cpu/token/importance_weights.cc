// importance_weights: bounded ratios of trainer and sampler (arXiv 1802.01561).
//
// Rows in pieces over the threads; sums of a piece are merged in order. Bytes per token: read 5,
// write 4, and again 8 when the weights are divided by their mean; 1 exp.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "cpu/token/log_ratios.h"
#include "math/corrections.h"
#include "math/flags.h"
#include "ops/token/corrections.h"

namespace belfry::cpu {

namespace {

struct Sums {
  double count = 0, weights = 0, ratios = 0;
  double least = HUGE_VAL, greatest = -HUGE_VAL;

  void add(double ratio, double weight) {
    count += 1;
    weights += weight;
    ratios += ratio;
    least = ratio < least || ratio != ratio ? ratio : least;
    greatest = ratio > greatest || ratio != ratio ? ratio : greatest;
  }
  void merge(const Sums& other) {
    count += other.count;
    weights += other.weights;
    ratios += other.ratios;
    least = other.least < least || other.least != other.least ? other.least : least;
    greatest =
        other.greatest > greatest || other.greatest != other.greatest ? other.greatest : greatest;
  }
};

template <class T>
struct Rows {
  const T* log_ratio;
  T* weights;  // null: not wanted
  math::FlagReader mask;
  math::WeightBounds bounds;
  RatioLevel level;
  int64_t length;

  void token_row(int64_t first, Sums& sums) const {
    double ratios[kRatioBlock];
    for (int64_t begin = first; begin < first + length; begin += kRatioBlock) {
      const int64_t count = std::min<int64_t>(kRatioBlock, first + length - begin);
      block_ratios(log_ratio + begin, static_cast<int>(count), bounds.clamp, ratios);
      for (int64_t i = 0; i < count; ++i) {
        double weight = 0;
        if (mask(begin + i)) {
          weight = math::bounded_weight(ratios[i], bounds);
          sums.add(ratios[i], weight);
        }
        if (weights) weights[begin + i] = static_cast<T>(weight);
      }
    }
  }
  void sequence_row(int64_t first, Sums& sums) const {
    double total = 0, count = 0;
    for (int64_t i = first; i < first + length; ++i) {
      if (!mask(i)) continue;
      total += static_cast<double>(log_ratio[i]);
      count += 1;
    }
    double weight = 0;
    if (count > 0) {
      const double exponent = level == RatioLevel::sequence ? total : total / count;
      const double ratio = math::clamped_ratio(exponent, bounds.clamp);
      weight = math::bounded_weight(ratio, bounds);
      sums.add(ratio, weight);
    }
    for (int64_t i = first; weights && i < first + length; ++i) {
      weights[i] = mask(i) ? static_cast<T>(weight) : T(0);
    }
  }
};

template <class T>
Rows<T> rows_of(const ImportanceWeights<T>& op) {
  return {op.log_ratio.begin(),
          op.weights ? op.weights.begin() : nullptr,
          math::read_flags(op.mask, true),
          math::weight_bounds(op),
          op.level,
          op.log_ratio.dims[1]};
}

template <class T>
Status importance_weights(const ImportanceWeights<T>& op, CpuContext& context) {
  const Rows<T> rows = rows_of(op);
  const int64_t count = op.log_ratio.dims[0], chunk = chunk_for(30 * rows.length + 1);
  const int64_t pieces = (count + chunk - 1) / chunk;
  Sums* parts = context.scratch<Sums>(pieces);
  context.parallel(count, chunk, [&](int64_t begin, int64_t end, int64_t piece) {
    Sums sums;
    for (int64_t row = begin; row < end; ++row) {
      if (rows.level == RatioLevel::token)
        rows.token_row(row * rows.length, sums);
      else
        rows.sequence_row(row * rows.length, sums);
    }
    parts[piece] = sums;
  });
  if (context.stopped()) return aborted();
  Sums sums;
  for (int64_t i = 0; i < pieces; ++i) sums.merge(parts[i]);
  const bool any = sums.count > 0;
  if (op.ratio_mean) op.ratio_mean[0] = static_cast<T>(any ? sums.ratios / sums.count : 0);
  if (op.ratio_min) op.ratio_min[0] = static_cast<T>(any ? sums.least : 0);
  if (op.ratio_max) op.ratio_max[0] = static_cast<T>(any ? sums.greatest : 0);
  if (!op.batch_normalize || !op.weights || !any || sums.weights == 0) return {};
  const double mean = sums.weights / sums.count;
  context.parallel(op.weights.size(), 1 << 15, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      if (rows.mask(i))
        rows.weights[i] = static_cast<T>(static_cast<double>(rows.weights[i]) / mean);
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const ImportanceWeights<float>& op, CpuContext& context) {
  return importance_weights(op, context);
}
template <>
Status run(const ImportanceWeights<double>& op, CpuContext& context) {
  return importance_weights(op, context);
}

}  // namespace belfry::cpu
