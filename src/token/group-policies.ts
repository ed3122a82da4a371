/** Critic-free algorithms: an outcome advantage against the group, and a policy loss. */
import {
  advantageBoost,
  advantageFilter,
  groupFilter,
  klShapedRewards,
  overlongPenalty,
  type PolicyLossResult,
  policyLoss,
  spanRatioLoss,
  truncationReward,
} from '../generated/token.js';
import { type ArrayLike, type RealArray, Tensor } from '../tensor.js';
import {
  baselineDefaults,
  PolicyAlgorithm,
  type PolicyOptions,
  pick,
  type SampleAdvantages,
  surrogateDefaults,
} from './algorithm.js';
import {
  dataOf,
  type Flags,
  keepSamples,
  type LossBatch,
  lengthsOf,
  perToken,
  type Scores,
  unscore,
  zerosLike,
} from './batch.js';

/** Defaults of `Grpo`: DeepSeekMath's β = 0.04 and mean over samples of the mean over tokens. */
export const grpoDefaults: Readonly<PolicyOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  aggregation: 'seq-mean-token-mean',
  klCoef: 0.04,
});

/**
 * Group relative policy optimisation.
 *
 * `A = (r − mean)/(std + ε);  loss = Σ W (max(−Aρ, −A·clip(ρ, 1 ± ε)) + β·k3(π‖π_ref))`
 *
 * ```ts
 * const grpo = new Grpo({ klCoef: 0 });
 * const { advantages } = grpo.advantages({ rewards, groupIds }); // [B]
 * const { loss, gradLogProbs } = grpo.loss({ logProbs, oldLogProbs, mask, advantages });
 * ```
 *
 * Defaults: `grpoDefaults`. By default verl has `aggregation: 'token-mean'`, `klCoef: 0` (0.001 once
 * `use_kl_loss` is set) and `dualClip: 3`; TRL `aggregation: 'token-mean'`, `klCoef: 0`, `eps: 1e-4`,
 * `singleton: 'zero'`, `ratioClamp: null`; OpenRLHF ('group_norm') `aggregation: 'token-mean'`,
 * `eps: 1e-9`, and the KL in the reward. Dr. GRPO (arXiv 2503.20783): `estimator: 'dr_grpo'` with
 * `aggregation: 'fixed-length'` and `norm` (as TRL), or 'seq-mean-token-sum-norm' (as verl, not
 * divided by B).
 *
 * Source: DeepSeekMath, arXiv 2402.03300.
 */
export class Grpo extends PolicyAlgorithm {
  constructor(options: Partial<PolicyOptions> = {}) {
    super('Grpo', options, grpoDefaults);
  }

  override advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A> {
    return { advantages: this.baseline(batch, this.options) };
  }
}

/** Defaults of `LitePpo`: token mean, no KL, no entropy bonus. */
export const litePpoDefaults: Readonly<PolicyOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  estimator: 'lite_ppo',
});

/**
 * Lite PPO: group mean, batch standard deviation, token-mean loss; nothing else.
 *
 * `A = (r − group mean)/(S + ε), S = std of the raw rewards of the batch`
 *
 * ```ts
 * const { loss, gradLogProbs } = new LitePpo().loss({ logProbs, oldLogProbs, mask, rewards, groupIds });
 * ```
 *
 * Defaults: `litePpoDefaults`. ROLL agrees: `norm_mean_type` 'group' and `norm_std_type` 'batch', on
 * raw rewards. TRL's `scale_rewards: 'batch'` is the same advantage with `eps: 1e-4`.
 *
 * Source: Tricks or Traps?, arXiv 2508.08221.
 */
export class LitePpo extends PolicyAlgorithm {
  constructor(options: Partial<PolicyOptions> = {}) {
    super('LitePpo', options, litePpoDefaults);
  }

  override advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A> {
    return { advantages: this.baseline(batch, this.options) };
  }
}

export interface RlooOptions extends PolicyOptions {
  /** 'reinforce': −A log π, as the paper; 'ppo_clip': the clipped ratio, as verl. */
  kind: 'reinforce' | 'ppo_clip';
  /** Weight of the KL to the reference in the reward; 0: `refLogProbs` is not needed. */
  beta: number;
}

/** Defaults of `Rloo`: REINFORCE on whole samples, KL 0.05 in the reward (TRL's value). */
export const rlooDefaults: Readonly<RlooOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  estimator: 'rloo',
  aggregation: 'seq-mean-token-sum',
  kind: 'reinforce',
  beta: 0.05,
});

/**
 * REINFORCE with the mean of the other samples as baseline.
 *
 * `R = r − β Σ_t (log μ − log π_ref);  A = R − mean of the others;  loss = −mean_i A Σ_t log π`
 *
 * ```ts
 * const rloo = new Rloo();
 * const { advantages } = rloo.advantages({ rewards, groupIds, mask, oldLogProbs, refLogProbs }); // [B]
 * const { loss, gradLogProbs } = rloo.loss({ logProbs, oldLogProbs, mask, advantages });
 * ```
 *
 * Defaults: `rlooDefaults`. verl: `kind: 'ppo_clip'`, `aggregation: 'token-mean'`, `beta: 0`,
 * `dualClip: 3`. TRL: `beta: 0.05`, and a clip on one ratio for each sample: on policy the gradient of
 * 'reinforce', later that of `Loop` at level 'sequence'. OpenRLHF: `kind: 'ppo_clip'`, the KL 0.01 in
 * the reward of each token, not in the baseline. A group of one: verl's loop form and 'raw' keep the
 * reward; TRL and 'zero' give 0.
 *
 * Source: Back to Basics, arXiv 2402.14740.
 */
export class Rloo extends PolicyAlgorithm<RlooOptions> {
  constructor(options: Partial<RlooOptions> = {}) {
    super('Rloo', options, rlooDefaults);
  }

  override advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A> {
    const rewards = this.options.beta === 0 ? batch.rewards : this.#penalised(batch);
    return { advantages: this.baseline(batch, this.options, rewards) };
  }

  override loss<A extends RealArray>(batch: LossBatch<A>): PolicyLossResult<A> {
    const { advantages, sampleKeep } = this.ready<A>(batch);
    const mask = keepSamples(this.name, batch, sampleKeep);
    return this.surrogate<A>(batch, advantages, mask, { kind: this.options.kind });
  }

  /** The reward of each sample less β times its KL. */
  #penalised<A extends RealArray>(batch: Scores<A>): Tensor<A> {
    const args = {
      scores: batch.rewards,
      logProbs: batch.oldLogProbs,
      refLogProbs: batch.refLogProbs,
      beta: this.options.beta,
      ...pick(batch, ['mask']),
    };
    const tokens = klShapedRewards(args as Parameters<typeof klShapedRewards<A>>[0]).rewards;
    const [rows, columns] = tokens.shape as [number, number];
    const sums = zerosLike(tokens.data, rows);
    for (let row = 0; row < rows; row += 1) {
      let sum = 0;
      for (let t = 0; t < columns; t += 1) sum += tokens.data[row * columns + t]!;
      sums[row] = sum;
    }
    return new Tensor(sums, [rows]);
  }
}

export interface DapoOptions extends PolicyOptions {
  /** 'nonzero_std': groups that are all right or all wrong leave the batch; 'none': they stay. */
  filter: 'nonzero_std' | 'none';
  /** Limit on tokens of the overlong penalty; null: no penalty. */
  maxLength: number | null;
  /** Tokens below the limit over which the penalty grows. */
  buffer: number;
  /** Penalty at the limit. */
  factor: number;
  /** The penalty never falls below −factor. */
  capAtBuffer: boolean;
}

/** Defaults of `Dapo`: the paper's run on AIME. */
export const dapoDefaults: Readonly<DapoOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  clipHigh: 0.28,
  filter: 'nonzero_std',
  maxLength: 20480,
  buffer: 4096,
  factor: 1,
  capAtBuffer: true,
});

/** Advantages made from shaped rewards of the groups that were kept. */
export interface ShapedAdvantages<A extends RealArray> extends SampleAdvantages<A> {
  /** [B] rewards after shaping. */
  rewards: Tensor<A>;
  sampleKeep: Tensor<Uint8Array>;
}

/**
 * Decoupled clip and dynamic sampling: GRPO with a higher upper clip, a token mean, a penalty on
 * overlong samples, and no group without a difference between its samples.
 *
 * `r' = r + min(−(L − (L_max − L_buf))/L_buf, 0);  A = (r' − mean)/(std + ε);  clip 1 − 0.2, 1 + 0.28`
 *
 * Groups are filtered on the reward before the penalty. The caller samples until the batch is full:
 * `advantages(batch).sampleKeep` says what is left.
 *
 * ```ts
 * const dapo = new Dapo({ maxLength: 512, buffer: 128 });
 * const made = dapo.advantages({ rewards, groupIds, mask }); // advantages, rewards, sampleKeep: [B]
 * const { loss, gradLogProbs } = dapo.loss({ logProbs, oldLogProbs, mask, ...made });
 * ```
 *
 * Defaults: `dapoDefaults`. verl and AReaL let the penalty grow beyond the limit
 * (`capAtBuffer: false`), OpenRLHF does not; verl also has `dualClip: 3` (10 in its DAPO scripts).
 *
 * Source: DAPO, arXiv 2503.14476.
 */
export class Dapo extends PolicyAlgorithm<DapoOptions> {
  constructor(options: Partial<DapoOptions> = {}) {
    super('Dapo', options, dapoDefaults);
  }

  override advantages<A extends RealArray>(batch: Scores<A>): ShapedAdvantages<A> {
    const sampleKeep = filtered(batch, batch.rewards, this.options.filter);
    const rewards = this.#shaped(batch);
    const advantages = this.baseline(batch, this.options, unscore(rewards, sampleKeep));
    return { advantages, rewards, sampleKeep };
  }

  #shaped<A extends RealArray>(batch: Scores<A>): Tensor<A> {
    const { maxLength, buffer, factor, capAtBuffer } = this.options;
    const rewards = dataOf(batch.rewards).slice() as A;
    const lengths = lengthsOf(this.name, batch);
    if (maxLength !== null && lengths !== undefined) {
      const options = { maxLength, buffer, factor, capAtBuffer };
      const { penalty } = overlongPenalty<Float64Array>({ lengths, ...options });
      for (let i = 0; i < rewards.length; i += 1) rewards[i] = rewards[i]! + penalty.data[i]!;
    }
    return new Tensor(rewards, [rewards.length]);
  }
}

/** 1 for the samples of groups that are kept. */
function filtered<A extends RealArray>(
  batch: Scores<A>,
  rewards: ArrayLike<A>,
  filter: 'nonzero_std' | 'none',
): Tensor<Uint8Array> {
  if (filter === 'none') {
    const count = dataOf(rewards).length;
    return new Tensor(new Uint8Array(count).fill(1), [count]);
  }
  return groupFilter({ rewards, groupIds: batch.groupIds, rule: filter }).sampleKeep;
}

export interface DlerOptions extends PolicyOptions {
  /** A truncated sample's reward is multiplied by this, or is this when negative. */
  truncationCoef: number;
  /** 'nonzero_std': groups without a difference after truncation leave the batch. */
  filter: 'nonzero_std' | 'none';
  /** Added to the advantage of a full score; 0.1 in the released script. */
  boost: number;
}

/** Defaults of `Dler`: the paper's; a truncated sample earns nothing. */
export const dlerDefaults: Readonly<DlerOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  estimator: 'reinforce_pp_baseline',
  clipHigh: 0.28,
  dualClip: 10,
  klCoef: 5e-4,
  truncationCoef: 0,
  filter: 'nonzero_std',
  boost: 0,
});

/** Scores with the samples that hit the length limit. */
export interface TruncatedScores<A extends RealArray> extends Scores<A> {
  /** [B] 1 = the sample was cut at the limit. */
  truncated: Flags;
}

/**
 * Length penalty by truncation alone: a sample that does not end in time gets no reward; advantages
 * are centred in the group and whitened over the tokens of the batch.
 *
 * `r' = c·r if truncated;  groups of equal r' leave;  A = whiten(r' − group mean)`
 *
 * ```ts
 * const dler = new Dler();
 * const made = dler.advantages({ rewards, groupIds, mask, truncated }); // truncated [B]: 1 = cut
 * const { loss, gradLogProbs } = dler.loss({ logProbs, oldLogProbs, refLogProbs, mask, ...made });
 * ```
 *
 * Defaults: `dlerDefaults`. The released script (a fork of verl) uses `truncationCoef: 0.1` and
 * `boost: 0.1`; the paper describes 0 and none.
 *
 * Source: DLER, arXiv 2510.15110.
 */
export class Dler extends PolicyAlgorithm<DlerOptions> {
  constructor(options: Partial<DlerOptions> = {}) {
    super('Dler', options, dlerDefaults);
  }

  override advantages<A extends RealArray>(batch: TruncatedScores<A>): ShapedAdvantages<A> {
    const { truncationCoef: coef, filter, boost } = this.options;
    const { truncated } = batch;
    const { rewards } = truncationReward({ rewards: batch.rewards, truncated, coef });
    const sampleKeep = filtered(batch, rewards, filter);
    const plain = this.baseline(batch, this.options, unscore(rewards, sampleKeep));
    if (boost === 0) return { advantages: plain, rewards, sampleKeep };
    const { advantages } = advantageBoost({ advantages: plain, scores: rewards, boost });
    return { advantages, rewards, sampleKeep };
  }

  override loss<A extends RealArray>(batch: LossBatch<A, TruncatedScores<A>>): PolicyLossResult<A> {
    return super.loss<A>(batch);
  }
}

export interface LoopOptions extends PolicyOptions {
  /** Samples with |A| below this leave the batch; 0: none do. */
  threshold: number;
  /** What one importance ratio covers. */
  level: 'token' | 'turn' | 'sequence';
}

/** Defaults of `Loop`: the released run; the ratio is kept in [1/1.1, 1.1]. */
export const loopDefaults: Readonly<LoopOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  estimator: 'rloo',
  clipLow: 0.1 / 1.1,
  clipHigh: 0.1,
  aggregation: 'seq-mean-token-mean',
  threshold: 0.01,
  level: 'token',
});

/**
 * Leave-one-out PPO for agents that act over many turns.
 *
 * `A = r − mean of the others, |A| ≥ 0.01;  ρ of a token, a turn (Σ of log ratios) or the sample;
 * clip [1/(1+ε), 1+ε], ε = 0.1`
 *
 * Observation tokens are masked. No KL, no division by a standard deviation. Levels 'turn' and
 * 'sequence' average over spans and read neither `aggregation` nor `dualClip`.
 *
 * ```ts
 * const loop = new Loop({ level: 'turn' });
 * const made = loop.advantages({ rewards, groupIds });
 * const { loss, gradLogProbs } = loop.loss({ logProbs, oldLogProbs, mask, turnIds, ...made });
 * ```
 *
 * Defaults: `loopDefaults`, those of apple/ml-loop; the paper's symmetric clip is `clipLow: 0.1`.
 *
 * Source: arXiv 2502.01600.
 */
export class Loop extends PolicyAlgorithm<LoopOptions> {
  constructor(options: Partial<LoopOptions> = {}) {
    super('Loop', options, loopDefaults);
  }

  override advantages<A extends RealArray>(batch: Scores<A>): Required<SampleAdvantages<A>> {
    const advantages = this.baseline(batch, this.options);
    const { threshold } = this.options;
    return { advantages, sampleKeep: advantageFilter({ advantages, threshold }).keep };
  }

  override loss<A extends RealArray>(batch: LossBatch<A>): PolicyLossResult<A> {
    const { level, clipLow, clipHigh, ratioClamp } = this.options;
    if (level === 'token') return super.loss<A>(batch);
    const { advantages, sampleKeep } = this.ready<A>(batch);
    const mask = keepSamples(this.name, batch, sampleKeep);
    const { logProbs, oldLogProbs } = batch;
    const args: Parameters<typeof spanRatioLoss<A>>[0] = {
      ...{ logProbs, oldLogProbs, level, clipLow, clipHigh, ratioClamp },
      advantages: perToken(this.name, advantages, logProbs),
      ...pick(batch, level === 'turn' ? ['turnIds'] : []),
    };
    if (mask !== undefined) args.mask = mask;
    const statistics = policyLoss<A>({
      ...{ logProbs, oldLogProbs, advantages },
      ...(mask === undefined ? {} : { mask }),
    });
    return { ...statistics, ...spanRatioLoss(args) };
  }
}
