/**
 * Scaling up exploration (T1, arXiv 2501.11651): many samples of each prompt, an entropy bonus, and a
 * KL penalty, centred over the batch, to an anchor that follows the policy. With an anchor that stays
 * where training began, the same penalty stops the policy half-way, at π_ref · exp(r/β).
 */

import { emaUpdate, klShapedRewards, Rloo } from 'belfry/token';

import { seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

const prompts = 8;
const V = 32;
const updates = 120;
/** Weight of the KL in the reward. */
const beta = 0.35;

const answer = (prompt: number): number => (11 * prompt + 5) % V;

export interface Options {
  /** Samples of each prompt. */
  samples: number;
  /** Share of the old anchor that is kept at each update; 1: the anchor stays. */
  decay: number;
  updates?: number;
}

/** Chance of the right answer, over the prompts. */
function success(policy: SoftmaxPolicy): number {
  const right = Array.from({ length: prompts }, (_, i) => policy.probabilities(i)[answer(i)]!);
  return mean(right);
}

export function train(seed: number, { samples, decay, updates: steps = updates }: Options): number {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(prompts, V);
  const anchor = policy.copy();
  // The KL is in the rewards already.
  const rloo = new Rloo({ beta: 0, entropyCoef: 0.001, aggregation: 'token-mean' });
  const B = prompts * samples;
  const shape = [B, 1];
  const contexts = Int32Array.from({ length: B }, (_, i) => Math.floor(i / samples));
  for (let update = 0; update < steps; update++) {
    const labels = contexts.map((prompt) => policy.sample(prompt, random));
    const scores = Float64Array.from(labels, (label, i) => Number(label === answer(contexts[i]!)));
    const { logProbs } = policy.score(contexts, labels, shape);
    const refLogProbs = anchor.score(contexts, labels, shape).logProbs;
    const shaped = klShapedRewards({ scores, logProbs, refLogProbs, beta, center: 'batch' });
    const rewards = shaped.rewards.data;
    const logits = policy.rows(contexts);
    const batch = { rewards, groupIds: contexts, oldLogProbs: logProbs, logits, labels };
    const { gradLogits } = rloo.lossFromLogits(batch);
    policy.descend(policy.gather(contexts, gradLogits.data), 24);
    anchor.logits.set(
      emaUpdate({ target: anchor.logits, source: policy.logits, decay }).target.data,
    );
  }
  return success(policy);
}

const seeds = [1, 2];
const reached = (options: Options): number => mean(seeds.map((seed) => train(seed, options)));
export const moving: number = reached({ samples: 32, decay: 0.9 });
export const still: number = reached({ samples: 32, decay: 1 });
/** What the fixed anchor allows: π_ref · exp(r/β), normalised. */
export const allowed: number = Math.exp(1 / beta) / (Math.exp(1 / beta) + V - 1);
const budget = 30;
/** The same number of updates from few samples: most groups hold no right answer. */
export const many: number = reached({ samples: 32, decay: 0.9, updates: budget });
export const few: number = reached({ samples: 2, decay: 0.9, updates: budget });
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
console.log(`right answers: ${percent(moving)} with an anchor that follows the policy`);
console.log(`${percent(still)} with one that stays; theory allows it ${percent(allowed)}`);
console.log(
  `after ${budget} updates: ${percent(many)} from 32 samples a prompt, ${percent(few)} from 2`,
);
