/** Distributional heads of SQIRL against a plain reference in float64. */
import { Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { uniformArray } from '../../src/demo/generator.js';
import { CategoricalHeads } from '../../src/fitted-q/sqirl-heads.js';

const depth = 3;
const actions = 2;
const atoms = { count: 5, vMin: -1, vMax: 3 };
const { count: width, vMin, vMax } = atoms;
const batch = 4;
const outputs = depth * actions * width;
const [gamma, rewardScale] = [0.9, 0.5];
const rows = {
  actions: Int32Array.of(1, 0, 1, 0),
  // Between two atoms, on one, and beyond both ends.
  rewards: Float32Array.of(0.75, 2, -9, 9),
  returnToGo: Float32Array.of(1.25, 4, -7, 20),
  terminated: Uint8Array.of(0, 1, 0, 0),
};

type Numbers = ArrayLike<number>;
const list = (values: Numbers, from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => values[from + i] as number);
const sumOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
const tensor = (values: Numbers): Tensor<Float32Array> =>
  new Tensor(Float32Array.from(values), [batch, outputs]);
const at = (row: number, k: number, action: number): number =>
  ((row * depth + k) * actions + action) * width;

function softmax(logits: number[]): number[] {
  const masses = logits.map((l) => Math.exp(l));
  return masses.map((m) => m / sumOf(masses));
}
const mean = (probabilities: number[]): number =>
  sumOf(probabilities.map((p, j) => p * (vMin + j * ((vMax - vMin) / (width - 1)))));

/** Every mass to the atoms beside r + γ z, by the share of its distance. */
function projected(reward: number, probabilities: number[] | undefined): number[] {
  const apart = (vMax - vMin) / (width - 1);
  const onto = new Array<number>(width).fill(0);
  const give = (value: number, mass: number): void => {
    const place = (Math.min(vMax, Math.max(vMin, value)) - vMin) / apart;
    onto.forEach((_, i) => {
      (onto[i] as number) += mass * Math.max(0, 1 - Math.abs(place - i));
    });
  };
  if (probabilities === undefined) give(reward, 1);
  probabilities?.forEach((mass, j) => {
    give(reward + gamma * (vMin + j * apart), mass);
  });
  return onto;
}

function targetOf(next: Numbers, row: number, k: number, scaleBackups: boolean): number[] {
  if (k === 0) return projected(rewardScale * (rows.returnToGo[row] as number), undefined);
  const reward = (scaleBackups ? rewardScale : 1) * (rows.rewards[row] as number);
  if (rows.terminated[row] === 1) return projected(reward, undefined);
  const all = [0, 1].map((a) => softmax(list(next, at(row, k - 1, a), width)));
  const means = all.map(mean) as [number, number];
  return projected(reward, all[means[1] > means[0] ? 1 : 0]);
}

/** Mean KL divergence of every depth. */
function losses(now: Numbers, next: Numbers, scaleBackups: boolean): number[] {
  return Array.from(
    { length: depth },
    (_, k) =>
      sumOf(
        Array.from({ length: batch }, (_, row) => {
          const p = softmax(list(now, at(row, k, rows.actions[row] as number), width));
          const target = targetOf(next, row, k, scaleBackups);
          return sumOf(target.map((m, j) => (m > 0 ? m * Math.log(m / (p[j] as number)) : 0)));
        }),
      ) / batch,
  );
}

const now = uniformArray(1, batch * outputs, -1, 1);
const next = uniformArray(2, batch * outputs, -1, 1);

describe.each([true, false])('CategoricalHeads, scaleBackups %s', (scaleBackups) => {
  const heads = new CategoricalHeads(depth, atoms, { discount: gamma, rewardScale, scaleBackups });
  const loss = heads.lossOf(tensor(now), tensor(next), rows);

  test('losses are the divergences from the targets', () => {
    const want = losses(now, next, scaleBackups);
    [...loss.perDepth()].forEach((value, k) => {
      expect(value).toBeCloseTo(want[k] as number, 5);
    });
    expect(loss.total().loss).toBeCloseTo(sumOf(want), 5);
  });

  test('the gradient is that of the losses, each divided by its scale', () => {
    const scale = [2, 0.5, 4];
    const { gradient } = loss.total(Float32Array.from(scale));
    expect(gradient.shape).toEqual([batch, outputs]);
    const value = (inputs: Float64Array): number =>
      sumOf(losses(inputs, next, scaleBackups).map((l, k) => l / (scale[k] as number)));
    for (let i = 0; i < now.length; i++) {
      const moved = (by: number): number => {
        const inputs = Float64Array.from(now);
        (inputs[i] as number) += by;
        return value(inputs);
      };
      expect(gradient.data[i]).toBeCloseTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 5);
    }
  });
});

test('values are the means of the last depth; a terminal row never reads what follows', () => {
  const heads = new CategoricalHeads(depth, atoms, {
    discount: gamma,
    rewardScale,
    scaleBackups: true,
  });
  const values = heads.lastValues(tensor(now));
  expect(values.shape).toEqual([batch, actions]);
  for (let i = 0; i < batch * actions; i++) {
    const own = at(Math.floor(i / actions), depth - 1, i % actions);
    expect(values.data[i]).toBeCloseTo(mean(softmax(list(now, own, width))), 5);
  }
  const withNaN = Float32Array.from(next);
  withNaN.fill(Number.NaN, outputs, 2 * outputs);
  const loss = heads.lossOf(tensor(now), tensor(withNaN), rows).total().loss;
  expect(loss).toBeCloseTo(sumOf(losses(now, next, true)), 5);
});
