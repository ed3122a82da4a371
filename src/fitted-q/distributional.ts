import { categoricalProjection } from '../generated/fitted-q.js';
import { Tensor } from '../tensor.js';
import type { DistributionalRegressor } from './regressor.js';
import { atomMeans } from './return-atoms.js';
import type { TransitionDataset } from './transitions.js';

/** Next states whose distributions are asked for at once. */
const rowsAtOnce = 4096;

/**
 * [N, count] distributions of r + γ (1 − terminated) Z(s', a*), a* the allowed action of the largest
 * mean, projected to the atoms. Without an allowed action the row is terminal.
 */
export function distributionalTargets(
  regressor: DistributionalRegressor,
  data: TransitionDataset,
  discount: number,
): Float32Array {
  const { count, vMin, vMax } = regressor.atoms;
  const { length, stateSize, numActions } = data;
  const targets = new Float32Array(length * count);
  for (let begin = 0; begin < length; begin += rowsAtOnce) {
    const end = Math.min(length, begin + rowsAtOnce);
    const rows = end - begin;
    const states = data.nextStates.data.subarray(begin * stateSize, end * stateSize);
    const all = regressor.predictDistribution(new Tensor(states, [rows, stateSize])).data;
    const means = atomMeans(all, regressor.atoms);
    const mask = data.nextActionMask.data.subarray(begin * numActions, end * numActions);
    const terminated = data.terminated.slice(begin, end);
    const nextProb = new Float32Array(rows * count);
    for (let row = 0; row < rows; row++) {
      const action = bestAllowed(means, mask, row * numActions, numActions);
      if (action < 0) terminated[row] = 1;
      else {
        const at = (row * numActions + action) * count;
        nextProb.set(all.subarray(at, at + count), row * count);
      }
    }
    categoricalProjection<Float32Array>({
      nextProb: new Tensor(nextProb, [rows, count]),
      rewards: data.rewards.subarray(begin, end),
      terminated,
      gamma: discount,
      vMin,
      vMax,
      outputs: ['target'],
      out: { target: new Tensor(targets.subarray(begin * count, end * count), [rows, count]) },
    });
  }
  return targets;
}

/** −1 where no action is allowed. */
function bestAllowed(means: Float32Array, mask: Uint8Array, at: number, count: number): number {
  let best = -1;
  for (let a = 0; a < count; a++) {
    if (mask[at + a] === 0) continue;
    if (best < 0 || (means[at + a] as number) > (means[at + best] as number)) best = a;
  }
  return best;
}
