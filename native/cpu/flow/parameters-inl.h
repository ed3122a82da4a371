// Bodies of parameters.h, once per instruction set.

namespace belfry::cpu::BELFRY_ISA {

BELFRY_INLINE Vec<double> squares_of(const float* x, int count) {
  const Vec<double> g = load_widen_n(x, count);
  return g * g;
}
BELFRY_INLINE Vec<double> squares_of(const double* x, int count) {
  const Vec<double> g = load_n(x, count);
  return g * g;
}

// Four sums in turn, so that none waits for the one before.
template <class T>
double squares_body(const T* x, int64_t n) {
  constexpr int kLanes = Vec<double>::kLanes;
  Vec<double> sums[4] = {Vec<double>(0.0), Vec<double>(0.0), Vec<double>(0.0), Vec<double>(0.0)};
  for (int64_t i = 0; i < n; i += kLanes) {
    const int count = static_cast<int>(n - i < kLanes ? n - i : kLanes);
    sums[i / kLanes % 4] += squares_of(x + i, count);
  }
  return reduce_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

template <class T>
void adam_body(const AdamSlice<T>& s, const AdamStep<T>& step) {
  const math::AdamRule<T>& rule = step.rule;
  const Vec<T> beta1(rule.beta1), beta2(rule.beta2), rest1(rule.rest1), rest2(rule.rest2);
  constexpr int kLanes = Vec<T>::kLanes;
  for (int64_t i = 0; i < s.count; i += kLanes) {
    const int n = static_cast<int>(s.count - i < kLanes ? s.count - i : kLanes);
    const Vec<T> w = load_n(s.value + i, n);
    const Vec<T> g = fma(Vec<T>(rule.l2), w, load_n(s.grad + i, n) * step.scale);
    const Vec<T> m0 = s.m ? load_n(s.m + i, n) : Vec<T>(T(0));
    const Vec<T> v0 = s.v ? load_n(s.v + i, n) : Vec<T>(T(0));
    const Vec<T> m = fma(rest1, g, beta1 * m0), v = fma(rest2, g * g, beta2 * v0);
    const Vec<T> root = fma(sqrt(v), Vec<T>(rule.inverse_root), Vec<T>(rule.eps));
    const Vec<T> next = w * rule.keep - Vec<T>(rule.step_size) * (m / root);
    if (s.next_m) store_n(s.next_m + i, m, n);
    if (s.next_v) store_n(s.next_v + i, v, n);
    if (s.next) store_n(s.next + i, next, n);
    if (s.next_follower) {
      const Vec<T> follower = load_n(s.follower + i, n);
      store_n(s.next_follower + i, fma(Vec<T>(step.tau), next, Vec<T>(1 - step.tau) * follower), n);
    }
  }
}

template double squares_body(const float*, int64_t);
template double squares_body(const double*, int64_t);
template void adam_body(const AdamSlice<float>&, const AdamStep<float>&);
template void adam_body(const AdamSlice<double>&, const AdamStep<double>&);

}  // namespace belfry::cpu::BELFRY_ISA
