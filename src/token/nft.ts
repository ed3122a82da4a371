/** Negative-aware fine-tuning. */
import { groupAdvantage, groupFilter, type NftLossResult, nftLoss } from '../generated/token.js';
import { type ArrayLike, type RealArray, Tensor } from '../tensor.js';
import { Algorithm, groupMeans, pick } from './algorithm.js';
import { dataOf, type Flags, keepSamples, type Scores, type Tokens, zerosLike } from './batch.js';

export interface NftOptions {
  /** Ratio of each token, or one of each sample. */
  ratio: 'token' | 'sequence';
  /** w⁻, weight of wrong answers; 0 = rejection-sampling fine-tuning. */
  negWeight: number;
  /** c⁻, floor of the ratio of the implicit negative policy. */
  clampNegative: number;
  /** c⁺, floor of the ratio of right answers. */
  clampPositive: number;
  /** k = 1, 1 − r or √((1 − r)/r) for 0, 1, 2. */
  normalize: number;
  /** Divisor of the sum over tokens. */
  divisor: number;
  /** Bounds of the success rate r of a group. */
  rateLow: number;
  rateHigh: number;
  /** Log-ratios are clamped from above. */
  logRatioMax: number;
  /** A reward above this is a right answer. */
  threshold: number;
}

/** Defaults of `NegativeAwareFineTuning`: NVlabs/NFT's run. */
export const nftDefaults: Readonly<NftOptions> = Object.freeze({
  ratio: 'token',
  negWeight: 1,
  clampNegative: 1,
  clampPositive: 0,
  normalize: 1,
  divisor: 1000,
  rateLow: 0.02,
  rateHigh: 0.98,
  logRatioMax: 10,
  threshold: 0,
});

export interface NftAdvantages<A extends RealArray> {
  /** [B] the weight of −log π on policy: what the loss is worth as a policy gradient. */
  advantages: Tensor<A>;
  /** [B] 1 = the answer is right. */
  correct: Tensor<A>;
  /** [B] share of right answers in the group. */
  correctRate: Tensor<A>;
  /** [B] 0 = the group is all right or all wrong and leaves the loss. */
  sampleKeep: Tensor<Uint8Array>;
}

/** Answers judged before. */
export interface Judged<A extends RealArray> {
  correct: ArrayLike<A>;
  correctRate: ArrayLike<A>;
  sampleKeep?: Flags;
}

/**
 * Fine-tuning on right answers, and on wrong ones through the implicit negative policy.
 *
 * `R = π/π_old, x = (1 − r R)/(1 − r);  ℓ = −k log R of a right answer, −k w⁻ log max(x, c⁻) of a
 * wrong one;  loss = Σ ℓ / divisor`
 *
 * ```ts
 * const nft = new NegativeAwareFineTuning();
 * const made = nft.advantages({ rewards, groupIds }); // correct, correctRate, sampleKeep: [B]
 * const { loss, gradLogProbs } = nft.loss({ logProbs, oldLogProbs, mask, ...made });
 * ```
 *
 * On policy, `normalize: 1` is Dr. GRPO and `normalize: 2` is GRPO with the population's std.
 * Defaults: `nftDefaults`, those of NVlabs/NFT (a fork of verl).
 *
 * Source: arXiv 2505.18116.
 */
export class NegativeAwareFineTuning extends Algorithm<NftOptions> {
  constructor(options: Partial<NftOptions> = {}) {
    super('NegativeAwareFineTuning', options, nftDefaults);
  }

  advantages<A extends RealArray>(batch: Scores<A>): NftAdvantages<A> {
    const { threshold } = this.options;
    const { groupIds } = batch;
    const rewards = dataOf(batch.rewards);
    const right = zerosLike(rewards);
    for (let i = 0; i < right.length; i += 1) {
      // A sample that could not be scored stays so.
      right[i] = Number.isFinite(rewards[i]) ? Number(rewards[i]! > threshold) : Number.NaN;
    }
    const correct = new Tensor(right, [right.length]);
    const correctRate = groupMeans(correct, groupIds);
    const filter = groupFilter({ rewards: correct, groupIds, keepSingletons: false });
    const sampleKeep = filter.sampleKeep;
    for (let i = 0; i < right.length; i += 1) if (Number.isNaN(right[i])) sampleKeep.data[i] = 0;
    return { advantages: this.#weights(batch, correct), correct, correctRate, sampleKeep };
  }

  loss<A extends RealArray>(batch: Tokens<A> & (Judged<A> | Scores<A>)): NftLossResult<A> {
    const { threshold: _, ...options } = this.options;
    const judged: Judged<A> = 'correct' in batch ? batch : this.advantages<A>(batch);
    const mask = keepSamples(this.name, batch, judged.sampleKeep);
    return nftLoss<A>({
      ...pick(batch as Tokens<A>, ['logProbs', 'oldLogProbs']),
      ...(mask === undefined ? {} : { mask }),
      correct: finite(judged.correct),
      correctRate: finite(judged.correctRate),
      ...options,
    } as Parameters<typeof nftLoss<A>>[0]);
  }

  #weights<A extends RealArray>(batch: Scores<A>, correct: Tensor<A>): Tensor<A> {
    const estimator = this.options.normalize === 2 ? 'grpo' : 'dr_grpo';
    const options = { estimator, ddof: 0, eps: 0, singleton: 'zero' } as const;
    const { groupIds } = batch;
    const { advantages } = groupAdvantage<A>({ rewards: correct, groupIds, ...options });
    if (this.options.normalize !== 0) return advantages;
    const rates = groupMeans(correct, groupIds).data;
    for (let i = 0; i < rates.length; i += 1) {
      if (rates[i]! < 1) advantages.data[i] = advantages.data[i]! / (1 - rates[i]!);
    }
    return advantages;
  }
}

/** Samples without a score are masked; what stands there only has to be a number. */
function finite<A extends RealArray>(values: ArrayLike<A>): Tensor<A> {
  const data = dataOf(values).map((value) => (Number.isNaN(value) ? 0 : value)) as A;
  return new Tensor(data, [data.length]);
}
