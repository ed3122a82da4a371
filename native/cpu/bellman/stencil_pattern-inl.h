// Patterns of states that move alike, once per instruction set: the successors of a vector of
// states are checked against fixed distances, and the rewards, which lie state by state, are dealt
// out to a vector for each action by log2(A) rounds of unzipping.

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
  // To the states that lie `states` further on.
  BELFRY_INLINE void advance(int32_t states) {
    for (int k = 0; k < kVectors; ++k) want_[k] += Vec<int32_t>(states);
  }
  BELFRY_INLINE int64_t distance(int a) const { return distance_[a]; }
  BELFRY_INLINE int64_t nearest() const {
    int64_t least = distance_[0];
    for (int a = 1; a < A; ++a) least = distance_[a] < least ? distance_[a] : least;
    return least;
  }
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

// Half a dozen streams are more than the processor follows by itself.
constexpr int64_t kFetchAhead = 4096;

}  // namespace
}  // namespace belfry::cpu::BELFRY_ISA
