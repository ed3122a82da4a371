// entropy_mask: keep H ≥ the q-quantile over the valid tokens (arXiv 2506.01939).
//
// The two order statistics around the quantile are found by selection, in expected linear cost; the
// map that follows runs over the threads. Bytes per token: read 10, write 1, and 8 of copies.
#include <algorithm>
#include <cmath>

#include "cpu/run.h"
#include "math/flags.h"
#include "math/order_statistics.h"
#include "ops/token/selection.h"

namespace belfry::cpu {

namespace {

constexpr int64_t kPiece = 1 << 15;

// Reorders `values`; 0 of none.
double quantile_of(double* values, int64_t count, double q) {
  if (count == 0) return 0;
  const math::QuantilePlace place = math::quantile_place(q, count);
  std::nth_element(values, values + place.below, values + count);
  const double low = values[place.below];
  if (place.above == place.below) return low;
  return math::between(low, *std::min_element(values + place.above, values + count), place.share);
}

template <class T>
Status entropy_mask(const EntropyMask<T>& op, CpuContext& context) {
  const int64_t total = op.entropy.size(), pieces = (total + kPiece - 1) / kPiece;
  const auto mask = math::read_flags(op.mask, true);
  double* values = context.scratch<double>(total);
  int64_t* counts = context.scratch<int64_t>(pieces);
  context.parallel(total, kPiece, [&](int64_t begin, int64_t end, int64_t piece) {
    int64_t count = 0;
    for (int64_t i = begin; i < end; ++i) {
      if (!mask(i) || std::isnan(op.entropy[i])) continue;
      values[begin + count++] = static_cast<double>(op.entropy[i]);
    }
    counts[piece] = count;
  });
  if (context.stopped()) return aborted();
  int64_t count = 0;
  for (int64_t piece = 0; piece < pieces; ++piece) {
    std::copy_n(values + piece * kPiece, counts[piece], values + count);
    count += counts[piece];
  }
  const double threshold = quantile_of(values, count, op.quantile);
  if (op.threshold) op.threshold[0] = static_cast<T>(threshold);
  if (!op.keep) return {};
  context.parallel(total, kPiece, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; ++i) {
      op.keep[i] = mask(i) && static_cast<double>(op.entropy[i]) >= threshold;
    }
  });
  return context.stopped() ? aborted() : Status{};
}

}  // namespace

template <>
Status run(const EntropyMask<float>& op, CpuContext& context) {
  return entropy_mask(op, context);
}
template <>
Status run(const EntropyMask<double>& op, CpuContext& context) {
  return entropy_mask(op, context);
}

}  // namespace belfry::cpu
