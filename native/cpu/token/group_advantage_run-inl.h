// One group at a time, of any kind: the slow way of group_runs, once per instruction set.
// Statistics are taken in float64 on d = r − shift.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kWide = Vec<double>::kLanes;

BELFRY_INLINE Vec<double> load_wide(const double* p) { return load(p); }
BELFRY_INLINE Vec<double> load_wide(const float* p) { return load_widen(p); }
BELFRY_INLINE Vec<double> load_wide_n(const double* p, int n) { return load_n(p, n); }
BELFRY_INLINE Vec<double> load_wide_n(const float* p, int n) { return widen_lower(load_n(p, n)); }

template <class T>
struct Run {
  const T* rewards;
  const int32_t* lengths;
  T* advantages;
  int64_t size;
  bool finite = true;

  bool counts(int64_t i) const { return finite || std::isfinite(rewards[i]); }
  double shifted(int64_t i, double shift) const { return static_cast<double>(rewards[i]) - shift; }
  double weight(int64_t i) const { return lengths ? static_cast<double>(lengths[i]) : 1; }
};

// What a run adds to its sums, lane by lane: Σ d, Σ d², Σ |d|.
// `kWhole`: the size is a multiple of the lanes, and not 0.
template <bool kWhole, class T>
BELFRY_INLINE void shifted_sums(const T* r, int64_t size, Vec<double> shift, Vec<double>& sum,
                                Vec<double>& squares, Vec<double>& sizes) {
  Vec<double> s = zero<double>(), q = zero<double>(), a = zero<double>();
  int64_t i = 0;
  if (kWhole || size >= kWide) {
    s = load_wide(r) - shift;
    q = s * s;
    a = abs(s);
    for (i = kWide; i + kWide <= size; i += kWide) {
      const Vec<double> d = load_wide(r + i) - shift;
      s += d;
      q = fma(d, d, q);
      a += abs(d);
    }
  }
  const int rest = kWhole ? 0 : static_cast<int>(size - i);
  if (rest > 0) {
    const Vec<double> x = load_wide_n(r + i, rest) - shift;
    const Vec<double> d = select(first_n<double>(rest), x, zero<double>());
    s += d;
    q = fma(d, d, q);
    a += abs(d);
  }
  sum = s;
  squares = q;
  sizes = a;
}

template <class T>
double squares_about(const T* r, int64_t size, double shift, double mean) {
  Vec<double> squares = zero<double>();
  int64_t i = 0;
  for (; i + kWide <= size; i += kWide) {
    const Vec<double> d = load_wide(r + i) - shift - mean;
    squares = fma(d, d, squares);
  }
  const int rest = static_cast<int>(size - i);
  if (rest > 0) {
    const Vec<double> d =
        select(first_n<double>(rest), load_wide_n(r + i, rest) - shift - mean, zero<double>());
    squares = fma(d, d, squares);
  }
  return reduce_sum(squares);
}

template <class T>
void add_weighted_mean(const Run<T>& run, math::GroupStats& stats) {
  double weights = 0, sum = 0;
  for (int64_t i = 0; i < run.size; ++i) {
    if (!run.counts(i)) continue;
    weights += run.weight(i);
    sum += run.weight(i) * run.shifted(i, stats.shift);
  }
  stats.weighted_mean = weights > 0 ? sum / weights : stats.mean;
}

template <class T>
math::GroupStats stats_of_scorable(const Run<T>& run, double ddof) {
  math::GroupStats stats;
  double sum = 0;
  for (int64_t i = 0; i < run.size; ++i) {
    if (!run.counts(i)) continue;
    if (stats.count == 0) stats.shift = static_cast<double>(run.rewards[i]);
    const double d = run.shifted(i, stats.shift);
    stats.count += 1;
    stats.apart = d != 0 ? 1 : stats.apart;
    sum += d;
  }
  if (stats.count > 0) stats.mean = sum / stats.count;
  double m2 = 0;
  for (int64_t i = 0; i < run.size; ++i) {
    if (!run.counts(i)) continue;
    const double from_mean = run.shifted(i, stats.shift) - stats.mean;
    m2 += from_mean * from_mean;
  }
  stats.variance = m2 * math::inverse_freedom(stats.count, ddof);
  return stats;
}

template <class T>
math::GroupStats run_stats(Run<T>& run, double ddof) {
  const double shift = static_cast<double>(run.rewards[0]);
  Vec<double> sums, squares, sizes;
  shifted_sums<false>(run.rewards, run.size, shift, sums, squares, sizes);
  const double sum = reduce_sum(sums);
  run.finite = sum - sum == 0;
  if (!run.finite) return stats_of_scorable(run, ddof);
  math::GroupStats stats;
  stats.count = static_cast<double>(run.size);
  stats.shift = shift;
  stats.mean = sum / stats.count;
  const double m2 = squares_about(run.rewards, run.size, shift, stats.mean);
  stats.variance = m2 * math::inverse_freedom(stats.count, ddof);
  stats.apart = reduce_sum(sizes);
  return stats;
}

template <class T>
void write_line(const Run<T>& run, double shift, math::GroupLine line) {
  for (int64_t i = 0; i < run.size; ++i) {
    const double advantage = (run.shifted(i, shift) - line.center) * line.scale;
    run.advantages[i] = run.counts(i) ? static_cast<T>(advantage) : T(0);
  }
}

template <class T>
math::GroupStep run_step(const Run<T>& run, const math::GroupRule<GroupEstimator>& rule,
                         const math::GroupStats& stats) {
  constexpr double kLowest = -std::numeric_limits<double>::infinity();
  double best = kLowest, second = kLowest, right = 0;
  for (int64_t i = 0; i < run.size; ++i) {
    if (!run.counts(i)) continue;
    const double r = static_cast<double>(run.rewards[i]);
    right += r > 0;
    second = r > best ? best : r > second ? r : second;
    best = r > best ? r : best;
  }
  if (rule.estimator == GroupEstimator::passk_analytic) {
    return math::passk_analytic_step(stats.count, right, rule.k);
  }
  return math::passk_max_step(stats, best, second, rule.eps, rule.normalize);
}

template <class T>
void write_step(const Run<T>& run, math::GroupStep step) {
  for (int64_t i = 0; i < run.size; ++i) {
    const bool above = static_cast<double>(run.rewards[i]) > step.threshold;
    run.advantages[i] = run.counts(i) ? static_cast<T>(above ? step.above : step.below) : T(0);
  }
}

template <class T>
math::Moments centred_moments(const Run<T>& run, double shift, double baseline) {
  math::Moments moments;
  for (int64_t i = 0; i < run.size; ++i) {
    if (!run.counts(i)) continue;
    const double c = run.shifted(i, shift) - baseline;
    moments = math::merge(moments, math::moments_of(c, run.weight(i)));
  }
  return moments;
}

// A run of any kind, alone.
template <class T>
void treat_run(Run<T> run, const math::GroupRule<GroupEstimator>& rule, GroupReport& report) {
  math::GroupStats stats = run_stats(run, rule.ddof);
  if (math::uses_lengths(rule.estimator)) add_weighted_mean(run, stats);
  if (!run.advantages) {
    // The rule does not whiten yet, so that the center is the baseline, or 0 in a flat group.
    const auto centred = centred_moments(run, stats.shift, math::group_center(rule, stats));
    report.centred = math::merge(report.centred, centred);
  } else if (math::takes_step(rule.estimator)) {
    write_step(run, run_step(run, rule, stats));
  } else {
    write_line(run, stats.shift, {math::group_center(rule, stats), math::group_scale(rule, stats)});
  }
}

}  // namespace
}  // namespace belfry::cpu::BELFRY_ISA
