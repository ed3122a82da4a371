/**
 * A tour of what two surveys describe (techniques for language models, arXiv 2507.04136; deep-research
 * agents, arXiv 2509.06733): one agent of two turns, trained by five losses in turn.
 *
 * The agent asks one of six sources; only the right one for the question tells the key, which the
 * answer has to repeat. What the source said stands in the sequence and is masked: the policy did not
 * write it.
 */
import { type ArrayLike, Tensor } from 'belfry';
import { decoupledPpo, Grpo, Loop, Ppo, Rloo } from 'belfry/token';

import { integer, type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

const T = 3;
const V = 6;
const questions = 4;
const perQuestion = 16;
const B: number = questions * perQuestion;
const shape = [B, T];
const updates = 150;

const groupIds = Int32Array.from({ length: B }, (_, i) => Math.floor(i / perQuestion));
const mask = new Tensor(
  Uint8Array.from({ length: B * T }, (_, i) => Number(i % T !== 1)),
  shape,
);
const turnIds = new Tensor(
  Int32Array.from({ length: B * T }, (_, i) => i % T),
  shape,
);

interface Rollouts {
  /** Questions, then what a source said: V keys, or nothing. */
  contexts: Int32Array;
  labels: Int32Array;
  rewards: Float64Array;
}

function collect(policy: SoftmaxPolicy, random: Random): Rollouts {
  const contexts = new Int32Array(B * T);
  const labels = new Int32Array(B * T);
  const rewards = new Float64Array(B);
  groupIds.forEach((question, i) => {
    const key = integer(random, V);
    const asked = policy.sample(question, random);
    const heard = asked === (question + 1) % V ? key : V;
    const said = policy.sample(questions + heard, random);
    contexts.set([question, 0, questions + heard], i * T);
    labels.set([asked, 0, said], i * T);
    rewards[i] = Number(heard !== V && said === key);
  });
  return { contexts, labels, rewards };
}

interface Batch {
  logProbs: Tensor<Float64Array>;
  oldLogProbs: Tensor<Float64Array>;
  refLogProbs: Tensor<Float64Array>;
  mask: Tensor<Uint8Array>;
  turnIds: Tensor<Int32Array>;
  rewards: Float64Array;
  groupIds: Int32Array;
}

/** What a loss gives back: the gradient for the log-probs. */
type Learner = (batch: Batch) => Tensor<Float64Array>;

/** @returns share of right answers in the last ten batches */
function train(learn: Learner, rate: number): number {
  const random = seeded(7);
  const policy = new SoftmaxPolicy(questions + V + 1, V);
  const curve: number[] = [];
  for (let update = 0; update < updates; update++) {
    const { contexts, labels, rewards } = collect(policy, random);
    curve.push(mean(rewards));
    const { logProbs } = policy.score(contexts, labels, shape);
    const told = { mask, turnIds, rewards, groupIds };
    const gradient = learn({ logProbs, oldLogProbs: logProbs, refLogProbs: logProbs, ...told });
    policy.descend(policy.gradient(contexts, labels, gradient), rate);
  }
  return mean(curve.slice(-10));
}

/** A critic that knows the turn: V before the question is asked, and before the answer. */
function withCritic(): Learner {
  const ppo = new Ppo({ rewardScale: 1, beta: 0 });
  const values = new Float64Array(T);
  return (batch) => {
    const all = Float64Array.from({ length: B * T }, (_, i) => values[i % T]!);
    const oldValues = new Tensor(all, shape);
    const made = ppo.advantages({ ...batch, oldValues });
    const critic = ppo.valueLoss({ values: oldValues, oldValues, mask, returns: made.returns });
    critic.gradValues.data.forEach((slope, i) => {
      values[i % T]! -= slope;
    });
    return ppo.loss({ ...batch, ...made }).gradLogProbs;
  };
}

/** Any class that makes advantages of scores. */
const withGroups =
  (algorithm: Grpo | Rloo | Loop): Learner =>
  (batch) =>
    algorithm.loss(batch).gradLogProbs;

const decoupled: Learner = ({ logProbs, ...batch }) => {
  const { advantages } = new Grpo().advantages(batch);
  const perToken: ArrayLike<Float64Array> = new Tensor(
    Float64Array.from({ length: B * T }, (_, i) => advantages.data[Math.floor(i / T)]!),
    shape,
  );
  return decoupledPpo({
    ...{ logProbs, proximalLogProbs: logProbs, behaviorLogProbs: batch.oldLogProbs },
    ...{ advantages: perToken, mask },
  }).gradLogProbs;
};

export const right: Readonly<Record<string, number>> = {
  'PPO: GAE over the turns, a critic': train(withCritic(), 8),
  'GRPO: mean and std of the group': train(withGroups(new Grpo({ klCoef: 0 })), 8),
  'RLOO: mean of the others': train(withGroups(new Rloo({ beta: 0 })), 8),
  'LOOP: one ratio for each turn': train(withGroups(new Loop({ level: 'turn' })), 16),
  'decoupled PPO: weights for stale samples': train(decoupled, 8),
};
for (const [name, share] of Object.entries(right))
  console.log(`${(100 * share).toFixed(1).padStart(5)} % right answers: ${name}`);
