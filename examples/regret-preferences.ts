/**
 * People prefer by regret, not by what a segment happened to earn (arXiv 2206.02231): on a lake,
 * optimal segments have no regret, and a reward is learned from preferences with values in them.
 */
import { frozenLake, Mdp, regretPreference, valueIteration } from 'belfry/bellman';

import { normal, seeded } from './lib/random.js';

const mdp = Mdp.fromTables(frozenLake({ slippery: false }));
const { vStar, qStar } = valueIteration({ ...mdp.operands(), gamma: 0.99 });
// Both earn nothing: two steps down towards the goal, and two bumps into the wall.
const { regret } = regretPreference({
  model: 'regret_sum',
  vStar,
  qStar,
  segState: { data: Int32Array.of(0, 4, 0, 0), shape: [2, 2] },
  segAction: { data: Int32Array.of(1, 1, 0, 0), shape: [2, 2] },
});
/** Regret of the good and of the bad segment, though both earn nothing. */
export const regrets: number[] = Array.from(regret.data);

// Preferences of a person with reward weights w, over segments of three features and two policies.
const truth = Float64Array.of(1, -0.5, 0.25);
const random = seeded(64);
const N = 300;
const normals = (count: number): Float64Array =>
  Float64Array.from({ length: count }, () => normal(random));
const segments = {
  features: { data: normals(N * 6), shape: [N, 2, 3] },
  succStart: { data: normals(N * 12), shape: [N, 2, 2, 3] },
  succEnd: { data: normals(N * 12), shape: [N, 2, 2, 3] },
  softmaxTemperature: 0.1,
};
const { probFirst } = regretPreference({ ...segments, w: truth });
const labels = probFirst.data;

let w: Float64Array = new Float64Array(3);
let loss = 0;
for (let step = 0; step < 1500; step++) {
  const fit = regretPreference({ ...segments, w, labels });
  loss = fit.loss!;
  w = w.map((x, i) => x - 0.2 * fit.gradW!.data[i]!);
}
export const learned: Float64Array = w;
export const wanted: Float64Array = truth;
/** Loss of the person's own weights, the least there is. */
export const floor: number = regretPreference({ ...segments, w: truth, labels }).loss!;
export const reached: number = loss;
console.log(
  `regret ${regrets.map((x) => x.toFixed(3)).join(' and ')}; learned weights ` +
    `${Array.from(learned, (x) => x.toFixed(3)).join(', ')}`,
);
