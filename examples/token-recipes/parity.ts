/**
 * Recipes on a toy whose answer is known: four tokens out of 32, reward 1 when their sum is even.
 * The policy is one softmax for each place; it starts at one half and has to reach one.
 */
import { type RealArray, Tensor } from 'belfry';
import { Ppo, tokenLogprob, tokenLogprobBackward } from 'belfry/token';

import { seeded } from '../lib/random.js';
import { mean } from '../lib/softmax-policy.js';

const T = 4;
const V = 32;
const prompts = 8;
const perPrompt = 16;
const B: number = prompts * perPrompt;

export interface ParityOptions {
  updates?: number;
  seed?: number;
  /** Step size on the logits of a place. */
  step?: number;
  /** 1 = the sample does not end in time. Default: all do. */
  truncated?: (tokens: readonly number[]) => boolean;
}

export interface ParityResult {
  /** Share of even sums in the last 20 batches. */
  success: number;
  /** Share of truncated samples in them. */
  truncated: number;
}

/** Any class of the family: each picks from a batch what it reads. */
export interface Learner {
  advantages(batch: never): object;
  loss(batch: never): { gradLogProbs: Tensor<RealArray> };
}

/** Trains with any class; `Ppo` also learns a value for each place. */
export function trainParity(algorithm: Learner, options: ParityOptions = {}): ParityResult {
  const { updates = 200, seed = 1, step = 40, truncated: isTruncated = () => false } = options;
  const random = seeded(seed);
  const policy = new Float64Array(T * V);
  const values = new Float64Array(T);
  const groupIds = Int32Array.from({ length: B }, (_, i) => i % prompts);
  const refLogProbs = new Tensor(new Float64Array(B * T).fill(-Math.log(V)), [B, T]);
  const last: ParityResult = { success: 0, truncated: 0 };
  for (let update = 0; update < updates; update += 1) {
    const logits = new Tensor(tiled(policy, B), [B * T, V]);
    const labels = sample(policy, random);
    const { logProbs, entropy } = tokenLogprob({ logits, labels });
    const answers = Array.from({ length: B }, (_, i) => [...labels.subarray(i * T, i * T + T)]);
    const truncated = Uint8Array.from(answers, (answer) => Number(isTruncated(answer)));
    const rewards = Float64Array.from(
      answers,
      (answer) => 1 - (answer.reduce((a, b) => a + b) % 2),
    );
    const batch = {
      ...{ logits, labels, rewards, groupIds, refLogProbs, truncated },
      logProbs: new Tensor(logProbs.data, [B, T]),
      oldLogProbs: new Tensor(logProbs.data, [B, T]),
      answerIds: Int32Array.from(answers, (answer) => answer.reduce((a, b) => a + b)),
      entropy: new Tensor(entropy.data, [B, T]),
      oldValues: new Tensor(tiled(values, B), [B, T]),
      progress: update / updates,
    };
    const made = algorithm.advantages(batch as never);
    const result = algorithm.loss({ ...batch, ...made } as never);
    const gradLogProbs = result.gradLogProbs.data as Float64Array;
    const { gradLogits } = tokenLogprobBackward({ logits, labels, gradLogProbs });
    descend(policy, gradLogits.data, step);
    if (algorithm instanceof Ppo) {
      const { returns } = algorithm.advantages(batch);
      const critic = algorithm.valueLoss({
        values: batch.oldValues,
        oldValues: batch.oldValues,
        returns,
      });
      descend(values, critic.gradValues.data, 1);
    }
    if (update >= updates - 20) {
      last.success += mean(rewards) / 20;
      last.truncated += mean(truncated) / 20;
    }
  }
  return last;
}

/** The same rows for every sample. */
function tiled(rows: Float64Array, times: number): Float64Array {
  const all = new Float64Array(rows.length * times);
  for (let i = 0; i < times; i += 1) all.set(rows, i * rows.length);
  return all;
}

/** One step against the gradient, which is summed over the samples. */
function descend(parameters: Float64Array, gradient: Float64Array, step: number): void {
  for (let i = 0; i < gradient.length; i += 1) {
    const at = i % parameters.length;
    parameters[at] = parameters[at]! - step * gradient[i]!;
  }
}

/** [B·T] tokens: the largest of logits with Gumbel noise. */
function sample(policy: Float64Array, random: () => number): Int32Array {
  return Int32Array.from({ length: B * T }, (_, i) => {
    const row = policy.subarray((i % T) * V, ((i % T) + 1) * V);
    const noisy = row.map((logit) => logit - Math.log(-Math.log(random() || 1e-12)));
    return noisy.indexOf(Math.max(...noisy));
  });
}
