/**
 * Six worlds that take turns: an agent that keeps its step size keeps learning, one that lets it
 * fall like 1/n stops (arXiv 2307.11046).
 */
import { bellmanBackupBatched, continualLearning, garnet, Mdp } from 'belfry/bellman';

import { argMax, draw, integer, seeded } from './lib/random.js';

const S = 8;
const A = 3;
const gamma = 0.9;
const worlds = Array.from({ length: 6 }, (_, seed) =>
  Mdp.fromTables(garnet({ numStates: S, numActions: A, branching: 2, seed })),
);

/** [6·S] optimal values, all six worlds in every call. */
let optimal = new Float64Array(6 * S);
for (let sweep = 0; sweep < 300; sweep++) {
  optimal = bellmanBackupBatched({
    stateOffsets: Int32Array.from({ length: 7 }, (_, b) => b * S),
    rowPtr: Int32Array.from({ length: 6 * S * A + 1 }, (_, row) => 2 * row),
    col: Int32Array.from(worlds.flatMap(({ col }) => [...col])),
    prob: Float64Array.from(worlds.flatMap(({ prob }) => [...prob])),
    rewards: {
      data: Float64Array.from(worlds.flatMap(({ rewards }) => [...rewards])),
      shape: [6 * S, A],
    },
    gamma: new Float64Array(6).fill(gamma),
    values: optimal,
  }).values.data;
}

/** Mean reward of ε-greedy Q-learning over passes two to four. */
function live(stepSize: (visits: number) => number): number {
  const random = seeded(25);
  const visits = new Float64Array(S * A);
  let q = new Float64Array(S * A);
  let state = 0;
  let total = 0;
  let counted = 0;
  for (let pass = 0; pass < 4; pass++) {
    for (const { col, prob, rewards } of worlds) {
      for (let step = 0; step < 1500; step++) {
        const action = random() < 0.1 ? integer(random, A) : argMax(q, state * A, A);
        const row = state * A + action;
        const next = col[2 * row + draw(random, prob.subarray(2 * row, 2 * row + 2))]!;
        visits[row]! += 1;
        q = continualLearning({
          op: 'q_learning',
          states: Int32Array.of(state),
          actions: Int32Array.of(action),
          rewards: Float64Array.of(rewards[row]!),
          nextStates: Int32Array.of(next),
          initialQValues: { data: q, shape: [S, A] },
          gamma,
          alpha: stepSize(visits[row]!),
        }).qValues.data;
        if (pass > 0) {
          total += rewards[row]!;
          counted += 1;
        }
        state = next;
      }
    }
  }
  return total / counted;
}

export const constant: number = live(() => 0.2);
export const harmonic: number = live((n) => 1 / n);
/** Mean reward of the best policy, from the mean of V* over the states: an orientation, no bound. */
export const best: number = ((1 - gamma) * optimal.reduce((sum, v) => sum + v, 0)) / optimal.length;
console.log(
  `mean reward ${constant.toFixed(3)} with a constant step, ${harmonic.toFixed(3)} with 1/n; ` +
    `(1 - γ) mean V* = ${best.toFixed(3)}`,
);
