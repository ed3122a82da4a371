// Body of stencil_sweep, once per instruction set. What does not wait for the state before is done
// a vector of states at a time; what does is a chain of one product, one sum and one comparison a
// state, whose latency is the limit.

namespace belfry::cpu::BELFRY_ISA {
namespace {

template <int A, class T>
class InPlaceStates {
 public:
  InPlaceStates(const DeterministicStates<T>& model, T* values, bool backward, int64_t low)
      : model_(model),
        values_(values),
        pattern_(model.next_states + low * A, low),
        gamma_(model.gamma),
        sign_(model.minimise ? T(-1) : T(1)),
        step_(backward ? -1 : 1),
        foremost_(backward ? pattern_.nearest() : pattern_.furthest()) {
    for (int a = 0; a < A; ++a) {
      const int64_t onward = pattern_.distance(a) * step_;
      chains_[a] = onward == -1;
      has_chain_ |= chains_[a];
      // To stay has a value of its own, and values written within the vector are not there yet.
      readable_ &= onward != 0 && (onward >= -1 || onward <= -kLanes);
    }
  }
  bool readable() const { return readable_; }

  // The states [low, low + kLanes); `last` is the key of the state before them.
  BELFRY_INLINE bool sweep(int64_t low, T& last) {
    if (!pattern_.holds(model_.next_states + low * A, model_.terminal)) return false;
    fetch_ahead_of(low);
    Vec<T> reward[A];
    for (int a = 0; a < A; ++a) reward[a] = load(model_.rewards + low * A + a * kLanes);
    unzip_rows<A>(reward);
    Vec<T> free(-math::kInfinity<T>), chained(-math::kInfinity<T>), total = zero<T>();
    for (int a = 0; a < A; ++a) {
      const Vec<T> key = sign_ * reward[a];
      if (chains_[a]) {
        chained = max(key, chained);
        total += key;
        continue;
      }
      const Vec<T> q = key + gamma_ * (sign_ * load(values_ + low + pattern_.distance(a)));
      free = max(q, free);
      total += q;
    }
    // A NaN, or infinities of both signs: choices that are made one by one.
    if (any(is_nan(total))) return false;
    if (has_chain_)
      follow(low, free, chained, last);
    else
      store(values_ + low, sign_ * free);
    pattern_.advance(static_cast<int32_t>(step_ * kLanes));
    return true;
  }

 private:
  static constexpr int kLanes = Vec<T>::kLanes;

  BELFRY_INLINE void fetch_ahead_of(int64_t low) const {
    const int64_t ahead = step_ * kFetchAhead;
    fetch_ahead<0, 2>(model_.next_states + low * A, kLanes * A, ahead);
    fetch_ahead<0, 2>(model_.rewards + low * A, kLanes * A, ahead);
    fetch_ahead<1, 2>(values_ + low + foremost_, kLanes, ahead);
  }
  BELFRY_INLINE void follow(int64_t low, Vec<T> free, Vec<T> chained, T& last) {
    T others[kLanes], rewards[kLanes];
    store(others, free);
    store(rewards, chained);
    const T gamma = model_.gamma, sign = model_.minimise ? T(-1) : T(1);
    const int64_t first = step_ < 0 ? kLanes - 1 : 0;
    T key = last;
#pragma GCC unroll 16
    for (int64_t i = 0; i < kLanes; ++i) {
      const int64_t lane = first + i * step_;
      const T onward = rewards[lane] + gamma * key;
      key = others[lane] > onward ? others[lane] : onward;
      values_[low + lane] = sign * key;
    }
    last = key;
  }

  const DeterministicStates<T>& model_;
  T* const values_;
  Pattern<A, T> pattern_;
  const Vec<T> gamma_, sign_;
  const int64_t step_, foremost_;
  bool chains_[A] = {}, has_chain_ = false, readable_ = true;
};

template <class T>
BELFRY_INLINE void add_extremes(const T* before, const T* after, int64_t count,
                                SweepExtremes<T>& extremes) {
  Vec<T> moved = zero<T>(), size = zero<T>();
  Mask<T> nan = first_n<T>(0);
  for (int64_t i = 0; i < count; i += Vec<T>::kLanes) {
    const Vec<T> value = load(after + i), delta = value - load(before + i);
    nan = nan | is_nan(delta);
    moved = max(abs(delta), moved);
    size = max(abs(value), size);
  }
  extremes.merge({reduce_max(moved), reduce_max(size), any(nan)});
}

template <int A, class T>
BELFRY_NOINLINE int64_t sweep_pattern(const DeterministicStates<T>& model, T* values, int64_t begin,
                                      int64_t end, bool backward, SweepExtremes<T>& extremes) {
  constexpr int64_t kLanes = Vec<T>::kLanes, kBlock = 256;
  // The lowest of `count` states from position p of the sweep on.
  const auto low = [&](int64_t p, int64_t count) {
    return backward ? model.num_states - p - count : p;
  };
  InPlaceStates<A, T> states(model, values, backward, low(begin, kLanes));
  if (!states.readable()) return begin;
  T last = 0;
  if (begin > 0) {
    const T value = values[low(begin - 1, 1)];
    last = model.minimise ? -value : value;
  }
  T before[kBlock];
  int64_t p = begin;
  for (bool holds = true; holds && p + kLanes <= end;) {
    const int64_t left = end - p < kBlock ? end - p : kBlock;
    const int64_t count = left / kLanes * kLanes, block = p;
    const T* old = values + low(block, count);
    for (int64_t i = 0; i < count; i += kLanes) store(before + i, load(old + i));
    while (holds && p < block + count) {
      holds = states.sweep(low(p, kLanes), last);
      if (holds) p += kLanes;
    }
    const int64_t done = p - block, first = low(block, done);
    add_extremes(before + (first - low(block, count)), values + first, done, extremes);
  }
  return p;
}

}  // namespace

template <class T>
int64_t sweep_of_pattern(const DeterministicStates<T>& model, T* values, int64_t begin, int64_t end,
                         bool backward, SweepExtremes<T>& extremes) {
  if (begin + Vec<T>::kLanes > end) return begin;
  switch (model.num_actions) {
    case 2: return sweep_pattern<2>(model, values, begin, end, backward, extremes);
    case 4: return sweep_pattern<4>(model, values, begin, end, backward, extremes);
    case 8: return sweep_pattern<8>(model, values, begin, end, backward, extremes);
    default: return begin;
  }
}

template int64_t sweep_of_pattern(const DeterministicStates<float>&, float*, int64_t, int64_t, bool,
                                  SweepExtremes<float>&);
template int64_t sweep_of_pattern(const DeterministicStates<double>&, double*, int64_t, int64_t,
                                  bool, SweepExtremes<double>&);

}  // namespace belfry::cpu::BELFRY_ISA
