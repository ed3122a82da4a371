/** Small loops over Q-values. */
import type { Tensor } from '../tensor.js';

/** [M] largest of each row [M, A], the lowest of equals. */
export function greedyActions({ data, shape }: Tensor<Float32Array>): Int32Array {
  const numActions = shape[1] as number;
  const actions = new Int32Array(shape[0] as number);
  for (let row = 0; row < actions.length; row++) {
    const at = row * numActions;
    let best = 0;
    for (let a = 1; a < numActions; a++) {
      if ((data[at + a] as number) > (data[at + best] as number)) best = a;
    }
    actions[row] = best;
  }
  return actions;
}

/** Largest |value|; NaN where there is one. */
export function largest(values: Float32Array): number {
  return values.reduce((most, value) => (Math.abs(value) <= most ? most : Math.abs(value)), 0);
}
