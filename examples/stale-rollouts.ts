/**
 * Training on stale rollouts (ASearcher, arXiv 2508.07976, on AReaL's decoupled PPO): sampling runs
 * ahead of training, so a batch comes from a policy of several updates ago. Plain PPO clips against
 * that old policy and learns far more slowly. The decoupled loss clips against the present policy and
 * weighs each token by π_prox/π_behaviour, capped.
 *
 * This toy shows the clip, not the need for the weights: without them, clipping against the present
 * policy learns as well here. That the weights are right is shown apart, at the end.
 */
import { Tensor } from 'belfry';
import { affineReward, decoupledPpo, Grpo, groupAdvantage, groupFilter } from 'belfry/token';

import { type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

const T = 4;
const V = 16;
const prompts = 8;
const perPrompt = 16;
const B: number = prompts * perPrompt;
const updates = 60;
const epochs = 2;

const groupIds = Int32Array.from({ length: B }, (_, i) => Math.floor(i / perPrompt));
const contexts = Int32Array.from(
  { length: B * T },
  (_, i) => groupIds[Math.floor(i / T)]! * T + (i % T),
);

const answer = (context: number): number => (5 * context + 3) % V;

interface Batch {
  labels: Int32Array;
  behaviour: Tensor<Float64Array>;
  rewards: Float64Array;
}

/** A rollout earns the share of its tokens that is right. */
function collect(policy: SoftmaxPolicy, random: Random): Batch {
  const labels = contexts.map((context) => policy.sample(context, random));
  const right = labels.map((label, i) => Number(label === answer(contexts[i]!)));
  const rewards = Float64Array.from({ length: B }, (_, i) =>
    mean(right.subarray(i * T, i * T + T)),
  );
  return { labels, behaviour: policy.score(contexts, labels, [B, T]).logProbs, rewards };
}

/** Centred in the group, groups without a difference dropped, then shifted and scaled as ASearcher does. */
function advantagesOf(rewards: Float64Array): {
  advantages: Tensor<Float64Array>;
  mask: Tensor<Uint8Array>;
} {
  const { advantages } = groupAdvantage({ rewards, groupIds, estimator: 'dr_grpo' });
  const { sampleKeep } = groupFilter({ rewards, groupIds });
  const scaled = affineReward({ rewards: advantages, bias: 0, scale: 2, clip: null }).rewards;
  const perToken = Float64Array.from({ length: B * T }, (_, i) => scaled.data[Math.floor(i / T)]!);
  const mask = Uint8Array.from({ length: B * T }, (_, i) => sampleKeep.data[Math.floor(i / T)]!);
  return { advantages: new Tensor(perToken, [B, T]), mask: new Tensor(mask, [B, T]) };
}

/** 'unweighted' takes the present policy for the one that sampled. */
type Method = 'decoupled' | 'plain' | 'unweighted';

/** @returns mean reward of the last ten batches */
function train(method: Method, staleness: number, seed: number): number {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(prompts * T, V);
  const plain = new Grpo({ klCoef: 0, aggregation: 'token-mean' });
  const waiting: Batch[] = [];
  const curve: number[] = [];
  for (let update = 0; update < updates + staleness; update++) {
    const newest = collect(policy, random);
    waiting.push(newest);
    curve.push(mean(newest.rewards));
    if (waiting.length <= staleness) continue;
    const { labels, behaviour, rewards } = waiting.shift()!;
    const made = advantagesOf(rewards);
    const proximalLogProbs = policy.score(contexts, labels, [B, T]).logProbs;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const { logProbs } = policy.score(contexts, labels, [B, T]);
      const { gradLogProbs } =
        method === 'decoupled'
          ? decoupledPpo({
              ...{ logProbs, proximalLogProbs, behaviorLogProbs: behaviour, ...made },
              ...{ clipLow: 0.2, clipHigh: 0.2 },
            })
          : plain.loss({
              ...{ logProbs, ...made },
              oldLogProbs: method === 'plain' ? behaviour : proximalLogProbs,
            });
      policy.descend(policy.gradient(contexts, labels, gradLogProbs), 60);
    }
  }
  return mean(curve.slice(-10));
}

/**
 * What the weights are for: samples of a uniform policy tell how good a better one is.
 * @returns share of right tokens: as sampled, weighed, and of the better policy, exactly
 */
function weigh(seed: number): { sampled: number; weighed: number; exact: number } {
  const random = seeded(seed);
  const uniform = new SoftmaxPolicy(prompts * T, V);
  const better = uniform.copy();
  for (let context = 0; context < prompts * T; context++) {
    better.logits[context * V + answer(context)] = 1.5;
  }
  const all = { sampled: 0, weighed: 0, exact: better.probabilities(0)[answer(0)]! };
  const batches = 40;
  for (let batch = 0; batch < batches; batch++) {
    const { labels, behaviour } = collect(uniform, random);
    const proximalLogProbs = better.score(contexts, labels, [B, T]).logProbs;
    const { behaviorWeights } = decoupledPpo({
      ...{ logProbs: proximalLogProbs, proximalLogProbs, behaviorLogProbs: behaviour },
      ...{ advantages: new Tensor(new Float64Array(B * T), [B, T]), behaviorWeightCap: null },
    });
    const right = Float64Array.from(labels, (label, i) => Number(label === answer(contexts[i]!)));
    all.sampled += mean(right) / batches;
    all.weighed += mean(right.map((x, i) => x * behaviorWeights.data[i]!)) / batches;
  }
  return all;
}

/** Updates between the policy that sampled and the one that is trained. */
const stale = 16;
const seeds = [1, 2];
const reached = (method: Method, staleness: number): number =>
  mean(seeds.map((seed) => train(method, staleness, seed)));
type Rewards = Record<Method, number>;
const after = (staleness: number): Rewards => ({
  decoupled: reached('decoupled', staleness),
  plain: reached('plain', staleness),
  unweighted: reached('unweighted', staleness),
});
export const fresh: Rewards = after(0);
export const late: Rewards = after(stale);
export const weights: { sampled: number; weighed: number; exact: number } = weigh(1);
const show = (run: Rewards): string =>
  `decoupled PPO ${run.decoupled.toFixed(3)}, plain PPO ${run.plain.toFixed(3)}, ` +
  `without weights ${run.unweighted.toFixed(3)}`;
console.log(`reward after ${updates} updates on fresh rollouts: ${show(fresh)}`);
console.log(`on rollouts ${stale} updates old: ${show(late)}`);
console.log(
  `right tokens of a uniform sampler: ${weights.sampled.toFixed(3)}; weighed for a better policy: ` +
    `${weights.weighed.toFixed(3)}, exactly ${weights.exact.toFixed(3)}`,
);
