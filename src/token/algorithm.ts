/** What the training classes have in common: strict options, and the clipped policy loss. */
import {
  aggregateLoss,
  type GroupAdvantageArgs,
  groupAdvantage,
  type PolicyLossArgs,
  type PolicyLossResult,
  policyLoss,
  tokenLogprob,
  tokenLogprobBackward,
} from '../generated/token.js';
import { checkOptions } from '../options.js';
import { type ArrayLike, type RealArray, Tensor } from '../tensor.js';
import {
  dataOf,
  type Flags,
  keepSamples,
  type LossBatch,
  lengthsOf,
  type Ready,
  type Scores,
  shapeOf,
  type Tokens,
  zerosLike,
} from './batch.js';

export type Estimator = NonNullable<GroupAdvantageArgs['estimator']>;
export type Aggregation = NonNullable<PolicyLossArgs['aggregation']>;
export type KlKind = NonNullable<PolicyLossArgs['klKind']>;

/** Options of every clipped policy loss; see `policyLoss` for the formulas. */
export interface SurrogateOptions {
  /** ε_l: the ratio is clipped below 1 − ε_l; null: not. */
  clipLow: number | null;
  /** ε_h: the ratio is clipped above 1 + ε_h. */
  clipHigh: number;
  /** Bound c on the loss of negative advantages; null: none. */
  dualClip: number | null;
  /** Log-ratios are clamped to ± this; null: not. */
  ratioClamp: number | null;
  /** How the losses of tokens become one number. */
  aggregation: Aggregation;
  /** Divisor of the modes with a fixed length; null: T. */
  norm: number | null;
  /** Weight β of the KL term in the loss. */
  klCoef: number;
  /** Estimator of KL(π‖π_ref) in the loss. */
  klKind: KlKind;
  /** Weight of the entropy bonus; its gradient comes from `lossFromLogits`. */
  entropyCoef: number;
}

/** Options of an outcome advantage against the group; see `groupAdvantage`. */
export interface BaselineOptions {
  /** Baseline and scale. */
  estimator: Estimator;
  /** ε added to the standard deviation. */
  eps: number;
  /** 1 = unbiased standard deviation. */
  ddof: number;
  /** A group of one: 'raw' = its reward, 'zero' = 0. */
  singleton: 'raw' | 'zero';
}

export type PolicyOptions = SurrogateOptions & BaselineOptions;

/**
 * PPO's clip, no KL, no entropy bonus: verl's values but for its dual clip of 3, which is off here.
 * Each paper's constant starts from here. docs/token-classes.md has the peers' names and defaults.
 */
export const surrogateDefaults: Readonly<SurrogateOptions> = Object.freeze({
  clipLow: 0.2,
  clipHigh: 0.2,
  dualClip: null,
  ratioClamp: 20,
  aggregation: 'token-mean',
  norm: null,
  klCoef: 0,
  klKind: 'k3',
  entropyCoef: 0,
});

/** verl's ε, its unbiased std, and its rule for a group of one. */
export const baselineDefaults: Readonly<BaselineOptions> = Object.freeze({
  estimator: 'grpo',
  eps: 1e-6,
  ddof: 1,
  singleton: 'raw',
});

const surrogateKeys = Object.keys(surrogateDefaults) as (keyof SurrogateOptions)[];
const tokenKeys = [
  'logProbs',
  'oldLogProbs',
  'refLogProbs',
  'entropy',
  'importanceWeights',
  'sequenceWeights',
  'numTokens',
  'numSeqs',
] as const;

/** Advantages of samples, and which samples take part. */
export interface SampleAdvantages<A extends RealArray> {
  /** [B] */
  advantages: Tensor<A>;
  /** [B] 0 = the sample leaves the loss; absent: all take part. */
  sampleKeep?: Tensor<Uint8Array>;
}

/** What `lossFromLogits` reads in place of `logProbs` and `entropy`. */
export interface Logits<A extends RealArray> {
  /** [B·T, V] of the current policy, tokens in row-major order. */
  logits: ArrayLike<A>;
  /** [B·T] the token taken in each row. */
  labels: ArrayLike<Int32Array>;
  /** τ of the logits. Default 1. */
  temperature?: number;
}

export interface LogitsLoss<A extends RealArray> extends PolicyLossResult<A> {
  /** [B, T] log π of the taken tokens. */
  logProbs: Tensor<A>;
  /** [B·T, V] ∂loss/∂logits, the entropy bonus included. */
  gradLogits: Tensor<A>;
}

/** Strict options over frozen defaults: the base of every class of this family. */
export abstract class Algorithm<O extends object> {
  /** All options, those left out at the paper's defaults. */
  readonly options: Readonly<O>;
  protected readonly name: string;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT when an option is unknown */
  constructor(name: string, given: Partial<O>, defaults: Readonly<O>) {
    checkOptions(name, given, Object.keys(defaults));
    const set = Object.entries(given).filter(([, value]) => value !== undefined);
    this.options = Object.freeze({ ...defaults, ...Object.fromEntries(set) });
    this.name = name;
  }
}

/**
 * Outcome advantages and a clipped loss. Subclasses say how rewards become advantages.
 *
 * ```ts
 * const made = algorithm.advantages({ rewards, groupIds, mask });            // once for each batch
 * const { loss, gradLogProbs } = algorithm.loss({ logProbs, oldLogProbs, mask, ...made });
 * const { gradLogits } = algorithm.lossFromLogits({ logits, labels, oldLogProbs, mask, ...made });
 * ```
 *
 * Operands are host arrays, all float32 or all float64; results have the same type. A wrong shape or
 * type is a `BelfryError` that names the op, the operand, what was expected and what came.
 */
export abstract class PolicyAlgorithm<
  O extends SurrogateOptions = PolicyOptions,
> extends Algorithm<O> {
  /** [B] advantages of scored samples; some classes also leave samples out. */
  abstract advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A>;

  /**
   * Loss, a number, and `gradLogProbs` [B, T] = ∂loss/∂logProbs, 0 at masked tokens; with the share of
   * clipped tokens and the range of the ratio. An empty mask: loss 0, gradient 0.
   * @param batch tokens with `advantages` made before, or with the scores to make them from
   * @throws BelfryError when an operand has a wrong shape or type, or `klCoef` or `entropyCoef` is set
   *   and `refLogProbs` or `entropy` is not there
   */
  loss<A extends RealArray>(batch: LossBatch<A>): PolicyLossResult<A> {
    const { advantages, sampleKeep } = this.ready<A>(batch);
    return this.surrogate<A>(batch, advantages, keepSamples(this.name, batch, sampleKeep));
  }

  /**
   * As `loss`, from the logits [B·T, V] of the current policy to their gradient; `logProbs` and
   * `entropy` are made on the way, and the entropy bonus is in the gradient.
   */
  lossFromLogits<A extends RealArray>(
    batch: Omit<Tokens<A>, 'logProbs' | 'entropy'> & Logits<A> & (Ready<A> | Scores<A>),
  ): LogitsLoss<A> {
    const { logits, labels, temperature = 1, ...rest } = batch;
    const shape = shapeOf(batch.oldLogProbs);
    const rows = { logits, labels, temperature };
    const forward = tokenLogprob<A>({ ...rows, outputs: ['logProbs', 'entropy'] });
    const logProbs = new Tensor(forward.logProbs.data, shape);
    const entropy = new Tensor(forward.entropy.data, shape);
    const tokens = { ...rest, logProbs, entropy } as LossBatch<A>;
    const ready = this.ready<A>(tokens);
    const result = this.loss<A>({ ...tokens, ...ready });
    const gradLogProbs = new Tensor(result.gradLogProbs.data, [logProbs.size]);
    const args: Parameters<typeof tokenLogprobBackward<A>>[0] = {
      ...rows,
      gradLogProbs,
      outputs: ['gradLogits'],
    };
    if (this.options.entropyCoef !== 0) args.gradEntropy = this.#gradEntropy<A>(tokens, ready);
    return { ...result, logProbs, gradLogits: tokenLogprobBackward<A>(args).gradLogits };
  }

  /** ∂loss/∂entropy = −coef · W. */
  #gradEntropy<A extends RealArray>(batch: Tokens<A>, ready: Ready<A>): Tensor<A> {
    const { aggregation, norm, entropyCoef } = this.options;
    const args: Parameters<typeof aggregateLoss<A>>[0] = {
      values: batch.entropy!,
      mode: aggregation,
      norm,
      numTokens: batch.numTokens ?? null,
      numSeqs: batch.numSeqs ?? null,
    };
    const mask = keepSamples(this.name, batch, ready.sampleKeep);
    if (mask !== undefined) args.mask = mask;
    const weights = aggregateLoss<A>(args).weights.data;
    return new Tensor(weights.map((weight) => -entropyCoef * weight) as A, [weights.length]);
  }

  protected ready<A extends RealArray>(batch: Tokens<A> & (Ready<A> | Scores<A>)): Ready<A> {
    if ('advantages' in batch && batch.advantages !== undefined) return batch;
    return this.advantages(batch as unknown as Scores<A>);
  }

  protected surrogate<A extends RealArray>(
    batch: Tokens<A>,
    advantages: ArrayLike<A>,
    mask: Flags | undefined,
    change: Partial<PolicyLossArgs<A>> = {},
  ): PolicyLossResult<A> {
    const args = { advantages, ...pick(this.options, surrogateKeys), ...pick(batch, tokenKeys) };
    if (mask !== undefined) Object.assign(args, { mask });
    // Operands that the options have no use for are not read.
    if (this.options.klCoef === 0) delete (args as Partial<Tokens>).refLogProbs;
    if (this.options.entropyCoef === 0) delete (args as Partial<Tokens>).entropy;
    return policyLoss<A>({ ...args, ...change } as PolicyLossArgs<A>);
  }

  /** `groupAdvantage` with this class's options and the lengths that the mask tells. */
  protected baseline<A extends RealArray>(
    batch: Scores<A>,
    options: BaselineOptions,
    rewards: ArrayLike<A> = batch.rewards,
  ): Tensor<A> {
    const { estimator, eps, ddof, singleton } = options;
    const args: Parameters<typeof groupAdvantage<A>>[0] = {
      rewards,
      groupIds: batch.groupIds,
      estimator,
      eps,
      ddof,
      singleton,
    };
    const weighted = estimator === 'opo' || estimator === 'reinforce_pp_baseline';
    const lengths = weighted ? lengthsOf(this.name, batch) : undefined;
    if (lengths !== undefined) args.lengths = lengths;
    return groupAdvantage(args).advantages;
  }
}

/** The properties that are there, of those named. */
export function pick<T extends object, K extends keyof T>(
  source: T,
  keys: readonly K[],
): Partial<Pick<T, K>> {
  const found: Partial<Pick<T, K>> = {};
  for (const key of keys) if (source[key] !== undefined) found[key] = source[key];
  return found;
}

/** The mean of the members of each sample's group that could be scored, for each sample. */
export function groupMeans<A extends RealArray>(
  values: ArrayLike<A>,
  groupIds: ArrayLike<Int32Array>,
): Tensor<A> {
  const { advantages } = groupAdvantage({
    rewards: values,
    groupIds,
    estimator: 'dr_grpo',
    singleton: 'zero',
  });
  const source = dataOf(values);
  const means = zerosLike(source);
  for (let i = 0; i < means.length; i += 1) means[i] = source[i]! - advantages.data[i]!;
  return new Tensor(means, [means.length]);
}
