import { expect, test } from 'vitest';

import { NoiseSource } from '../../src/flow/noise.js';
import { type InitialWeights, initialLayer, initialWeights } from '../../src/initial-weights.js';

const layer = (kind: InitialWeights, inputs: number, outputs: number, seed = 1) => {
  const noise = new NoiseSource(seed);
  return initialLayer(kind, inputs, outputs, () => noise.uniform());
};

const rowsOf = (weight: number[], inputs: number): number[][] =>
  Array.from({ length: weight.length / inputs }, (_, i) =>
    weight.slice(i * inputs, (i + 1) * inputs),
  );

const product = (a: number[], b: number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

test.each(initialWeights)(
  '%s has the sizes asked for, and the same seed gives the same',
  (kind) => {
    for (const [inputs, outputs] of [
      [7, 3],
      [1, 4],
      [0, 2],
      [5, 0],
    ] as const) {
      const { weight, bias } = layer(kind, inputs, outputs);
      expect(weight).toHaveLength(inputs * outputs);
      expect(bias).toHaveLength(outputs);
      expect(weight.every(Number.isFinite)).toBe(true);
      expect(layer(kind, inputs, outputs).weight).toEqual(weight);
    }
    expect(layer(kind, 20, 30, 2).weight).not.toEqual(layer(kind, 20, 30, 1).weight);
  },
);

test.each([
  ['fan_in', 1 / Math.sqrt(64)],
  ['fan_avg', Math.sqrt(6 / (64 + 100))],
] as const)('%s fills its range', (kind, bound) => {
  const { weight, bias } = layer(kind, 64, 100);
  const largest = Math.max(...weight.map(Math.abs));
  expect(largest).toBeLessThanOrEqual(bound);
  expect(largest).toBeGreaterThan(0.99 * bound);
  const variance = product(weight, weight) / weight.length;
  expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
  expect(bias.some((x) => x !== 0)).toBe(kind === 'fan_in');
});

test.each([
  [40, 12],
  [12, 40],
  [16, 16],
])('orthogonal: [%i] to [%i]', (inputs, outputs) => {
  const rows = rowsOf(layer('orthogonal', inputs, outputs).weight, inputs);
  const columns = Array.from({ length: inputs }, (_, i) => rows.map((row) => row[i] as number));
  const vectors = inputs < outputs ? columns : rows;
  for (const [i, a] of vectors.entries()) {
    for (const [j, b] of vectors.entries()) {
      expect(product(a, b)).toBeCloseTo(i === j ? 1 : 0, 12);
    }
  }
});

test('sparse leaves a tenth of the inputs of each unit, other ones for each', () => {
  const rows = rowsOf(layer('sparse', 50, 20).weight, 50);
  const kept = rows.map((row) => row.flatMap((w, i) => (w === 0 ? [] : [i])));
  for (const places of kept) expect(places).toHaveLength(5);
  expect(new Set(kept.map(String)).size).toBeGreaterThan(15);
  expect(Math.max(...rows.flat().map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(50));
});
