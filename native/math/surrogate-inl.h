// The policy term of one token for each kind, and its KL term. V is float or double, or the CPU
// kernels' Vec<T>: a template made outside a target region cannot be used inside one, so each
// includes this text in its own namespace, after MaskOf<V>, ScalarOf<V>, select, clamp, abs, max,
// exp, exp_within, expm1 and BELFRY_FORMULA (what stands before each function).

// `loss` and `grad` before every weight; grad is ∂loss/∂log π.
template <class V>
struct Surrogate {
  V loss, grad;
  V log_ratio, ratio;                // after the clamp
  MaskOf<V> clipped, lower, frozen;  // at the clip, at the dual clip, at the log-ratio clamp
};

// What a token takes from its sequence, in the kinds whose ratio is the sequence's.
template <class V>
struct SequenceTerm {
  V ratio;  // gspo, luspo: exp(mean log ρ); gmpo: that of the clipped log ρ; vespo: exp(Σ log ρ)
  V log_ratio;  // its logarithm
  V advantage;  // gmpo: the mean
  V slope;      // 0 where the ratio is at its clamp, else 1
};

// kWithin: the log-ratio is clamped to where exp_within is enough.
template <bool kWithin = false, class V>
BELFRY_FORMULA Surrogate<V> token_ratio(V log_prob, V old_log_prob,
                                        const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0));
  const V bound = V(settings.ratio_clamp);
  const V difference = log_prob - old_log_prob;
  const MaskOf<V> none = zero < zero;
  const V log_ratio = clamp(difference, -bound, bound);
  const V ratio = kWithin ? exp_within(log_ratio) : exp(log_ratio);
  return {zero, zero, log_ratio, ratio, none, none, abs(difference) > bound};
}

// ℓ = max(−Aρ, −A·clip(ρ, low, high))   (1707.06347 eq. 7)
template <class V>
BELFRY_FORMULA void clip_term(Surrogate<V>& token, V ratio, MaskOf<V> frozen, V advantage,
                              const SurrogateSettings<ScalarOf<V>>& settings) {
  const V bounded = -advantage * clamp(ratio, V(settings.low), V(settings.high));
  const V plain = -advantage * ratio;
  token.clipped = bounded > plain;
  // `bounded` where `plain` is no number: a ratio of infinity counts for nothing where A is 0.
  token.loss = max(plain, bounded);
  token.grad = select(token.clipped | frozen, V(ScalarOf<V>(0)), token.loss);
}

// With A < 0: min(ℓ, −A·dual)   (1912.09729)
template <bool kWithin = false, class V>
BELFRY_FORMULA Surrogate<V> surrogate(V log_prob, V old_log_prob, V advantage,
                                      const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0));
  Surrogate<V> token = token_ratio<kWithin>(log_prob, old_log_prob, settings);
  clip_term(token, token.ratio, token.frozen, advantage, settings);
  if (!settings.has_dual) return token;
  const V ceiling = -advantage * V(settings.dual);
  token.lower = (advantage < zero) & (token.loss > ceiling);
  token.loss = select(token.lower, ceiling, token.loss);
  token.grad = select(token.lower, zero, token.grad);
  return token;
}

// ℓ = −f·A·log π with a constant factor f: reinforce (f = 1), cispo, vespo.
template <class V>
BELFRY_FORMULA void score_term(Surrogate<V>& token, V factor, V log_prob, V advantage) {
  const V zero = V(ScalarOf<V>(0));
  token.grad = select(advantage == zero, zero, -factor * advantage);
  token.loss = select(advantage == zero, zero, token.grad * log_prob);
}

// f = clip(ρ, low, high)   (2506.13585)
template <class V>
BELFRY_FORMULA void cispo_term(Surrogate<V>& token, V log_prob, V advantage,
                               const SurrogateSettings<ScalarOf<V>>& settings) {
  const V low = V(settings.low), high = V(settings.high);
  token.clipped = (token.ratio < low) | (token.ratio > high);
  score_term(token, clamp(token.ratio, low, high), log_prob, advantage);
}

// ℓ = −A·(4/τ)·σ(τ(ρ − 1)), τ by the sign of A   (2511.20347)
template <class V>
BELFRY_FORMULA void sapo_term(Surrogate<V>& token, V advantage,
                              const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0)), one = V(ScalarOf<V>(1)), four = V(ScalarOf<V>(4));
  const V tau = select(advantage > zero, V(settings.tau_pos), V(settings.tau_neg));
  const V gate = one / (one + exp(tau * (one - token.ratio)));
  const V rest = one - gate;
  const V slope = select(rest == zero, zero, four * gate * rest * token.ratio);
  token.loss = -advantage * (four / tau) * gate;
  token.grad = select(token.frozen, zero, -advantage * slope);
}

// ℓ = −Ā·exp(mean d); its slope is that of the tokens that are not clipped   (2507.20673)
template <class V>
BELFRY_FORMULA void gmpo_term(Surrogate<V>& token, const SequenceTerm<V>& sequence, V advantage,
                              const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0));
  token.clipped = ((advantage > zero) & (token.log_ratio > V(settings.high))) |
                  ((advantage < zero) & (token.log_ratio < V(settings.low)));
  token.loss = -sequence.advantage * sequence.ratio;
  token.grad = select(token.clipped | token.frozen | (advantage == zero), zero, token.loss);
}

// d of gmpo: log ρ, clipped in the direction in which A pushes it.
template <class V>
BELFRY_FORMULA V gmpo_log_ratio(V log_ratio, V advantage,
                                const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0)), low = V(settings.low), high = V(settings.high);
  const V up = select(log_ratio > high, high, log_ratio);
  const V down = select(log_ratio < low, low, log_ratio);
  return select(advantage > zero, up, select(advantage < zero, down, zero));
}

// f = exp(λ + k ln w − λ w), k and λ by the sign of A (TRL's VESPO).
template <class V>
BELFRY_FORMULA void vespo_term(Surrogate<V>& token, const SequenceTerm<V>& sequence, V log_prob,
                               V advantage, const SurrogateSettings<ScalarOf<V>>& settings) {
  const MaskOf<V> positive = advantage > V(ScalarOf<V>(0));
  const V k = select(positive, V(settings.k_pos), V(settings.k_neg));
  const V lambda = select(positive, V(settings.lambda_pos), V(settings.lambda_neg));
  const V factor = exp(lambda + k * sequence.log_ratio - lambda * sequence.ratio);
  score_term(token, factor, log_prob, advantage);
}

// ℓ = −Aρ, and coef·|log ρ| more on the selected tokens; neither clip nor clamp.
template <class V>
BELFRY_FORMULA void kl_cov_term(Surrogate<V>& token, V difference, MaskOf<V> selected, V advantage,
                                const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0)), one = V(ScalarOf<V>(1));
  const V plain = select(advantage == zero, zero, -advantage * exp(difference));
  const V sign = select(difference > zero, one, select(difference < zero, -one, difference));
  const V coefficient = select(selected, V(settings.ppo_kl_coef), zero);
  token.clipped = selected;
  token.loss = plain + select(selected, coefficient * abs(difference), zero);
  token.grad = plain + select(selected, coefficient * sign, zero);
}

// The policy term of any kind. `selected`: what clip_cov drops and kl_cov penalises.
template <class V>
BELFRY_FORMULA Surrogate<V> policy_term(V log_prob, V old_log_prob, V advantage,
                                        const SequenceTerm<V>& sequence, MaskOf<V> selected,
                                        const SurrogateSettings<ScalarOf<V>>& settings) {
  const V zero = V(ScalarOf<V>(0));
  Surrogate<V> token = token_ratio(log_prob, old_log_prob, settings);
  switch (settings.kind) {
    case PolicyLossKind::ppo_clip: return surrogate(log_prob, old_log_prob, advantage, settings);
    case PolicyLossKind::reinforce:
    case PolicyLossKind::gpg: score_term(token, V(ScalarOf<V>(1)), log_prob, advantage); break;
    case PolicyLossKind::cispo:
    case PolicyLossKind::cispo_abs: cispo_term(token, log_prob, advantage, settings); break;
    case PolicyLossKind::sapo: sapo_term(token, advantage, settings); break;
    case PolicyLossKind::gspo:
    case PolicyLossKind::luspo:
      clip_term(token, sequence.ratio, sequence.slope == zero, advantage, settings);
      break;
    case PolicyLossKind::gmpo: gmpo_term(token, sequence, advantage, settings); break;
    case PolicyLossKind::vespo: vespo_term(token, sequence, log_prob, advantage, settings); break;
    case PolicyLossKind::clip_cov:
      clip_term(token, token.ratio, token.frozen, advantage, settings);
      token.loss = select(selected, zero, token.loss);
      token.grad = select(selected, zero, token.grad);
      break;
    case PolicyLossKind::kl_cov:
      kl_cov_term(token, log_prob - old_log_prob, selected, advantage, settings);
      break;
  }
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
