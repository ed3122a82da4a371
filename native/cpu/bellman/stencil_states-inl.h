// Body of stencil_states, once per instruction set. Bytes per pair: 4 + sizeof(T), plus V and V'
// once.

namespace belfry::cpu::BELFRY_ISA {
namespace {

// The pattern is that of the states left, so that one border costs one vector of states.
template <int A, class T>
BELFRY_NOINLINE int64_t run_pattern(const DeterministicStates<T>& model, int64_t begin,
                                    int64_t end) {
  constexpr int kLanes = Vec<T>::kLanes;
  const Vec<T> gamma(model.gamma), sign(model.minimise ? T(-1) : T(1));
  Pattern<A, T> pattern(model.next_states + begin * A, begin);
  // Beyond these states some successor would be none.
  if (begin + pattern.nearest() < 0) return begin;
  const int64_t inside = model.num_states - pattern.furthest();
  end = inside < end ? inside : end;
  const T* ahead = model.values + pattern.furthest();
  int64_t s = begin;
  for (; s + kLanes <= end; s += kLanes, pattern.advance(kLanes)) {
    if (!pattern.holds(model.next_states + s * A, model.terminal)) break;
    fetch_ahead<0, 2>(model.next_states + s * A, kLanes * A, kFetchAhead);
    fetch_ahead<0, 2>(model.rewards + s * A, kLanes * A, kFetchAhead);
    fetch_ahead<0, 2>(ahead + s, kLanes, kFetchAhead);
    if (model.values_out) {
      fetch_ahead<1, 2>(model.values_out + s, kLanes, kFetchAhead);
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
