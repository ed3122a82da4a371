/**
 * Three patients, one nurse (arXiv 2503.01919): the Whittle index says whom to visit; compared
 * with the exact optimum over all joint states. And the best action of a network over many arms.
 */
import {
  dqnLoss,
  policyEvaluationOccupancy,
  reluQCombinatorialArgmax,
  rmabJointValueIteration,
  Sequoia,
  WhittleIndex,
} from 'belfry/bellman';

import { normal, seeded } from './lib/random.js';

const gamma = 0.9;
const arms = 3;
// Chance of being well next, from ill or well, left alone or visited; arms differ.
const well = [
  [
    [0.1, 0.6],
    [0.6, 0.9],
  ],
  [
    [0.2, 0.5],
    [0.8, 0.95],
  ],
  [
    [0.05, 0.8],
    [0.4, 0.9],
  ],
];
const prob = Float64Array.from(well.flat(2).flatMap((p) => [1 - p, p]));
const rewardOfState = [0, 1];

const policy = new WhittleIndex(
  well.map((_, arm) => ({
    prob: { data: prob.slice(arm * 8, arm * 8 + 8), shape: [2, 2, 2] },
    rewards: { data: Float64Array.of(0, 0, 1, 1), shape: [2, 2] },
  })),
  { discount: gamma },
);
export const indexable: boolean = policy.indexable.every(Boolean);
export const whittle: number[][] = policy.indices.map(({ data }) => Array.from(data));

const joint = 2 ** arms;
const bit = (state: number, arm: number): number => (state >> (arms - 1 - arm)) & 1;
const { vStar } = rmabJointValueIteration({
  prob: { data: prob, shape: [arms, 2, 2, 2] },
  rewardState: { data: Float64Array.from(well.flatMap(() => rewardOfState)), shape: [arms, 2] },
  gamma,
  budget: 1,
});

/** Value of always visiting the arm that `choose` names, in every joint state. */
function valueUnder(choose: (state: number) => number): Float64Array {
  const states = Array.from({ length: joint }, (_, state) => state);
  const row = (state: number, next: number): number =>
    well.reduce((p, chances, arm) => {
      const chance = chances[bit(state, arm)]![choose(state) === arm ? 1 : 0]!;
      return p * (bit(next, arm) === 1 ? chance : 1 - chance);
    }, 1);
  return policyEvaluationOccupancy({
    rowPtr: Int32Array.from({ length: joint + 1 }, (_, s) => s * joint),
    col: Int32Array.from(states.flatMap(() => states)),
    prob: Float64Array.from(states.flatMap((s) => states.map((next) => row(s, next)))),
    rewards: {
      data: Float64Array.from(states, (s) => bit(s, 0) + bit(s, 1) + bit(s, 2)),
      shape: [joint, 1],
    },
    policy: { data: new Float64Array(joint).fill(1), shape: [joint, 1] },
    gamma,
  }).values.data;
}

export const optimal: Float64Array = vStar.data;
export const byIndex: Float64Array = valueUnder(
  (state) => policy.choose([bit(state, 0), bit(state, 1), bit(state, 2)], 1)[0]!,
);
export const always: Float64Array = valueUnder(() => 0);

// A network's best choice of four arms out of twelve, proved by branch and bound.
const random = seeded(49);
const normals = (count: number): Float64Array =>
  Float64Array.from({ length: count }, () => normal(random));
const [numArms, hidden, budget] = [12, 8, 4];
const [w1, b1, w2, b2, state] = [
  normals(hidden * (numArms + 2)),
  normals(hidden),
  normals(hidden),
  normals(1),
  normals(2),
];
const best = reluQCombinatorialArgmax({
  w1: { data: w1, shape: [hidden, numArms + 2] },
  b1,
  w2: { data: w2, shape: [1, hidden] },
  b2,
  state,
  budget,
});
function network(action: number): number {
  let sum = b2[0]!;
  for (let h = 0; h < hidden; h++) {
    let x = b1[h]! + w1[h * 14 + 12]! * state[0]! + w1[h * 14 + 13]! * state[1]!;
    for (let arm = 0; arm < numArms; arm++) if ((action >> arm) & 1) x += w1[h * 14 + arm]!;
    sum += w2[h]! * Math.max(x, 0);
  }
  return sum;
}
const bits = (n: number): number => n.toString(2).replaceAll('0', '').length;
const bestOf = (allowed: (action: number) => boolean): number =>
  Math.max(
    ...Array.from({ length: 2 ** numArms }, (_, action) =>
      allowed(action) ? network(action) : -Infinity,
    ),
  );
export const searched: number = best.qMax;
export const enumerated: number = bestOf((action) => bits(action) <= budget);

// The first six arms are a ward with one visit a day: a second constraint, for HiGHS.
const sequoia = new Sequoia(
  [
    { weights: { data: w1, shape: [hidden, numArms + 2] }, bias: b1 },
    { weights: { data: w2, shape: [1, hidden] }, bias: b2 },
  ],
  {
    numActions: numArms,
    constraints: [
      { kind: 'cardinality', atMost: budget },
      { kind: 'linear', coefficients: Array.from({ length: 12 }, (_, i) => +(i < 6)), high: 1 },
    ],
  },
);
const inWards = await sequoia.best(state);
export const programmed: number = inWards.qValue;
export const proved: boolean = inWards.proved;
export const enumeratedInWards: number = bestOf(
  (action) => bits(action) <= budget && bits(action & 63) <= 1,
);
// One step of learning: the target is r + γ times the best that the next state allows.
const nextState = Float64Array.of(0.5, -1);
const { qValue: nextBest } = await sequoia.best(nextState);
const update = dqnLoss({
  qValues: { data: Float64Array.of(programmed), shape: [1, 1] },
  nextQTarget: { data: Float64Array.of(nextBest), shape: [1, 1] },
  actions: Int32Array.of(0),
  rewards: Float64Array.of(1),
  gamma,
  huberDelta: 1,
});
/** The error that learning would take back, by the loss and by the targets of the class. */
export const temporalDifference: { target: number; gradient: number } = {
  target: (await sequoia.targets({ rewards: [1], nextStates: [nextState], discount: gamma }))[0]!,
  gradient: update.gradQValues.data[0]!,
};
console.log(
  `all ill: optimum ${optimal[0]!.toFixed(4)}, Whittle ${byIndex[0]!.toFixed(4)}, ` +
    `one arm always ${always[0]!.toFixed(4)}; network's best ${searched.toFixed(4)}, ` +
    `with one visit to the ward ${programmed.toFixed(4)}`,
);
