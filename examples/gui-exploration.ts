/**
 * Exploring an unknown app: thirty screens, six actions each. Values over the graph seen so far
 * lead the explorer to actions nobody has tried (arXiv 2501.13896), against clicking at random.
 */
import { bellmanBackupDeterministic, explorationGraphQ } from 'belfry/bellman';

import { argMax, integer, seeded } from './lib/random.js';

const numScreens = 30;
const numActions = 6;
const steps = 300;
const seeds = 20;
const shape = [numScreens, numActions];

/** Distinct edges seen in one exploration of the app made from `seed`. */
function explore(seed: number, guided: boolean): number {
  const random = seeded(seed);
  const app = Int32Array.from({ length: numScreens * numActions }, () =>
    integer(random, numScreens),
  );
  const known = new Int32Array(app.length).fill(-1);
  const tried = new Int32Array(app.length);
  const visits = new Int32Array(numScreens);
  let screen = 0;
  for (let step = 0; step < steps; step++) {
    visits[screen]! += 1;
    const { qValues } = explorationGraphQ({
      nextStates: { data: known, shape },
      visits,
      tried: { data: tried, shape },
      unknownReward: 10, // as much as a novelty of one for ever: no known loop beats a new action
      tolerance: 1e-6,
    });
    const action = guided
      ? argMax(qValues.data, screen * numActions, numActions)
      : integer(random, numActions);
    const edge = screen * numActions + action;
    tried[edge]! += 1;
    known[edge] = app[edge]!;
    screen = app[edge]!;
  }
  return tried.filter((count) => count > 0).length;
}

// The values are optimal values of the graph: one more backup of theirs changes nothing. Here two
// screens, of which the second has an action that nobody has tried.
const graph = { data: Int32Array.of(1, 0, 0, -1), shape: [2, 2] };
const visits = Int32Array.of(3, 8);
const { qValues } = explorationGraphQ({
  nextStates: graph,
  visits,
  tried: { data: Int32Array.of(8, 2, 8, 0), shape: [2, 2] },
});
const { values } = bellmanBackupDeterministic({
  nextStates: graph,
  rewards: { data: Float64Array.of(1 / 3, 1 / 2, 1 / 2, 1), shape: [2, 2] },
  values: Float64Array.of(0, 1).map((_, s) =>
    Math.max(qValues.data[2 * s]!, qValues.data[2 * s + 1]!),
  ),
  gamma: 0.9,
});
/** What the backup changes. */
export const residual: number = Math.max(
  ...values.data.map((v, s) =>
    Math.abs(v - Math.max(qValues.data[2 * s]!, qValues.data[2 * s + 1]!)),
  ),
);

const mean = (guided: boolean): number => {
  let sum = 0;
  for (let seed = 0; seed < seeds; seed++) sum += explore(seed, guided);
  return sum / seeds;
};
export const guidedEdges: number = mean(true);
export const randomEdges: number = mean(false);
console.log(`${guidedEdges} of 180 actions tried in ${steps} steps, ${randomEdges} at random`);
