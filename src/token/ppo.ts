/** Algorithms with token rewards: PPO with a value model, and REINFORCE++ without one. */
import {
  gae,
  type KlEstimateArgs,
  klShapedRewards,
  maskedWhiten,
  type PolicyLossResult,
  reinforcePlusPlus,
  type ValueLossResult,
  valueLoss,
} from '../generated/token.js';
import type { ArrayLike, RealArray, Tensor } from '../tensor.js';
import {
  baselineDefaults,
  PolicyAlgorithm,
  type PolicyOptions,
  pick,
  type SurrogateOptions,
  surrogateDefaults,
} from './algorithm.js';
import { dataOf, type LossBatch, type Scores } from './batch.js';

type KlReward = NonNullable<KlEstimateArgs['kind']>;

/** Options of rewards with a KL at every token. */
export interface ShapedRewardOptions {
  /** Weight β of the KL to the reference in the reward of each token. */
  beta: number;
  /** Its estimator. */
  klReward: KlReward;
  /** Discount γ per token. */
  gamma: number;
}

export interface PpoOptions extends SurrogateOptions, ShapedRewardOptions {
  /** Factor on the outcome reward. */
  rewardScale: number;
  /** Trace decay λ, or 'length-adaptive' (VAPO). */
  lambda: number | 'length-adaptive';
  /** Whiten the advantages over the valid tokens of the batch. */
  whiten: boolean;
  /** ε of the value loss; null: no clip. */
  valueClip: number | null;
}

/** Defaults of `Ppo`: TÜLU 3's RLVR stage. */
export const ppoDefaults: Readonly<PpoOptions> = Object.freeze({
  ...surrogateDefaults,
  rewardScale: 10,
  beta: 0.05,
  klReward: 'k1',
  gamma: 1,
  lambda: 0.95,
  whiten: true,
  valueClip: 0.2,
});

/** Scores with what the value model said at sampling time. */
export interface ValuedScores<A extends RealArray> extends Scores<A> {
  /** [B, T] V at sampling time. */
  oldValues: ArrayLike<A>;
  /** [B] V after the last token of a sample that was cut; absent: 0. */
  bootstrapValues?: ArrayLike<A>;
}

export interface PpoAdvantages<A extends RealArray> {
  /** [B, T], whitened if the options say so. */
  advantages: Tensor<A>;
  /** [B, T] targets of the value model, never whitened. */
  returns: Tensor<A>;
  /** [B, T] reward of each token. */
  tokenRewards: Tensor<A>;
}

/** Values to be regressed on returns. */
export interface Values<A extends RealArray> {
  /** [B, T] V of the current value model. */
  values: ArrayLike<A>;
  /** [B, T] V at sampling time, for the clip. */
  oldValues?: ArrayLike<A>;
  /** [B, T] from `advantages`. */
  returns: ArrayLike<A>;
  mask?: Scores<A>['mask'];
  numTokens?: number | null;
  numSeqs?: number | null;
}

/**
 * Proximal policy optimisation with a value model and a KL reward.
 *
 * `r_t = −β KL_t + scale·R at the last token;  A = whiten(GAE(r, V; γ, λ));  G = GAE + V;
 * policy loss max(−Aρ, −A·clip ρ);  value loss ½ max((V − G)², (V_clipped − G)²)`
 *
 * ```ts
 * const ppo = new Ppo({ beta: 0.02 });
 * const { advantages, returns } = ppo.advantages({ rewards, groupIds, mask, oldLogProbs, refLogProbs, oldValues });
 * const { gradLogProbs } = ppo.loss({ logProbs, oldLogProbs, mask, advantages });
 * const { gradValues } = ppo.valueLoss({ values, oldValues, returns, mask });
 * ```
 *
 * Defaults: `ppoDefaults`. Masked tokens are passed over, as in verl and AReaL; TRL and OpenRLHF step
 * over every column, with zeros at what is masked. None scales the reward (`rewardScale: 1`). verl:
 * `beta: 0` (0.001 once `use_kl_in_reward` is set), `lambda: 1`, `valueClip: 0.5`, `dualClip: 3`; TRL:
 * `beta: 0.05`, `lambda: 0.95`, `valueClip: 0.2`; OpenRLHF: `beta: 0.01`, `lambda: 1`,
 * `valueClip: 0.5`, and the population's variance in the whitening.
 *
 * Source: arXiv 1707.06347; TÜLU 3, arXiv 2411.15124.
 */
export class Ppo extends PolicyAlgorithm<PpoOptions> {
  constructor(options: Partial<PpoOptions> = {}) {
    super('Ppo', options, ppoDefaults);
  }

  override advantages<A extends RealArray>(batch: ValuedScores<A>): PpoAdvantages<A> {
    const { rewardScale, gamma, lambda, whiten } = this.options;
    const scores = dataOf(batch.rewards).map((reward) => rewardScale * reward) as A;
    const tokenRewards = shapedRewards(batch, scores, this.options);
    const { advantages, returns } = gae<A>({
      rewards: tokenRewards,
      values: batch.oldValues,
      ...pick(batch, ['mask', 'bootstrapValues']),
      gamma,
      lambda,
    });
    if (!whiten) return { advantages, returns, tokenRewards };
    const { values } = maskedWhiten({ values: advantages, ...pick(batch, ['mask']) });
    return { advantages: values, returns, tokenRewards };
  }

  override loss<A extends RealArray>(batch: LossBatch<A, ValuedScores<A>>): PolicyLossResult<A> {
    return super.loss<A>(batch);
  }

  /** Loss of the value model and ∂loss/∂values. */
  valueLoss<A extends RealArray>(batch: Values<A>): ValueLossResult<A> {
    const { valueClip, aggregation, norm } = this.options;
    const keys = ['values', 'returns', 'mask', 'numTokens', 'numSeqs'] as const;
    return valueLoss<A>({
      ...pick(batch, keys),
      ...(valueClip === null ? {} : pick(batch, ['oldValues'])),
      clip: valueClip,
      aggregation,
      norm,
    } as Parameters<typeof valueLoss<A>>[0]);
  }
}

export interface ReinforcePlusPlusOptions extends PolicyOptions, ShapedRewardOptions {
  /** false: token returns, whitened; true: group mean, then whitened. */
  baseline: boolean;
  /** What a masked token does to the return: 'carry' leaves it, 'reset' sets it to 0. */
  atMasked: 'carry' | 'reset';
}

/** Defaults of `ReinforcePlusPlus`; β is OpenRLHF's. */
export const reinforcePlusPlusDefaults: Readonly<ReinforcePlusPlusOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  estimator: 'reinforce_pp_baseline',
  beta: 0.01,
  klReward: 'k1',
  gamma: 1,
  baseline: false,
  atMasked: 'carry',
});

/**
 * REINFORCE++: returns of token rewards, whitened over the batch, in PPO's clipped loss; no critic.
 *
 * `r_t = −β KL_t + R at the last token;  A = whiten(Σ_{s ≥ t} γ^{s−t} r_s)`; with `baseline`:
 * `A = whiten(R − group mean)`, and the KL belongs into the loss (`klCoef`)
 *
 * ```ts
 * const rf = new ReinforcePlusPlus();
 * const { advantages } = rf.advantages({ rewards, groupIds, mask, oldLogProbs, refLogProbs }); // [B, T]
 * const { loss, gradLogProbs } = rf.loss({ logProbs, oldLogProbs, mask, advantages });
 * ```
 *
 * Defaults: `reinforcePlusPlusDefaults`. OpenRLHF has both forms ('reinforce', 'reinforce_baseline'),
 * whitened with the population's variance; with γ below 1 it also discounts at masked columns. verl
 * before its pull request 7300 (August 2026): `atMasked: 'reset'`, which loses the reward of an agent's
 * earlier turns.
 *
 * Source: arXiv 2501.03262.
 */
export class ReinforcePlusPlus extends PolicyAlgorithm<ReinforcePlusPlusOptions> {
  constructor(options: Partial<ReinforcePlusPlusOptions> = {}) {
    super('ReinforcePlusPlus', options, reinforcePlusPlusDefaults);
  }

  /** [B, T] advantages of tokens; with `baseline`, [B] of samples. */
  override advantages<A extends RealArray>(batch: Scores<A>): { advantages: Tensor<A> } {
    if (this.options.baseline) return { advantages: this.baseline(batch, this.options) };
    const { gamma, atMasked } = this.options;
    const rewards = shapedRewards(batch, batch.rewards, this.options);
    const mask = pick(batch, ['mask']);
    return { advantages: reinforcePlusPlus<A>({ rewards, ...mask, gamma, atMasked }).advantages };
  }
}

/** −β KL at every valid token, the score at the last; without β the reference is not read. */
function shapedRewards<A extends RealArray>(
  batch: Scores<A>,
  scores: ArrayLike<A>,
  options: ShapedRewardOptions,
): Tensor<A> {
  const { beta, klReward: kind } = options;
  const args = {
    scores,
    logProbs: batch.oldLogProbs,
    refLogProbs: beta === 0 ? batch.oldLogProbs : batch.refLogProbs,
    ...pick(batch, ['mask']),
    beta,
    kind,
  };
  return klShapedRewards(args as Parameters<typeof klShapedRewards<A>>[0]).rewards;
}
