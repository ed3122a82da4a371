/** Value iteration with the span bound, as one would write it in plain TypeScript. */
import type { CsrTables } from '../bellman/mdp.js';

export interface LoopSolution {
  values: Float64Array;
  policy: Int32Array;
  sweeps: number;
}

/** As `ValueIteration` with its default stop rule; rows may have mass below one. */
export function valueIterationLoop(
  mdp: CsrTables<Float64Array>,
  gamma: number,
  tolerance: number,
  canEnd: boolean,
): LoopSolution {
  const { numStates, numActions } = mdp;
  let values = new Float64Array(numStates);
  let next = new Float64Array(numStates);
  const policy = new Int32Array(numStates);
  const scale = gamma / (1 - gamma);
  for (let sweeps = 1; ; sweeps++) {
    const { low, high } = sweep(mdp, gamma, numActions, values, next, policy);
    [values, next] = [next, values];
    const least = canEnd ? Math.min(0, low) : low;
    const most = canEnd ? Math.max(0, high) : high;
    if ((scale * (most - least)) / 2 <= tolerance) {
      const shift = (scale * (most + least)) / 2;
      return { values: values.map((v) => v + shift), policy, sweeps };
    }
  }
}

function sweep(
  { rowPtr, col, prob, rewards }: CsrTables<Float64Array>,
  gamma: number,
  numActions: number,
  values: Float64Array,
  next: Float64Array,
  policy: Int32Array,
): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let s = 0, row = 0; s < values.length; s++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < numActions; a++, row++) {
      let sum = 0;
      const end = rowPtr[row + 1] as number;
      for (let e = rowPtr[row] as number; e < end; e++)
        sum += (prob[e] as number) * (values[col[e] as number] as number);
      const q = (rewards[row] as number) + gamma * sum;
      if (q > best) {
        best = q;
        policy[s] = a;
      }
    }
    next[s] = best;
    const change = best - (values[s] as number);
    low = Math.min(low, change);
    high = Math.max(high, change);
  }
  return { low, high };
}
