/**
 * Exploration by representation (arXiv 2510.11686): the elliptical bonus of a response says how little
 * its hidden state is like those of the others.
 *
 * At test time it chooses eight responses out of many that cover more answers than eight at random. In
 * training it is added to the reward and keeps the policy from settling on the first answer it finds.
 */
import { Tensor } from 'belfry';
import { ellipticalBonus, Grpo } from 'belfry/token';

import { draw, normal, type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

const answers = 12;
const width = 16;
const k = 8;

/** Hidden states of responses: a direction for each answer, and noise. */
function representations(labels: ArrayLike<number>, random: Random): Tensor<Float64Array> {
  const data = Float64Array.from(
    { length: labels.length * width },
    (_, i) => Number(i % width === labels[Math.floor(i / width)]!) + 0.05 * normal(random),
  );
  return new Tensor(data, [labels.length, width]);
}

/** A base model that gives one answer in four cases of five. */
const habits = Float64Array.from({ length: answers }, (_, a) => (a === 0 ? 0.78 : 0.02));

/** Distinct answers among the `k` responses of largest bonus, and among the first `k`. */
function select(seed: number): { chosen: number; first: number } {
  const random = seeded(seed);
  const labels = Int32Array.from({ length: 64 }, () => draw(random, habits));
  const features = representations(labels, random);
  const { bonus } = ellipticalBonus({ features, groupIds: new Int32Array(64) });
  const ranked = [...labels.keys()].sort((a, b) => bonus.data[b]! - bonus.data[a]!);
  const distinct = (of: readonly number[]): number => new Set(of.map((i) => labels[i])).size;
  return { chosen: distinct(ranked.slice(0, k)), first: distinct([...labels.keys()].slice(0, k)) };
}

/** Answers 3, 6 and 9 are right on one prompt each; the policy never learns which prompt it is. */
const rightOn: readonly number[] = [3, 6, 9];

/**
 * Trains on the three prompts in turn, as if they were one.
 * @returns how many of them eight tries solve, on average
 */
function train(seed: number, beta: number): number {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(1, answers);
  policy.logits.set(habits.map(Math.log));
  const grpo = new Grpo({ estimator: 'dr_grpo', aggregation: 'token-mean', klCoef: 0 });
  const B = 32;
  const shape = [B, 1];
  const contexts = new Int32Array(B);
  const groupIds = new Int32Array(B);
  for (let update = 0; update < 300; update++) {
    const labels = contexts.map(() => policy.sample(0, random));
    const extrinsic = Float64Array.from(labels, (label) => Number(label === rightOn[update % 3]));
    const features = representations(labels, random);
    const scored = ellipticalBonus({ features, groupIds, extrinsic, beta });
    const rewards = scored.rewards!.data;
    const { logProbs } = policy.score(contexts, labels, shape);
    const { gradLogProbs } = grpo.loss({ logProbs, oldLogProbs: logProbs, rewards, groupIds });
    policy.descend(policy.gradient(contexts, labels, gradLogProbs), 2);
  }
  const pi = policy.probabilities(0);
  return mean(rightOn.map((a) => 1 - (1 - pi[a]!) ** k));
}

const seeds = [1, 2, 3, 4];
const selections = seeds.map(select);
/** Distinct answers among eight responses. */
export const chosen: number = mean(selections.map((one) => one.chosen));
export const first: number = mean(selections.map((one) => one.first));
export const explored: number = mean(seeds.map((seed) => train(seed, 1)));
export const greedy: number = mean(seeds.map((seed) => train(seed, 0)));
console.log(`distinct answers in ${k} responses: ${chosen} by bonus, ${first} at random`);
console.log(
  `pass@${k} after training: ${explored.toFixed(2)} with the bonus, ${greedy.toFixed(2)} without`,
);
