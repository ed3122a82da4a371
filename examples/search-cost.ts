/**
 * What an answer may cost, in two agents that learn it.
 *
 * - Router-R1 (arXiv 2506.09033): a router sends each question to one of three models. The reward of
 *   a right answer is mixed with a score of its cost among the last thousand costs.
 * - AI-SearchPlanner (arXiv 2508.20368): a planner chooses how many searches a question is worth. The
 *   weight of the cost term moves it along the Pareto front of accuracy and searches.
 */
import { Tensor } from 'belfry';
import { costReward, Grpo, Ppo, routerReward, weightedRewardSum } from 'belfry/token';

import { draw, type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

/** Price of a call of each model, and how often it answers an easy, a middling, a hard question. */
const models = [
  { cost: 1, right: [0.95, 0.3, 0.05] },
  { cost: 10, right: [0.97, 0.9, 0.3] },
  { cost: 100, right: [0.98, 0.92, 0.9] },
] as const;
const kinds = 3;
const malformed: number = models.length;

export interface Point {
  accuracy: number;
  cost: number;
}

/** Trains the router; the last word of its vocabulary is no model: a malformed answer. */
export function route(costCoef: number, seed = 1): Point {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(kinds, models.length + 1);
  const grpo = new Grpo({ klCoef: 0 });
  const B = 96;
  let history = new Float64Array(0);
  const contexts = Int32Array.from({ length: B }, (_, i) => i % kinds);
  for (let update = 0; update < 400; update++) {
    const labels = contexts.map((kind) => policy.sample(kind, random));
    const formatReward = Float64Array.from(labels, (label) => (label === malformed ? -1 : 0));
    const score = Float64Array.from(labels, (label, i) =>
      Number(random() < (models[label]?.right[contexts[i]!] ?? 0)),
    );
    const costs = Float64Array.from(labels, (label) => models[label]?.cost ?? 0);
    const priced = costReward({ costs, history });
    history = priced.newHistory.data;
    const { rewards } = routerReward({ score, formatReward, costReward: priced.rewards, costCoef });
    const { logProbs } = policy.score(contexts, labels, [B, 1]);
    const batch = { logProbs, oldLogProbs: logProbs, rewards, groupIds: contexts };
    policy.descend(policy.gradient(contexts, labels, grpo.loss(batch).gradLogProbs), 1);
  }
  return expectation(policy, kinds, (kind, label) => ({
    accuracy: models[label]?.right[kind] ?? 0,
    cost: models[label]?.cost ?? 0,
  }));
}

/** Exact mean over contexts and tokens. */
function expectation(
  policy: SoftmaxPolicy,
  contexts: number,
  of: (context: number, token: number) => Point,
): Point {
  const point = { accuracy: 0, cost: 0 };
  for (let context = 0; context < contexts; context++) {
    policy.probabilities(context).forEach((p, token) => {
      const { accuracy, cost } = of(context, token);
      point.accuracy += (p * accuracy) / contexts;
      point.cost += (p * cost) / contexts;
    });
  }
  return point;
}

/** A search finds what is missing half of the time; a question of depth d misses d facts. */
const depths = 3;
const mostSearches = 7;

/** Chance that `searches` tries find all of `depth` facts. */
export function found(depth: number, searches: number): number {
  let p = 0;
  let binomial = 0.5 ** searches;
  for (let hits = 0; hits <= searches; hits++) {
    if (hits >= depth) p += binomial;
    binomial *= (searches - hits) / (hits + 1);
  }
  return p;
}

/** What is best on average for a weight of the cost: the point the planner should come to. */
export function bestPlan(weight: number): Point {
  const points = Array.from({ length: depths }, (_, depth) => {
    const worth = (n: number): number => found(depth + 1, n) - weight * n;
    const plans = Array.from({ length: mostSearches + 1 }, (_, n) => n);
    const cost = plans.reduce((best, n) => (worth(n) > worth(best) ? n : best));
    return { cost, accuracy: found(depth + 1, cost) };
  });
  return {
    accuracy: mean(points.map(({ accuracy }) => accuracy)),
    cost: mean(points.map(({ cost }) => cost)),
  };
}

/** Trains the planner with PPO: one token, the number of searches; the value model knows the depth. */
export function plan(weight: number, seed = 1): Point {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(depths, mostSearches + 1);
  const values = new Float64Array(depths);
  const ppo = new Ppo({ rewardScale: 1, beta: 0, whiten: false, valueClip: null });
  const B = 240;
  const contexts = Int32Array.from({ length: B }, (_, i) => i % depths);
  for (let update = 0; update < 600; update++) {
    const labels = contexts.map((depth) => policy.sample(depth, random));
    // Outcome, process (here: nothing to say about a single plan), cost.
    const components = new Tensor(planComponents(contexts, labels, random), [B, 3]);
    const weights = Float64Array.of(1, 0.5, weight);
    const { rewards } = weightedRewardSum({ components, weights });
    const { logProbs } = policy.score(contexts, labels, [B, 1]);
    const oldValues = new Tensor(
      Float64Array.from(contexts, (d) => values[d]!),
      [B, 1],
    );
    const batch = { logProbs, oldLogProbs: logProbs, rewards, groupIds: contexts, oldValues };
    const made = ppo.advantages(batch);
    const { gradLogProbs } = ppo.loss({ ...batch, ...made });
    policy.descend(policy.gradient(contexts, labels, gradLogProbs), 12);
    const critic = ppo.valueLoss({ values: oldValues, returns: made.returns });
    critic.gradValues.data.forEach((slope, i) => {
      values[contexts[i]!]! -= slope;
    });
  }
  return expectation(policy, depths, (depth, n) => ({ accuracy: found(depth + 1, n), cost: n }));
}

/** Rows of outcome, process and cost; NaN: the component has nothing to say. */
function planComponents(contexts: Int32Array, labels: Int32Array, random: Random): Float64Array {
  const rows = new Float64Array(labels.length * 3);
  labels.forEach((n, i) => {
    const p = found(contexts[i]! + 1, n);
    rows.set([draw(random, [1 - p, p]), Number.NaN, -n], 3 * i);
  });
  return rows;
}

export const routed: readonly { costCoef: number; point: Point }[] = [0, 0.3, 0.9].map(
  (costCoef) => ({ costCoef, point: route(costCoef) }),
);
export const planned: readonly { weight: number; point: Point; best: Point }[] = [
  0.02, 0.06, 0.15, 0.3,
].map((weight) => ({ weight, point: plan(weight), best: bestPlan(weight) }));

const show = ({ accuracy, cost }: Point): string =>
  `${(100 * accuracy).toFixed(1)} % right at ${cost.toFixed(2)}`;
for (const { costCoef, point } of routed) console.log(`router, c = ${costCoef}: ${show(point)}`);
for (const { weight, point, best } of planned)
  console.log(`planner, cost weighs ${weight}: ${show(point)} searches; best ${show(best)}`);
