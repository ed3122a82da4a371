/**
 * Sub-goals as beacons (arXiv 2410.08632): a corridor whose far end alone pays. With a bonus for
 * every third of the way, Q-learning finds the end; without, it hardly does.
 */
import { continualLearning, rewardShaping } from 'belfry/bellman';

import { integer, seeded } from './lib/random.js';

const length = 18;
const maxSteps = 40;
const episodes = 60;
const beacons = [6, 12];
const gamma = 0.95;

/** Episodes that reached the end. A state is the cell and the beacons met. */
function train(seed: number, alpha: number): number {
  const random = seeded(seed);
  const S = length * 3;
  let q: Float64Array = new Float64Array(S * 2);
  let successes = 0;
  for (let episode = 0; episode < episodes; episode++) {
    const rows: { state: number; action: number; next: number; completed: number; done: number }[] =
      [];
    let cell = 0;
    let met = 0;
    while (rows.length < maxSteps && cell < length - 1) {
      const state = met * length + cell;
      const [left, right] = [q[2 * state]!, q[2 * state + 1]!];
      const explore = random() < 0.1 || left === right;
      const action = explore ? integer(random, 2) : Number(right > left);
      cell = Math.max(cell + (action === 1 ? 1 : -1), 0);
      const completed = cell === beacons[met] ? 1 : 0;
      met += completed;
      rows.push({
        state,
        action,
        next: met * length + cell,
        completed,
        done: Number(cell === length - 1),
      });
    }
    const terminated = Uint8Array.from(rows, ({ done }) => done);
    const { augmentedReward } = rewardShaping({
      op: 'subgoal',
      rewards: Float64Array.from(rows, ({ done }, t) => done * (1 - (0.9 * (t + 1)) / maxSteps)),
      completed: Uint8Array.from(rows, ({ completed }) => completed),
      terminated,
      alpha,
      maxSteps,
    });
    // Replayed from the end, so that what was earned reaches the start at once.
    const order = rows.map((_, t) => rows.length - 1 - t);
    q = continualLearning({
      op: 'q_learning',
      states: Int32Array.from(order, (t) => rows[t]!.state),
      actions: Int32Array.from(order, (t) => rows[t]!.action),
      rewards: Float64Array.from(order, (t) => augmentedReward.data[t]!),
      nextStates: Int32Array.from(order, (t) => rows[t]!.next),
      terminated: Uint8Array.from(order, (t) => terminated[t]!),
      initialQValues: { data: q, shape: [S, 2] },
      gamma,
      alpha: 0.5,
    }).qValues.data;
    successes += Number(cell === length - 1);
  }
  return successes;
}

const mean = (alpha: number): number => {
  let sum = 0;
  for (let seed = 0; seed < 20; seed++) sum += train(seed, alpha);
  return sum / 20;
};
export const guided: number = mean(0.2);
export const unguided: number = mean(0);
console.log(`${guided} of ${episodes} episodes reach the end with sub-goals, ${unguided} without`);
