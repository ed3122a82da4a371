// The clipped surrogate of one token, and its KL term. V is float or double, or the CPU kernels'
// Vec<T>: a template made outside a target region cannot be used inside one, so each includes this
// text in its own namespace, after MaskOf<V>, ScalarOf<V>, select, clamp, abs, exp, expm1 and
// BELFRY_FORMULA (what stands before each function).

// `loss` and `grad` before every weight; grad is ∂loss/∂log π.
template <class V>
struct Surrogate {
  V loss, grad;
  V log_ratio, ratio;                // after the clamp
  MaskOf<V> clipped, lower, frozen;  // at the clip, at the dual clip, at the log-ratio clamp
};

// ℓ = max(−Aρ, −A·clip(ρ, low, high)); with A < 0: min(ℓ, −A·dual)   (1707.06347 eq. 7; 1912.09729)
template <class V>
BELFRY_FORMULA Surrogate<V> surrogate(V log_prob, V old_log_prob, V advantage,
                                      const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0));
  const V bound = V(settings.ratio_clamp);
  const V difference = log_prob - old_log_prob;
  Surrogate<V> token;
  token.log_ratio = clamp(difference, -bound, bound);
  token.ratio = exp(token.log_ratio);
  const V bounded = -advantage * clamp(token.ratio, V(settings.low), V(settings.high));
  // A ratio of infinity counts for nothing where A is 0.
  const V plain = select(advantage == zero, bounded, -advantage * token.ratio);
  token.frozen = abs(difference) > bound;
  token.clipped = bounded > plain;
  const V larger = select(token.clipped, bounded, plain);
  const V ceiling = -advantage * V(settings.dual);
  token.lower = (advantage < zero) & (larger > ceiling);
  token.loss = select(token.lower, ceiling, larger);
  token.grad = select(token.clipped | token.lower | token.frozen, zero, plain);
  return token;
}

template <class V>
struct KlTerm {
  V value, slope;  // slope is ∂value/∂log π, or what stands for it
};

// x = −d clamped: e^x − x − 1, clamped again; no slope where a clamp is active.
template <class V>
BELFRY_FORMULA KlTerm<V> kl_k3(V d, const SurrogateSettings<ScalarOf<V>>& settings) {
  const V bound = V(settings.kl_clamp);
  const V limit = V(settings.kl_max);
  const V x = clamp(-d, -bound, bound);
  const V growth = expm1(x);
  const V value = growth - x;
  const MaskOf<V> frozen = (abs(d) > bound) | (abs(value) > limit);
  return {clamp(value, -limit, limit), select(frozen, V(ScalarOf<V>(0)), -growth)};
}

// Estimates of KL(π‖π_ref) from d = log π − log π_ref; the "+" kinds have the slope of k2.
template <class V>
BELFRY_FORMULA KlTerm<V> kl_term(V d, const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0));
  const V one = V(ScalarOf<V>(1));
  switch (settings.kl_kind) {
    case KlKind::k1: return {d, one};
    case KlKind::k2: return {d * d * V(ScalarOf<V>(0.5)), d};
    case KlKind::k3: return kl_k3(d, settings);
    case KlKind::abs: return {abs(d), select(d > zero, one, select(d < zero, -one, d))};
    case KlKind::k1_plus: return {d, d};
    case KlKind::k3_plus: return {kl_k3(d, settings).value, d};
  }
  return {zero, zero};
}

// Adds β·KL to a token whose policy term is already weighted; with `kl_times_ratio` β·ρ·KL.
template <class V>
BELFRY_FORMULA void add_kl(Surrogate<V>& token, V d,
                           const SurrogateSettings<ScalarOf<V>>& settings) {
  const V coefficient = V(settings.kl_coef);
  KlTerm<V> kl = kl_term(d, settings);
  if (settings.kl_times_ratio) {
    const V of_ratio = select(token.frozen, V(ScalarOf<V>(0)), kl.value);
    kl = {token.ratio * kl.value, token.ratio * (of_ratio + kl.slope)};
  }
  token.loss = token.loss + coefficient * kl.value;
  token.grad = token.grad + coefficient * kl.slope;
}
