/** Small loops over Q-values. */
import type { RealArray, Tensor } from '../tensor.js';

/** [M] largest of each row [M, A], the lowest of equals. */
export function greedyActions({ data, shape }: Tensor<Float32Array>): Int32Array {
  return greedyInto(data, shape[1] as number, new Int32Array(shape[0] as number));
}

/** The same of rows of `numActions`, in `actions`. */
export function greedyInto(data: RealArray, numActions: number, actions: Int32Array): Int32Array {
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
