/** Algorithms that learn from help: hinted rollouts, refinements after a critique, demonstrations. */
import {
  type AmftMetaGradientArgs,
  amftMetaGradient,
  amftUpdate,
  guideSelect,
  type PolicyLossResult,
  policyLoss,
  type ShapedOffPolicyLossArgs,
  type ShapedOffPolicyLossResult,
  shapedOffPolicyLoss,
} from '../generated/token.js';
import { type ArrayLike, type RealArray, Tensor } from '../tensor.js';
import {
  Algorithm,
  baselineDefaults,
  PolicyAlgorithm,
  type PolicyOptions,
  pick,
  type SampleAdvantages,
  surrogateDefaults,
} from './algorithm.js';
import {
  dataOf,
  editMask,
  type Flags,
  keepSamples,
  type LossBatch,
  perToken,
  type Ready,
  type Scores,
  shapeOf,
  type Tokens,
  unscore,
  zerosLike,
} from './batch.js';

export interface GuideGrpoOptions extends PolicyOptions {
  /** A reward above this is a success; groups without one ask for guidance. */
  threshold: number;
  /** 'union': failures and hinted rollouts share a group; 'replace': the hinted ones only. */
  statistics: 'union' | 'replace';
  /** Clip the ratio of hinted tokens too. */
  clipHinted: boolean;
}

/** Defaults of `GuideGrpo`: the paper's rule of choice; clip and group are ours, no code is known. */
export const guideGrpoDefaults: Readonly<GuideGrpoOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  threshold: 0,
  statistics: 'union',
  clipHinted: true,
});

/** Scores of rollouts, some of them with a hint in the prompt. */
export interface HintedScores<A extends RealArray> extends Scores<A> {
  /** [B] 1 = sampled with the hint. Absent: none. */
  hinted?: Flags;
}

/**
 * GRPO that samples again with a hint where every rollout of a group failed.
 *
 * `needs guidance = no r > threshold;  ρ = π_θ(o | q) / π_old(o | hint, q) for hinted rollouts`
 *
 * ```ts
 * const guide = new GuideGrpo();
 * for (const id of guide.needsGuidance({ rewards, groupIds })) addHintedRollouts(id);
 * const made = guide.advantages({ rewards, groupIds, hinted }); // hinted [B]: 1 = saw the hint
 * const { loss, gradLogProbs } = guide.loss({ logProbs, oldLogProbs, mask, hinted, ...made });
 * ```
 *
 * `logProbs` are those without the hint, `oldLogProbs` of hinted rollouts those with it.
 * Defaults: `guideGrpoDefaults`. No peer has it.
 *
 * Source: arXiv 2506.13923.
 */
export class GuideGrpo extends PolicyAlgorithm<GuideGrpoOptions> {
  constructor(options: Partial<GuideGrpoOptions> = {}) {
    super('GuideGrpo', options, guideGrpoDefaults);
  }

  /** The groups to sample again with a hint, ascending. */
  needsGuidance<A extends RealArray>(batch: Pick<Scores<A>, 'rewards' | 'groupIds'>): number[] {
    const { threshold } = this.options;
    const { rewards, groupIds } = batch;
    const { groups, groupNeedsGuidance } = guideSelect<A>({ rewards, groupIds, threshold });
    return [...groups.data].filter((_, i) => groupNeedsGuidance.data[i] === 1);
  }

  override advantages<A extends RealArray>(batch: HintedScores<A>): SampleAdvantages<A> {
    if (this.options.statistics === 'union' || batch.hinted === undefined)
      return { advantages: this.baseline(batch, this.options) };
    const hinted = dataOf(batch.hinted);
    const groups = dataOf(batch.groupIds);
    const guided = new Set(groups.filter((_, i) => hinted[i]));
    const keep = Uint8Array.from(groups, (id, i) => Number(hinted[i] || !guided.has(id)));
    const sampleKeep = new Tensor(keep, [keep.length]);
    const advantages = this.baseline(batch, this.options, unscore(batch.rewards, sampleKeep));
    return { advantages, sampleKeep };
  }

  override loss<A extends RealArray>(batch: LossBatch<A, HintedScores<A>>): PolicyLossResult<A> {
    const { hinted } = batch as { hinted?: Flags };
    if (this.options.clipHinted || hinted === undefined) return super.loss<A>(batch);
    const { advantages, sampleKeep } = this.ready<A>(batch);
    const mask = keepSamples(this.name, batch, sampleKeep);
    const clipped = this.surrogate<A>(batch, advantages, mask);
    // Token by token the two losses differ in the clip alone: each is taken where it applies.
    const open = { clipLow: null, clipHigh: 1e30, dualClip: null };
    const free = this.surrogate<A>(batch, advantages, mask, open);
    return this.#joined<A>(batch, advantages, mask, dataOf(hinted), clipped, free);
  }

  #joined<A extends RealArray>(
    batch: Tokens<A>,
    advantages: ArrayLike<A>,
    mask: Flags | undefined,
    hinted: Uint8Array | Int32Array,
    clipped: PolicyLossResult<A>,
    free: PolicyLossResult<A>,
  ): PolicyLossResult<A> {
    const columns = shapeOf(batch.logProbs)[1] ?? 0;
    const gradient = clipped.gradLogProbs.data.slice() as A;
    const rows = hinted.length;
    for (let i = 0; i < gradient.length; i += 1) {
      if (hinted[Math.floor(i / columns)]) gradient[i] = free.gradLogProbs.data[i]!;
    }
    // The loss of the hinted samples alone, under the same denominators: the others weigh 0.
    const given = batch.sequenceWeights === undefined ? undefined : dataOf(batch.sequenceWeights);
    const weights = zerosLike(gradient, rows);
    for (let i = 0; i < rows; i += 1) weights[i] = hinted[i] ? (given?.[i] ?? 1) : 0;
    const only = { ...batch, sequenceWeights: new Tensor(weights, [rows]) };
    const open = { clipLow: null, clipHigh: 1e30, dualClip: null };
    const noKl = { klCoef: 0, entropyCoef: 0 };
    const gain =
      this.surrogate<A>(only, advantages, mask, { ...noKl, ...open }).loss -
      this.surrogate<A>(only, advantages, mask, noKl).loss;
    const gradLogProbs = new Tensor(gradient, clipped.gradLogProbs.shape);
    return { ...clipped, loss: clipped.loss + gain, gradLogProbs };
  }
}

export interface CritiqueGrpoOptions
  extends Pick<PolicyOptions, 'estimator' | 'eps' | 'ddof' | 'singleton'> {
  /** f of the probability of refinement tokens. */
  shaping: NonNullable<ShapedOffPolicyLossArgs['shaping']>;
  /** γ of p/(p + γ); null: f(p) = p. */
  gamma: number | null;
  /** a of p^a. */
  exponent: number;
  /** Clip the ratio of on-policy tokens. */
  clip: boolean;
  clipLow: number | null;
  clipHigh: number;
  ratioClamp: number | null;
  /** Of the sum: a number, 'tokens' (valid ones) or 'length' (T). */
  divisor: number | 'tokens' | 'length';
}

/** Defaults of `CritiqueGrpo`: the released run. */
export const critiqueGrpoDefaults: Readonly<CritiqueGrpoOptions> = Object.freeze({
  ...baselineDefaults,
  estimator: 'dr_grpo',
  shaping: 'p/(p+gamma)',
  gamma: 0.1,
  exponent: 0.5,
  clip: false,
  clipLow: 0.2,
  clipHigh: 0.2,
  ratioClamp: 20,
  divisor: 'length',
});

/** Which samples are refinements. */
export interface Refinements {
  /** [B] 1 = a refinement written after a critique: off policy. Absent: none. */
  refined?: Flags;
}

/**
 * GRPO over rollouts and a refinement that was written after a critique.
 *
 * `A = r − mean;  on policy −Aρ;  refinement −A·f(π), f(p) = p/(p + γ)`
 *
 * ```ts
 * const critique = new CritiqueGrpo();
 * const made = critique.advantages({ rewards, groupIds }); // the refinement is in the group
 * const { loss, gradLogProbs } = critique.loss({ logProbs, oldLogProbs, mask, refined, ...made });
 * ```
 *
 * Defaults: `critiqueGrpoDefaults`, those of critique-GRPO's script (a fork of verl by way of LUFFY).
 *
 * Source: arXiv 2506.03106.
 */
export class CritiqueGrpo extends Algorithm<CritiqueGrpoOptions> {
  readonly #grpo: GroupBaseline;

  constructor(options: Partial<CritiqueGrpoOptions> = {}) {
    super('CritiqueGrpo', options, critiqueGrpoDefaults);
    const { estimator, eps, ddof, singleton } = this.options;
    this.#grpo = new GroupBaseline('CritiqueGrpo', { estimator, eps, ddof, singleton });
  }

  advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A> {
    return this.#grpo.advantages(batch);
  }

  loss<A extends RealArray>(batch: LossBatch<A> & Refinements): ShapedOffPolicyLossResult<A> {
    const { estimator: _e, eps: _p, ddof: _d, singleton: _s, ...options } = this.options;
    const ready: Ready<A> = 'advantages' in batch ? batch : this.advantages<A>(batch);
    const mask = keepSamples(this.name, batch, ready.sampleKeep);
    const refined = batch.refined === undefined ? undefined : dataOf(batch.refined);
    return shapedOffPolicyLoss<A>({
      ...pick(batch as Tokens<A>, ['logProbs', 'oldLogProbs']),
      advantages: perToken(this.name, ready.advantages, batch.logProbs),
      ...(mask === undefined ? {} : { mask }),
      ...(refined && {
        offPolicyMask: editMask(this.name, batch, (row) => Boolean(refined[row])),
      }),
      ...options,
    } as ShapedOffPolicyLossArgs<A>);
  }
}

/** Group advantages for classes whose loss is not the clipped one. */
class GroupBaseline extends PolicyAlgorithm {
  constructor(name: string, options: Partial<PolicyOptions>) {
    super(name, options, Object.freeze({ ...surrogateDefaults, ...baselineDefaults }));
  }

  override advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A> {
    return { advantages: this.baseline(batch, this.options) };
  }
}

export interface AmftOptions extends PolicyOptions {
  /** μ₀, weight of the imitation loss at the start. */
  mu: number;
  /** Rate of the meta-gradient. */
  metaLr: number;
  /** Rate of the entropy term. */
  entropyLr: number;
  /** Bounds of μ. */
  muMin: number;
  muMax: number;
  /** Sign of the meta-gradient: 'utility' (the paper) or 'code' (the released function). */
  objective: 'utility' | 'code';
}

/** Defaults of `Amft`: the paper; its configuration files start at μ₀ = 0.8. */
export const amftDefaults: Readonly<AmftOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  mu: 0.5,
  metaLr: 1e-4,
  entropyLr: 5e-4,
  muMin: 0.05,
  muMax: 0.95,
  objective: 'utility',
});

/** Demonstrations, for the imitation part. */
export interface Demonstrations<A extends RealArray> {
  /** [D, S] log π of the demonstrated tokens. */
  logProbs: ArrayLike<A>;
  /** [D, S] 1 = the token is imitated. Absent: all. */
  mask?: Flags;
}

export interface AmftResult<A extends RealArray> {
  /** (1 − μ) RL + μ SFT. */
  loss: number;
  /** The RL part, with the gradient for the rollouts: (1 − μ) is in it. */
  gradLogProbs: Tensor<A>;
  /** [D, S] the gradient for the demonstrations: μ is in it. */
  gradDemonstrations: Tensor<A>;
  /** The two losses, without their weights. */
  rlLoss: number;
  sftLoss: number;
}

/** What one step of μ needs. */
export interface AmftStep<A extends RealArray> extends Omit<AmftMetaGradientArgs<A>, 'objective'> {
  /** Policy entropy now. */
  entropy: number;
  /** Entropy to keep, measured after the warm-up. */
  targetEntropy: number;
}

/**
 * Imitation and exploration in one loss whose balance μ is learnt.
 *
 * `L = (1 − μ) L_RL + μ L_SFT;  μ ← clip(μ + lr g + lr_H (H* − H)),
 * g = η ⟨∇L_val, ∇L_SFT − ∇L_RL⟩`
 *
 * ```ts
 * const amft = new Amft();
 * const { gradLogProbs, gradDemonstrations } = amft.mixedLoss(batch, { logProbs: demonstrated, mask });
 * const gradients = { gradSft, gradRl, gradValidationLoss, policyLr };
 * amft.update({ ...gradients, entropy: 1.2, targetEntropy: 0.9 }); // every 20 steps
 * ```
 *
 * L_RL is the clipped loss with group advantages, L_SFT the mean of −log π over demonstrated tokens.
 * μ is the state of this object; the paper updates it every 20 steps. Defaults: `amftDefaults`.
 *
 * Source: arXiv 2508.06944.
 */
export class Amft extends PolicyAlgorithm<AmftOptions> {
  #mu: number;

  constructor(options: Partial<AmftOptions> = {}) {
    super('Amft', options, amftDefaults);
    this.#mu = this.options.mu;
  }

  /** Weight of the imitation loss now. */
  get mu(): number {
    return this.#mu;
  }

  override advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A> {
    return { advantages: this.baseline(batch, this.options) };
  }

  /** The mixed loss. `loss` is its RL part alone. */
  mixedLoss<A extends RealArray>(
    batch: LossBatch<A>,
    demonstrations: Demonstrations<A>,
  ): AmftResult<A> {
    const rl = this.loss<A>(batch);
    const { logProbs } = demonstrations;
    const count = shapeOf(logProbs)[0] ?? 0;
    const ones = new Tensor(zerosLike(dataOf(logProbs), count).fill(1) as A, [count]);
    const sft = policyLoss<A>({
      ...{ logProbs, oldLogProbs: logProbs, advantages: ones, kind: 'reinforce' },
      ...pick(demonstrations, ['mask']),
    });
    const mu = this.#mu;
    return {
      loss: (1 - mu) * rl.loss + mu * sft.loss,
      gradLogProbs: scaled(rl.gradLogProbs, 1 - mu),
      gradDemonstrations: scaled(sft.gradLogProbs, mu),
      rlLoss: rl.loss,
      sftLoss: sft.loss,
    };
  }

  /** One step of μ. @returns μ after it */
  update<A extends RealArray>(step: AmftStep<A>): number {
    const { entropy, targetEntropy, ...gradients } = step;
    const { objective, metaLr, entropyLr, muMin: min, muMax: max } = this.options;
    const { metaGradient } = amftMetaGradient<A>({ ...gradients, objective });
    const rates = { metaLr, entropyLr, min, max };
    const args = { mu: this.#mu, metaGradient, entropy, targetEntropy, ...rates };
    this.#mu = amftUpdate<Float64Array>(args).mu;
    return this.#mu;
  }
}

function scaled<A extends RealArray>(tensor: Tensor<A>, factor: number): Tensor<A> {
  return new Tensor(tensor.data.map((value) => factor * value) as A, tensor.shape);
}
