/** Products of features and weights, one action at a time. */
import { integers, type Reference, type ReferenceCase, reals } from '../golden.js';
import { generator, type RealArray, rowsOf } from '../lib/arrays.js';

function goldenCase(name: string, phi: RealArray, w: RealArray): ReferenceCase {
  const [rows, actions] = phi.shape as [number, number];
  const q = rowsOf(phi).map((features) =>
    features.reduce((sum, x, i) => sum + x * (w.data[i] as number), 0),
  );
  const greedy = Array.from({ length: rows }, (_, row) => {
    const own = q.slice(row * actions, (row + 1) * actions);
    return own.indexOf(Math.max(...own));
  });
  return {
    name,
    inputs: { phi: reals(phi.shape, phi.data), w: reals(w.shape, w.data) },
    params: {},
    expected: { q_values: reals([rows, actions], q), actions: integers([rows], greedy) },
    atol: 1e-12,
    rtol: 1e-12,
  };
}

function random(seed: number, rows: number, actions: number, features: number) {
  const { fill } = generator(seed);
  return [fill([rows, actions, features], -2, 2), fill([features], -1, 1)] as const;
}

const tied: RealArray = { shape: [2, 3, 2], data: [0, 1, 2, 0, 2, 0, 1, 1, 1, 1, 0, 0] };

export const reference: Reference = {
  family: 'fitted-q',
  op: 'linear_q_values',
  cases: [
    goldenCase('5 states, 3 actions, 4 features', ...random(1, 5, 3, 4)),
    goldenCase('more features than a warp has lanes', ...random(2, 3, 2, 37)),
    goldenCase('one of each', ...random(3, 1, 1, 1)),
    goldenCase('a tie goes to the lowest action', tied, { shape: [2], data: [1, 0.5] }),
    goldenCase('no states', ...random(4, 0, 2, 3)),
  ],
};
