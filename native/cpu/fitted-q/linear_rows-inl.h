// Dots and sums of rows of features, once per instruction set.
//
// Four rows at a time share the loads of w (or of the sum); float features are widened on the way
// in. At one fma per load the data stream from memory as fast as they come.

namespace belfry::cpu::BELFRY_ISA {
namespace {

constexpr int kRowsAtOnce = 4;
constexpr int64_t kFetchAhead = 4096;

BELFRY_INLINE Vec<double> widened(const double* p) { return load(p); }
BELFRY_INLINE Vec<double> widened(const float* p) { return load_widen(p); }
BELFRY_INLINE Vec<double> widened_n(const double* p, int n) { return load_n(p, n); }
BELFRY_INLINE Vec<double> widened_n(const float* p, int n) { return load_widen_n(p, n); }

// A row's dot has the same bits in any group of rows.
template <class T, int kRows>
BELFRY_INLINE void group_dots(const T* rows, int64_t stride, int64_t length, const double* w,
                              double* out) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> even[kRows], odd[kRows];
  for (int r = 0; r < kRows; ++r) even[r] = odd[r] = zero<double>();
  int64_t i = 0;
  for (; i + 2 * kLanes <= length; i += 2 * kLanes) {
    const Vec<double> w0 = load(w + i), w1 = load(w + i + kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      even[r] = fma(widened(rows + r * stride + i), w0, even[r]);
      odd[r] = fma(widened(rows + r * stride + i + kLanes), w1, odd[r]);
    }
  }
  for (; i < length; i += kLanes) {
    const int n = static_cast<int>(length - i < kLanes ? length - i : kLanes);
    const Vec<double> part = load_n(w + i, n);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      even[r] = fma(widened_n(rows + r * stride + i, n), part, even[r]);
    }
  }
  for (int r = 0; r < kRows; ++r) out[r] = reduce_sum(even[r] + odd[r]);
}

template <class T, int kRows>
BELFRY_INLINE void group_add(const T* rows, int64_t stride, int64_t length, const double* factors,
                             double* sum) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> factor[kRows];
  for (int r = 0; r < kRows; ++r) factor[r] = broadcast(factors[r]);
  int64_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    Vec<double> total = load(sum + i);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) total = fma(widened(rows + r * stride + i), factor[r], total);
    store(sum + i, total);
  }
  const int rest = static_cast<int>(length - i);
  if (rest == 0) return;
  Vec<double> total = load_n(sum + i, rest);
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    total = fma(widened_n(rows + r * stride + i, rest), factor[r], total);
  }
  store_n(sum + i, total, rest);
}

}  // namespace

template <class T>
void linear_dots_of(const T* rows, int64_t stride, int64_t count, int64_t length, const double* w,
                    double* out) {
  int64_t i = 0;
  for (; i + kRowsAtOnce <= count; i += kRowsAtOnce) {
    group_dots<T, kRowsAtOnce>(rows + i * stride, stride, length, w, out + i);
  }
  for (; i < count; ++i) group_dots<T, 1>(rows + i * stride, stride, length, w, out + i);
}

template <class T>
void linear_add_of(const T* rows, int64_t stride, int64_t count, int64_t length,
                   const double* factors, double* sum) {
  int64_t i = 0;
  for (; i + kRowsAtOnce <= count; i += kRowsAtOnce) {
    group_add<T, kRowsAtOnce>(rows + i * stride, stride, length, factors + i, sum);
  }
  for (; i < count; ++i) group_add<T, 1>(rows + i * stride, stride, length, factors + i, sum);
}

namespace {

// r + γ max_a φ'_a·w over the allowed actions of a row.
template <class T>
double new_target(const LinearData<T>& data, const double* w, int64_t row) {
  const double reward = static_cast<double>(data.rewards[row]);
  if (data.terminated(row)) return reward;
  constexpr int64_t kGroup = 16;
  double q[kGroup];
  math::GreedyChoice<double> best;
  for (int64_t a = 0; a < data.num_actions; a += kGroup) {
    const int64_t count = data.num_actions - a < kGroup ? data.num_actions - a : kGroup;
    const int64_t first = row * data.num_actions + a;
    const T* features = data.next_phi + first * data.size;
    fetch_ahead(features, count * data.size, kFetchAhead);
    linear_dots_of(features, data.size, count, data.size, w, q);
    for (int64_t i = 0; i < count; ++i) {
      if (data.allowed(first + i)) best.offer(static_cast<int32_t>(a + i), q[i]);
    }
  }
  return math::fqi_bootstrap(reward, data.gamma, best.key, best.action < 0);
}

}  // namespace

template <class T>
double linear_pass_range(const LinearData<T>& data, const LinearPass& pass, int64_t begin,
                         int64_t end, double* moments) {
  double squares = 0;
  for (int64_t row = begin; row < end; row += kRowsAtOnce) {
    const int64_t count = end - row < kRowsAtOnce ? end - row : kRowsAtOnce;
    const T* phi = data.phi + row * data.size;
    fetch_ahead(phi, count * data.size, kFetchAhead);
    double* targets = pass.targets + row;
    if (pass.fit) {
      double fitted[kRowsAtOnce];
      linear_dots_of(phi, data.size, count, data.size, pass.w, fitted);
      for (int64_t i = 0; i < count; ++i) {
        squares += (fitted[i] - targets[i]) * (fitted[i] - targets[i]);
      }
    }
    if (!pass.improve) continue;
    for (int64_t i = 0; i < count; ++i) targets[i] = new_target(data, pass.w, row + i);
    linear_add_of(phi, data.size, count, data.size, targets, moments);
  }
  return squares;
}

template void linear_dots_of(const float*, int64_t, int64_t, int64_t, const double*, double*);
template void linear_dots_of(const double*, int64_t, int64_t, int64_t, const double*, double*);
template void linear_add_of(const float*, int64_t, int64_t, int64_t, const double*, double*);
template void linear_add_of(const double*, int64_t, int64_t, int64_t, const double*, double*);
template double linear_pass_range(const LinearData<float>&, const LinearPass&, int64_t, int64_t,
                                  double*);
template double linear_pass_range(const LinearData<double>&, const LinearPass&, int64_t, int64_t,
                                  double*);

}  // namespace belfry::cpu::BELFRY_ISA
