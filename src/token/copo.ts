/** Consistency-aware policy optimisation. */
import {
  type CopoLossArgs,
  type CopoLossResult,
  copoAdvantage,
  copoLoss,
} from '../generated/token.js';
import type { ArrayLike, RealArray, Tensor } from '../tensor.js';
import { type Aggregation, Algorithm, pick } from './algorithm.js';
import type { Scores, Tokens } from './batch.js';

export interface CopoOptions {
  /** How the weight of the local advantage follows from the entropy of the answers. */
  mode: NonNullable<CopoLossArgs['mode']>;
  /** Steepness of the sigmoid. */
  k: number;
  /** Entropy at which the weight is ½. */
  b: number;
  clipLow: number | null;
  clipHigh: number;
  /** Bound on the loss of negative advantages, of each of the two terms. */
  dualClip: number | null;
  ratioClamp: number | null;
  aggregation: Aggregation;
  norm: number | null;
  /** ε added to each standard deviation. */
  eps: number;
  ddof: number;
  singleton: 'raw' | 'zero';
}

/** Defaults of `Copo`: those of the loss of hijih/copo-code (a fork of verl), but for `ratioClamp`. */
export const copoDefaults: Readonly<CopoOptions> = Object.freeze({
  mode: 'soft',
  k: 1,
  b: 0.5,
  clipLow: 0.2,
  clipHigh: 0.2,
  dualClip: 3,
  ratioClamp: 20,
  aggregation: 'token-mean',
  norm: null,
  eps: 1e-6,
  ddof: 1,
  singleton: 'raw',
});

/** Scores with the answer each sample came to. */
export interface AnsweredScores<A extends RealArray> extends Scores<A> {
  /** [B] equal numbers = equal answers. */
  answerIds: ArrayLike<Int32Array>;
}

export interface CopoAdvantages<A extends RealArray> {
  /** [B] of the sample in its group. */
  advantages: Tensor<A>;
  /** [B] of the group among groups. */
  globalAdvantages: Tensor<A>;
  /** [B] entropy of the answers of the group, in bits. */
  answerEntropy: Tensor<A>;
}

/** What `advantages` gave before. */
export type CopoReady<A extends RealArray> = {
  readonly [K in keyof CopoAdvantages<A>]: ArrayLike<A>;
};

/**
 * Groups whose answers agree learn from how the group does among groups, the others from the group.
 *
 * `H = −Σ p log₂ p over answers;  w = σ(k (H − b));  loss = w·ℓ(A_local) + (1 − w)·ℓ(A_global)`
 *
 * ```ts
 * const copo = new Copo();
 * const made = copo.advantages({ rewards, groupIds, answerIds }); // answerIds [B]: equal = same answer
 * const { loss, gradLogProbs } = copo.loss({ logProbs, oldLogProbs, mask, ...made });
 * ```
 *
 * Defaults: `copoDefaults`. The code adds 1e-8 inside its logarithm; here the entropy is exact.
 *
 * Source: arXiv 2508.04138.
 */
export class Copo extends Algorithm<CopoOptions> {
  constructor(options: Partial<CopoOptions> = {}) {
    super('Copo', options, copoDefaults);
  }

  advantages<A extends RealArray>(batch: AnsweredScores<A>): CopoAdvantages<A> {
    const { rewards, answerIds, groupIds } = batch;
    const { eps, ddof, singleton } = this.options;
    const found = copoAdvantage<A>({ rewards, answerIds, groupIds, eps, ddof, singleton });
    const { localAdvantages: advantages, globalAdvantages, entropy: answerEntropy } = found;
    return { advantages, globalAdvantages, answerEntropy };
  }

  loss<A extends RealArray>(
    batch: Tokens<A> & (CopoReady<A> | AnsweredScores<A>),
  ): CopoLossResult<A> {
    const { eps: _eps, ddof: _ddof, singleton: _singleton, ...options } = this.options;
    const ready: CopoReady<A> = 'advantages' in batch ? batch : this.advantages<A>(batch);
    const keys = ['logProbs', 'oldLogProbs', 'mask', 'numTokens', 'numSeqs'] as const;
    return copoLoss<A>({
      ...pick(batch as Tokens<A>, keys),
      localAdvantages: ready.advantages,
      globalAdvantages: ready.globalAdvantages,
      entropy: ready.answerEntropy,
      ...options,
    } as CopoLossArgs<A>);
  }
}
