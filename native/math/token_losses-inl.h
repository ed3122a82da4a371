// The losses of token_losses.h at one token. Included like surrogate-inl.h, after it and log1p.

// Before every weight. `extra`: what else the op gives for a token.
template <class V>
struct TokenTerm {
  V loss, grad, extra;
  MaskOf<V> clipped;
};

template <class V>
BELFRY_FORMULA TokenTerm<V> unclipped(V loss, V grad, V extra) {
  return {loss, grad, extra, loss < loss};
}

template <class V>
BELFRY_FORMULA TokenTerm<V> token_term(const AggregateRule<ScalarOf<V>>&, const V* x, const V*,
                                       MaskOf<V>) {
  return unclipped(x[0], V(ScalarOf<V>(1)), x[0]);
}

template <class V>
BELFRY_FORMULA TokenTerm<V> token_term(const KlRule<ScalarOf<V>>& rule, const V* x, const V*,
                                       MaskOf<V>) {
  const KlTerm<V> kl = kl_term(x[0] - x[1], rule.settings);
  const V value = V(rule.scale) * kl.value;
  return unclipped(value, kl.slope, value);
}

// f(x) = x²/2, or past δ its tangent.
template <class V>
BELFRY_FORMULA V huber(V x, ScalarOf<V> delta) {
  const V half = V(ScalarOf<V>(0.5));
  const V size = abs(x);
  return select(size > V(delta), V(delta) * (size - half * V(delta)), half * x * x);
}

// max(f(V − G), f(V_c − G)), V_c = V_old + clip(V − V_old, ±ε)
template <class V>
BELFRY_FORMULA TokenTerm<V> token_term(const ValueRule<ScalarOf<V>>& rule, const V* x, const V*,
                                       MaskOf<V>) {
  const V zero = V(ScalarOf<V>(0)), delta = V(rule.delta), clip = V(rule.clip);
  const V error = x[0] - x[1];
  const V slope = clamp(error, -delta, delta);
  TokenTerm<V> term = unclipped(huber(error, rule.delta), slope, zero);
  if (!rule.clips) return term;
  // Within ±ε V_c is V itself, to the last bit; past it the clipped branch is flat.
  const V moved = x[0] - x[2];
  const V bounded = select(abs(moved) > clip, x[2] + clamp(moved, -clip, clip), x[0]);
  const V other = huber(bounded - x[1], rule.delta);
  term.clipped = other > term.loss;
  term.loss = select(term.clipped, other, term.loss);
  term.grad = select(term.clipped, zero, term.grad);
  return term;
}

// w ℓ_ppo(π/π_prox), w = π_prox/π_behav capped
template <class V>
BELFRY_FORMULA TokenTerm<V> token_term(const DecoupledRule<ScalarOf<V>>& rule, const V* x, const V*,
                                       MaskOf<V>) {
  const V zero = V(ScalarOf<V>(0)), cap = V(rule.cap), bound = V(rule.settings.ratio_clamp);
  const Surrogate<V> token = surrogate(x[0], x[1], x[3], rule.settings);
  const V weight = exp(clamp(x[1] - x[2], -bound, bound));
  const MaskOf<V> over = weight > cap;
  if (rule.truncates) {
    const V kept = select(over, cap, weight);
    return {token.loss * kept, token.grad * kept, kept, token.clipped};
  }
  return {select(over, zero, token.loss * weight), select(over, zero, token.grad * weight),
          select(over, zero, weight), token.clipped};
}

// With R = π/π_old and x = (1 − rR)/(1 − r) = 1 − r/(1 − r)·(R − 1): −ln max(R, c⁺) for what was
// right, −ln max(x, c⁻) for what was wrong; the bounds pass the slope through.
template <class V>
BELFRY_FORMULA TokenTerm<V> token_term(const NftRule<ScalarOf<V>>& rule, const V* x, const V* row,
                                       MaskOf<V>) {
  const V zero = V(ScalarOf<V>(0)), one = V(ScalarOf<V>(1)), most = V(rule.log_ratio_max);
  const V least_positive = V(rule.least_positive), least_negative = V(rule.least_negative);
  const V difference = x[0] - x[1];
  const MaskOf<V> frozen = difference > most;
  const V d = select(frozen, most, difference);
  const V log_kept = select(d < least_positive, least_positive, d);
  const V beyond = -row[2] * expm1(d);
  const V kept = select(beyond < least_negative, least_negative, beyond);
  const V right = select(row[0] == zero, zero, -row[0] * log_kept);
  const V wrong = select(row[1] == zero, zero, -row[1] * log1p(kept));
  const V right_slope = select(row[0] == zero, zero, -row[0] * exp(d - log_kept));
  const V wrong_slope = select(row[1] == zero, zero, row[1] * row[2] * exp(d) / (one + kept));
  return unclipped(right + wrong, select(frozen, zero, right_slope + wrong_slope), zero);
}

// w ℓ_ppo(A_local) + (1 − w) ℓ_ppo(A_global)
template <class V>
BELFRY_FORMULA TokenTerm<V> token_term(const CopoRule<ScalarOf<V>>& rule, const V* x, const V* row,
                                       MaskOf<V>) {
  const V zero = V(ScalarOf<V>(0)), one = V(ScalarOf<V>(1));
  const Surrogate<V> local = surrogate(x[0], x[1], row[0], rule.settings);
  const Surrogate<V> global = surrogate(x[0], x[1], row[1], rule.settings);
  const V w = row[2], rest = one - row[2];
  const MaskOf<V> no_local = w == zero, no_global = rest == zero;
  return unclipped(
      select(no_local, zero, w * local.loss) + select(no_global, zero, rest * global.loss),
      select(no_local, zero, w * local.grad) + select(no_global, zero, rest * global.grad), zero);
}

template <class V>
struct ShapedProbability {
  V value, slope;  // slope: by log π
};

template <class V>
BELFRY_FORMULA ShapedProbability<V> shaped(const OffPolicyRule<ScalarOf<V>>& rule, V log_prob) {
  const V gamma = V(rule.gamma);
  switch (rule.shape) {
    case OffPolicyShaping::ratio_to_gamma: {
      const V p = exp(log_prob);
      const V share = p / (p + gamma);
      return {share, share * (gamma / (p + gamma))};
    }
    case OffPolicyShaping::logarithm: return {log_prob, V(ScalarOf<V>(1))};
    case OffPolicyShaping::plain:
    case OffPolicyShaping::square_root:
    case OffPolicyShaping::power: break;
  }
  const V exponent = V(rule.exponent);
  const V value = exp(exponent * log_prob);
  return {value, exponent * value};
}

// −A f(π) for an off-policy token, −Aρ or ℓ_ppo for the others
template <class V>
BELFRY_FORMULA TokenTerm<V> token_term(const OffPolicyRule<ScalarOf<V>>& rule, const V* x, const V*,
                                       MaskOf<V> off_policy) {
  const V zero = V(ScalarOf<V>(0)), advantage = x[2];
  const ShapedProbability<V> f = shaped(rule, x[0]);
  Surrogate<V> on = token_ratio(x[0], x[1], rule.settings);
  if (rule.clips) {
    clip_term(on, on.ratio, on.frozen, advantage, rule.settings);
  } else {
    on.loss = select(advantage == zero, zero, -advantage * on.ratio);
    on.grad = select(on.frozen, zero, on.loss);
  }
  return {select(off_policy, -advantage * f.value, on.loss),
          select(off_policy, -advantage * f.slope, on.grad), zero, on.clipped};
}
