// Bodies of row_kernels.h, once per instruction set. Rows are mostly shorter than two vectors.

namespace belfry::cpu::BELFRY_ISA {
namespace {

BELFRY_INLINE Vec<double> mass_if(Mask<double> m, double mass) {
  return select(m, mass, zero<double>());
}

// Mass of the outcomes that come before each of those in `keys`, the outcomes [first, first + n).
BELFRY_INLINE Vec<double> mass_before(const ShortRow& row, int64_t first, int64_t n,
                                      Vec<double> keys) {
  const Vec<double> lane = iota<double>();
  Vec<double> before = zero<double>();
  for (int64_t i = 0; i < first; ++i) {
    before += mass_if(Vec<double>(row.key[i]) <= keys, row.mass[i]);
  }
  for (int64_t i = first; i < first + n; ++i) {
    const Vec<double> key(row.key[i]);
    const Mask<double> earlier = Vec<double>(static_cast<double>(i - first)) < lane;
    before += mass_if((key < keys) | ((key == keys) & earlier), row.mass[i]);
  }
  for (int64_t i = first + n; i < row.count; ++i) {
    before += mass_if(Vec<double>(row.key[i]) < keys, row.mass[i]);
  }
  return before;
}

}  // namespace

double tail_of_row(const ShortRow& row, double target, double* taken) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> sum = zero<double>();
  for (int64_t first = 0; first < row.count; first += kLanes) {
    const int n = static_cast<int>(row.count - first < kLanes ? row.count - first : kLanes);
    const Vec<double> keys = load_n(row.key + first, n);
    const Vec<double> left = Vec<double>(target) - mass_before(row, first, n, keys);
    const Vec<double> own = min(max(left, 0.0), load_n(row.mass + first, n));
    store_n(taken + first, own, n);
    sum += select(own == zero<double>(), zero<double>(), own * keys);
  }
  return reduce_sum(sum);
}

void tilt_of_row(const ShortRow& row, double t, double origin, math::TiltPass& pass) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> shift = zero<double>(), first = zero<double>(), second = zero<double>();
  for (int64_t i = 0; i < row.count; i += kLanes) {
    const int n = static_cast<int>(row.count - i < kLanes ? row.count - i : kLanes);
    const Vec<double> mass = load_n(row.mass + i, n);
    const Vec<double> d = load_n(row.key + i, n, origin) - Vec<double>(origin);
    const Vec<double> change = expm1(Vec<double>(-t) * d);
    // A distance may be infinite, with nothing left of it, or without mass.
    const Mask<double> gone = (change == Vec<double>(-1.0)) | (mass == zero<double>());
    const Vec<double> tilted = select(gone, zero<double>(), mass * (Vec<double>(1.0) + change) * d);
    shift += select(mass == zero<double>(), zero<double>(), mass * change);
    first += tilted;
    second += select(gone, zero<double>(), tilted * d);
  }
  pass.shift += reduce_sum(shift);
  pass.first += reduce_sum(first);
  pass.second += reduce_sum(second);
}

namespace {

BELFRY_INLINE Vec<double> load_double_n(const double* p, int n) { return load_n(p, n); }
BELFRY_INLINE Vec<double> load_double_n(const float* p, int n) { return load_widen_n(p, n); }

// The cost by which states are compared: key·of_key + distance·of_distance.
struct CostWeights {
  double of_key, of_distance;
};
BELFRY_INLINE CostWeights weights_of(const math::WassersteinBall& ball) {
  switch (ball.multiplier()) {
    case math::Multiplier::zero: return {1, 0};
    case math::Multiplier::infinite: return {0, 1};
    case math::Multiplier::inside: break;
  }
  return {1, ball.lambda()};
}

}  // namespace

template <class T>
math::Transport nearest_of_states(const math::WassersteinBall& ball, const double* keys,
                                  const T* distances, int64_t num_states) {
  constexpr int kLanes = Vec<double>::kLanes;
  const CostWeights weights = weights_of(ball);
  const Vec<double> infinite(math::kInfinity<double>);
  Vec<double> cost = infinite, distance = infinite, key = infinite;
  Mask<double> nan = is_nan(zero<double>());
  for (int64_t s = 0; s < num_states; s += kLanes) {
    const int n = static_cast<int>(num_states - s < kLanes ? num_states - s : kLanes);
    const Vec<double> d = load_double_n(distances + s, n), k = load_n(keys + s, n);
    // Without the term of weight 0: it may be infinite.
    const Vec<double> c = weights.of_distance == 0 ? k
                          : weights.of_key == 0    ? d
                                                   : k + Vec<double>(weights.of_distance) * d;
    const Mask<double> nearer = (c == cost) & (d < distance);
    const Mask<double> lower = (c == cost) & (d == distance) & (k < key);
    const Mask<double> better = first_n<double>(n) & (d < infinite) & ((c < cost) | nearer | lower);
    cost = select(better, c, cost);
    distance = select(better, d, distance);
    key = select(better, k, key);
    nan = nan | is_nan(d) | is_nan(k);
  }
  double costs[kLanes], of_lane[kLanes], keys_of_lane[kLanes];
  store(costs, cost);
  store(of_lane, distance);
  store(keys_of_lane, key);
  math::Transport best;
  best.nan = any(nan);
  for (int i = 0; i < kLanes; ++i) {
    best.offer(math::Transport{costs[i], of_lane[i], keys_of_lane[i], false});
  }
  return best;
}

namespace {

BELFRY_INLINE Vec<double> gather_double_n(const double* x, const int32_t* index, int n) {
  return gather_n(x, index, n);
}
BELFRY_INLINE Vec<double> gather_double_n(const float* x, const int32_t* index, int n) {
  return widen_lower(gather_n(x, index, n));
}

// p (r + γ c V) of n entries; V is not used where the episode ends.
template <class T>
BELFRY_INLINE Vec<double> weighted_outcomes(const OutcomeRows<T>& rows, int64_t e, int n) {
  Vec<double> next = Vec<double>(rows.gamma) * gather_double_n(rows.values, rows.col + e, n);
  if (rows.continues.given()) {
    double goes_on[Vec<double>::kLanes] = {};
    for (int i = 0; i < n; ++i) goes_on[i] = rows.continues(e + i) ? 1 : 0;
    next = select(load(goes_on) == zero<double>(), zero<double>(), next);
  }
  return load_double_n(rows.prob + e, n) * (load_double_n(rows.rewards + e, n) + next);
}

}  // namespace

template <class T>
void means_of_rows(const OutcomeRows<T>& rows, int64_t first, int64_t count, T* means) {
  constexpr int kLanes = Vec<double>::kLanes;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t end = rows.row_ptr[first + i + 1];
    int64_t e = rows.row_ptr[first + i];
    Vec<double> sum = zero<double>();
    for (; e + kLanes <= end; e += kLanes) sum += weighted_outcomes(rows, e, kLanes);
    if (e < end) sum += weighted_outcomes(rows, e, static_cast<int>(end - e));
    means[i] = static_cast<T>(reduce_sum(sum));
  }
}

template void means_of_rows(const OutcomeRows<float>&, int64_t, int64_t, float*);
template void means_of_rows(const OutcomeRows<double>&, int64_t, int64_t, double*);
template math::Transport nearest_of_states(const math::WassersteinBall&, const double*,
                                           const float*, int64_t);
template math::Transport nearest_of_states(const math::WassersteinBall&, const double*,
                                           const double*, int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
