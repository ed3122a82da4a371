// The gradient that comes back through the softmax of a row of logits.
#pragma once

#include "cuda/token/logits_rows.cuh"

namespace belfry::cuda {

// What turns a logit of one row into its gradient.
template <class C>
struct RowGradient {
  SoftmaxSettings<C> settings;
  C reference, level, slope;
  int64_t label;
  double label_entry;

  __device__ C operator()(C x, int64_t column) const {
    const C capped = settings.capped(x);
    if (capped == math::kNegativeInfinity<C>) return level != level ? level : C(0);
    const C d = settings.bounded(capped - reference);
    const C slope_of_cap =
        settings.softcap > 0 ? math::soft_cap_slope(capped, settings.softcap) : C(1);
    if (column == label) return static_cast<C>(label_entry) * slope_of_cap;
    return fma(settings.exponential(d) * slope_of_cap, fma(d, slope, level), C(0));
  }
};

// Upstream gradients g of the log-probability and h of the entropy; `wrong` is 0, or NaN to spoil
// the row.
template <class C>
__device__ RowGradient<C> row_gradient(const SoftmaxSettings<C>& settings,
                                       const math::LogSumExp<double>& sums, double wrong, double g,
                                       double h, int64_t label, double log_prob, double entropy) {
  const double scale = settings.inverse_temperature;
  const math::SoftmaxGradient<double> of_row = math::softmax_gradient(sums, g, h, scale);
  return {settings,
          static_cast<C>(sums.max),
          static_cast<C>(of_row.level + wrong),
          static_cast<C>(of_row.slope),
          label,
          math::label_gradient(log_prob, entropy, g, h, scale)};
}

}  // namespace belfry::cuda
