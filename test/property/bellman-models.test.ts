/** What the computations around a whole model must satisfy. */

import { bellman } from 'belfry';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const runs = { numRuns: 30 };

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-9): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < got.length; i++) {
    expect(Math.abs((got[i] as number) - (want[i] as number))).toBeLessThanOrEqual(tolerance);
  }
}

test('distributionalPolicyEvaluation: with a fine grid the mean is V', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = randomSource(seed);
      const rows = Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => random() + 0.1));
      const data = Float64Array.from(
        rows.flatMap((row) => row.map((p) => p / row.reduce((a, b) => a + b, 0))),
      );
      const rewards = Float64Array.from({ length: 4 }, () => 2 * random() - 1);
      const found = bellman.distributionalPolicyEvaluation({
        probPi: { data, shape: [4, 4] },
        rewards,
        gamma: 0.7,
        vMin: -5,
        vMax: 5,
        numAtoms: 101,
      });
      expect(found.converged).toBe(1);
      const mean = found.mean.data;
      for (let s = 0; s < 4; s++) {
        let next = 0;
        for (let to = 0; to < 4; to++) next += (data[4 * s + to] as number) * (mean[to] as number);
        expect(mean[s] as number).toBeCloseTo((rewards[s] as number) + 0.7 * next, 9);
      }
    }),
    runs,
  );
});

test('empiricalMdp: its values are those of value iteration on its model', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = randomSource(seed);
      const [S, A, N] = [5, 2, 40];
      const indices = (below: number) =>
        Int32Array.from({ length: N }, () => Math.floor(random() * below));
      const found = bellman.empiricalMdp({
        states: indices(S),
        actions: indices(A),
        rewards: Float64Array.from({ length: N }, () => 2 * random() - 1),
        nextStates: indices(S),
        terminated: Uint8Array.from({ length: N }, () => (random() < 0.2 ? 1 : 0)),
        numStates: S,
        numActions: A,
        gamma: 0.9,
        untried: 'self_loop',
      });
      const again = bellman.bellmanBackupVDense({
        prob: found.probDense,
        rewards: found.rewards,
        values: found.values,
        gamma: 0.9,
      });
      expectClose(again.values.data, found.values.data, 1e-9);
    }),
    runs,
  );
});

/** Bits that actions flip; all ones ends the episode with reward 1 (arXiv 2211.02222). */
function flips(pairs: [number, number][], bits: number): ReturnType<typeof bellman.empiricalMdp> {
  const goal = 2 ** bits - 1;
  const next = pairs.map(([state, bit]) => state ^ (1 << bit));
  return bellman.empiricalMdp({
    states: Int32Array.from(pairs, ([state]) => state),
    actions: Int32Array.from(pairs, ([, bit]) => bit),
    rewards: Float64Array.from(next, (state) => (state === goal ? 1 : 0)),
    nextStates: Int32Array.from(next),
    terminated: Uint8Array.from(next, (state) => (state === goal ? 1 : 0)),
    numStates: goal + 1,
    numActions: bits,
    gamma: 0.9,
  });
}

test('empiricalMdp: a factored model generalises where the data alone do not', () => {
  const bits = 4;
  const actions = Array.from({ length: bits }, (_, bit) => bit);
  // Each bit flipped once from all zeros, and back.
  const data = actions.flatMap((bit): [number, number][] => [
    [0, bit],
    [1 << bit, bit],
  ]);
  expect(flips(data, bits).values.data[0]).toBe(0);
  // What the data say of each bit by itself, for every state of the product but the last.
  const states = Array.from({ length: 2 ** bits - 1 }, (_, state) => state);
  const product = states.flatMap((s) => actions.map((bit): [number, number] => [s, bit]));
  expect(flips(product, bits).values.data[0]).toBeCloseTo(0.9 ** 3, 9);
});
