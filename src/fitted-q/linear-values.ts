/** What linear functions of features have in common. */
import { linearQValues } from '../generated/fitted-q.js';
import { type RealArray, Tensor } from '../tensor.js';

/** [M, stateSize + 1] the states and a constant 1. */
export function withConstant(states: Tensor<Float32Array>): Tensor<Float32Array> {
  const [count = 0, width = 0] = states.shape;
  const out = new Float32Array(count * (width + 1)).fill(1);
  for (let row = 0; row < count; row++) {
    out.set(states.data.subarray(row * width, (row + 1) * width), row * (width + 1));
  }
  return new Tensor(out, [count, width + 1]);
}

/** Column a of `out` [M, weights.length] becomes phi [M, k] · weights[a]. */
export function linearColumns<A extends RealArray>(
  phi: Tensor<A>,
  weights: readonly Tensor<A>[],
  out: A,
): A {
  const [count = 0, width = 0] = phi.shape;
  const rows = new Tensor(phi.data, [count, 1, width]);
  weights.forEach((w, column) => {
    const { data } = linearQValues({ phi: rows, w }).qValues;
    for (let row = 0; row < count; row++) out[row * weights.length + column] = data[row] as number;
  });
  return out;
}
