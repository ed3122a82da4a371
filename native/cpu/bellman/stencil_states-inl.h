// Body of stencil_states, once per instruction set. The rewards of a vector of states lie state by
// state and are dealt out to a vector for each action, by log2(A) rounds of unzipping. Bytes per
// pair: 4 + sizeof(T), plus V and V' once.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// Lanes of a, then of b, of which every second one is taken: the even ones, or the odd ones.
template <int kOdd, class T, std::size_t... I>
BELFRY_INLINE Vec<T> every_second(Vec<T> a, Vec<T> b, std::index_sequence<I...>) {
  return Vec<T>(__builtin_shufflevector(a.raw, b.raw, (2 * static_cast<int>(I) + kOdd)...));
}

// K vectors that hold rows of K lanes -> a vector of each column.
template <int K, class T>
BELFRY_INLINE void unzip_rows(Vec<T>* x) {
  if constexpr (K > 1) {
    constexpr auto kLane = std::make_index_sequence<static_cast<std::size_t>(Vec<T>::kLanes)>{};
    Vec<T> even[K / 2], odd[K / 2];
    for (int i = 0; i < K / 2; ++i) {
      even[i] = every_second<0>(x[2 * i], x[2 * i + 1], kLane);
      odd[i] = every_second<1>(x[2 * i], x[2 * i + 1], kLane);
    }
    unzip_rows<K / 2>(even);
    unzip_rows<K / 2>(odd);
    for (int i = 0; i < K / 2; ++i) {
      x[2 * i] = even[i];
      x[2 * i + 1] = odd[i];
    }
  }
}

// How far each action leads, as the successors of a vector of states should be.
template <int A, class T>
class Pattern {
 public:
  // From the successors of `state`.
  BELFRY_INLINE Pattern(const int32_t* next, int64_t state) {
    constexpr int kWords = Vec<int32_t>::kLanes;
    int32_t want[kRows];
    for (int a = 0; a < A; ++a) distance_[a] = next[a] - state;
    for (int i = 0; i < kRows; ++i) {
      want[i] = static_cast<int32_t>(distance_[i % A]) + static_cast<int32_t>(state + i / A);
    }
    for (int k = 0; k < kVectors; ++k) want_[k] = load(want + k * kWords);
  }
  BELFRY_INLINE bool holds(const int32_t* next, int32_t terminal) const {
    constexpr int kWords = Vec<int32_t>::kLanes;
    Mask<int32_t> bad = first_n<int32_t>(0);
    for (int k = 0; k < kVectors; ++k) {
      const Vec<int32_t> got = load(next + k * kWords);
      bad = bad | !(got == want_[k]) | (got == Vec<int32_t>(terminal));
    }
    return !any(bad);
  }
  BELFRY_INLINE void advance() {
    for (int k = 0; k < kVectors; ++k) want_[k] += Vec<int32_t>(Vec<T>::kLanes);
  }
  BELFRY_INLINE int64_t distance(int a) const { return distance_[a]; }
  BELFRY_INLINE int64_t furthest() const {
    int64_t most = distance_[0];
    for (int a = 1; a < A; ++a) most = distance_[a] > most ? distance_[a] : most;
    return most;
  }

 private:
  static constexpr int kRows = A * Vec<T>::kLanes;
  static constexpr int kVectors = kRows / Vec<int32_t>::kLanes;
  int64_t distance_[A];
  Vec<int32_t> want_[kVectors];
};

template <int kWrite, class U>
BELFRY_INLINE void fetch_line_ahead(U* p, int64_t bytes) {
  constexpr int64_t kAhead = 4096;
  for (int64_t i = 0; i < bytes; i += 64) {
    __builtin_prefetch(reinterpret_cast<const char*>(p) + kAhead + i, kWrite, 2);
  }
}

// The pattern is that of the states left, so that one border costs one vector of states.
template <int A, class T>
BELFRY_NOINLINE int64_t run_pattern(const DeterministicStates<T>& model, int64_t begin,
                                    int64_t end) {
  constexpr int kLanes = Vec<T>::kLanes;
  const Vec<T> gamma(model.gamma), sign(model.minimise ? T(-1) : T(1));
  Pattern<A, T> pattern(model.next_states + begin * A, begin);
  const T* ahead = model.values + pattern.furthest();
  int64_t s = begin;
  for (; s + kLanes <= end; s += kLanes, pattern.advance()) {
    if (!pattern.holds(model.next_states + s * A, model.terminal)) break;
    // Half a dozen streams are more than the processor follows by itself.
    fetch_line_ahead<0>(model.next_states + s * A, kLanes * A * 4);
    fetch_line_ahead<0>(model.rewards + s * A, kLanes * A * static_cast<int64_t>(sizeof(T)));
    fetch_line_ahead<0>(ahead + s, kLanes * static_cast<int64_t>(sizeof(T)));
    if (model.values_out) {
      fetch_line_ahead<1>(model.values_out + s, kLanes * static_cast<int64_t>(sizeof(T)));
    }
    Vec<T> q[A];
    for (int a = 0; a < A; ++a) q[a] = load(model.rewards + s * A + a * kLanes);
    unzip_rows<A>(q);
    Vec<T> best = zero<T>(), action = zero<T>();
    Mask<T> nan = first_n<T>(0);
    for (int a = 0; a < A; ++a) {
      const Vec<T> key = sign * (q[a] + gamma * load(model.values + s + pattern.distance(a)));
      nan = nan | is_nan(key);
      const Mask<T> better = a == 0 ? is_nan(key) | !is_nan(key) : key > best;
      action = select(better, Vec<T>(static_cast<T>(a)), action);
      best = select(better, key, best);
    }
    if (any(nan)) break;
    if (model.values_out) store(model.values_out + s, sign * best);
    if (model.policy) {
      T actions[kLanes];
      store(actions, action);
      for (int i = 0; i < kLanes; ++i) model.policy[s + i] = static_cast<int32_t>(actions[i]);
    }
  }
  return s;
}

}  // namespace

template <class T>
int64_t states_of_pattern(const DeterministicStates<T>& model, int64_t begin, int64_t end) {
  if (begin + Vec<T>::kLanes > end) return begin;
  switch (model.num_actions) {
    case 2: return run_pattern<2>(model, begin, end);
    case 4: return run_pattern<4>(model, begin, end);
    case 8: return run_pattern<8>(model, begin, end);
    default: return begin;
  }
}

template int64_t states_of_pattern(const DeterministicStates<float>&, int64_t, int64_t);
template int64_t states_of_pattern(const DeterministicStates<double>&, int64_t, int64_t);

}  // namespace belfry::cpu::BELFRY_ISA
