/** Algorithms that choose what to learn from: samples and tokens (D3S), prompts (PCL). */
import {
  d3sSelectSamples,
  d3sSelectTokens,
  linearSchedule,
  type PolicyLossResult,
  type PromptValueLossResult,
  promptSelect,
  promptValueLoss,
} from '../generated/token.js';
import type { ArrayLike, RealArray, Tensor } from '../tensor.js';
import {
  baselineDefaults,
  PolicyAlgorithm,
  type PolicyOptions,
  type SampleAdvantages,
  surrogateDefaults,
} from './algorithm.js';
import { dataOf, type LossBatch, type Scores } from './batch.js';

export interface D3sOptions extends PolicyOptions {
  /** Share of samples kept at the start and at the end of training. */
  sampleFraction: readonly [number, number];
  /** Share of tokens kept at the start and at the end. */
  tokenFraction: readonly [number, number];
}

/** Defaults of `D3s`: hard selection first, everything at the end. The ends are ours: no code is known. */
export const d3sDefaults: Readonly<D3sOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  sampleFraction: Object.freeze([0.25, 1] as const),
  tokenFraction: Object.freeze([0.2, 1] as const),
});

/** How far training is. */
export interface Progress {
  /** Share of training done, 0 to 1. Default 0. */
  progress?: number;
}

/**
 * Dynamic dual-level down-sampling: the subset of samples whose advantages vary most, and in it the
 * tokens of largest |A|·H; both shares grow on a schedule.
 *
 * `keep N samples maximising Var(A);  keep the top share of |A_i| H_it;  share = (1 − p) start + p end`
 *
 * ```ts
 * const d3s = new D3s();
 * const made = d3s.advantages({ rewards, groupIds, progress });  // progress: 0 at first, 1 at the end
 * const { loss, gradLogProbs } = d3s.loss({ logProbs, oldLogProbs, entropy, mask, progress, ...made });
 * ```
 *
 * Advantages are made before the choice and not normalised again. Defaults: `d3sDefaults`. No peer
 * has it.
 *
 * Source: arXiv 2509.22115.
 */
export class D3s extends PolicyAlgorithm<D3sOptions> {
  constructor(options: Partial<D3sOptions> = {}) {
    super('D3s', options, d3sDefaults);
  }

  override advantages<A extends RealArray>(
    batch: Scores<A> & Progress,
  ): Required<SampleAdvantages<A>> {
    const advantages = this.baseline(batch, this.options);
    const share = this.#share(batch, this.options.sampleFraction);
    // At least one sample, so that a schedule from 0 starts.
    const keep = advantages.size === 0 ? 0 : Math.max(1, Math.floor(share * advantages.size));
    return { advantages, sampleKeep: d3sSelectSamples<A>({ advantages, keep }).keep };
  }

  /** `entropy` chooses the tokens; without it all tokens of the chosen samples count. */
  override loss<A extends RealArray>(
    batch: LossBatch<A, Scores<A> & Progress>,
  ): PolicyLossResult<A> {
    const { advantages, sampleKeep } = this.ready<A>(batch);
    if (batch.entropy === undefined)
      return super.loss<A>({ ...batch, advantages, ...(sampleKeep && { sampleKeep }) });
    const { entropy, mask } = batch;
    const args: Parameters<typeof d3sSelectTokens<A>>[0] = {
      ...{ advantages, entropy },
      fraction: this.#share(batch as Progress, this.options.tokenFraction),
    };
    if (mask !== undefined) args.mask = mask;
    if (sampleKeep !== undefined) args.sampleKeep = sampleKeep;
    return this.surrogate<A>(batch, advantages, d3sSelectTokens<A>(args).keep);
  }

  #share(batch: Progress, [start, end]: readonly [number, number]): number {
    const progress = batch.progress ?? 0;
    return linearSchedule<Float64Array>({ progress, start: [start], end: [end] }).value.data[0]!;
  }
}

export interface PromptCurriculumOptions extends PolicyOptions {
  /** Success rate to train at. */
  target: number;
}

/** Defaults of `PromptCurriculum`: prompts solved half of the time, r − mean, no std. */
export const promptCurriculumDefaults: Readonly<PromptCurriculumOptions> = Object.freeze({
  ...surrogateDefaults,
  ...baselineDefaults,
  estimator: 'dr_grpo',
  target: 0.5,
});

/**
 * Prompt curriculum learning: a value model predicts how often each prompt is solved; the policy is
 * trained on the prompts closest to one half, where E[A²] = p(1 − p) is largest.
 *
 * ```ts
 * const pcl = new PromptCurriculum();
 * const chosen = pcl.select(predicted, 64);            // of a larger pool
 * const { loss, gradPredicted } = pcl.valueLoss(predictedOfChosen, meanRewards);
 * const { gradLogProbs } = pcl.loss({ logProbs, oldLogProbs, mask, rewards, groupIds });
 * ```
 *
 * Defaults: `promptCurriculumDefaults`. No peer has it.
 *
 * Source: arXiv 2510.01135.
 */
export class PromptCurriculum extends PolicyAlgorithm<PromptCurriculumOptions> {
  constructor(options: Partial<PromptCurriculumOptions> = {}) {
    super('PromptCurriculum', options, promptCurriculumDefaults);
  }

  /** Indices of the `count` prompts closest to the target, closest first. */
  select<A extends RealArray>(predicted: ArrayLike<A>, count: number): Tensor<Int32Array> {
    const keep = Math.min(count, dataOf(predicted).length);
    return promptSelect<A>({ values: predicted, target: this.options.target, keep }).indices;
  }

  /** Mean squared error of the predicted success rates, and its gradient. */
  valueLoss<A extends RealArray>(
    predicted: ArrayLike<A>,
    meanReward: ArrayLike<A>,
  ): PromptValueLossResult<A> {
    return promptValueLoss<A>({ predicted, meanReward });
  }

  override advantages<A extends RealArray>(batch: Scores<A>): SampleAdvantages<A> {
    return { advantages: this.baseline(batch, this.options) };
  }
}
