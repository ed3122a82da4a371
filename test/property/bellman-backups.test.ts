/** What the backups beyond the plain ones must satisfy, whatever the model. */

import { bellman, type Tensor } from 'belfry';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

interface Model {
  S: number;
  A: number;
  random: () => number;
  rowPtr: Int32Array;
  col: Int32Array;
  prob: Float64Array;
  rewards: { data: Float64Array; shape: [number, number] };
  values: Float64Array;
}

/** Rows of mass one with 1 to 6 entries, or more than the vector kernels take at once. */
function model(seed: number, S: number, A: number): Model {
  const random = randomSource(seed);
  const rowPtr = [0];
  const col: number[] = [];
  const prob: number[] = [];
  for (let row = 0; row < S * A; row++) {
    const length = random() < 0.1 ? 80 : 1 + Math.floor(random() * 6);
    const weights = Array.from({ length }, () => random() + 0.01);
    const total = weights.reduce((a, b) => a + b, 0);
    for (const w of weights) {
      col.push(Math.floor(random() * S));
      prob.push(w / total);
    }
    rowPtr.push(col.length);
  }
  return {
    S,
    A,
    random,
    rowPtr: Int32Array.from(rowPtr),
    col: Int32Array.from(col),
    prob: Float64Array.from(prob),
    rewards: { data: Float64Array.from({ length: S * A }, () => 2 * random() - 1), shape: [S, A] },
    values: Float64Array.from({ length: S }, () => 6 * random() - 3),
  };
}

/** The operands that every backup of expected rewards takes. */
const operands = ({ rowPtr, col, prob, rewards, values }: Model) => ({
  rowPtr,
  col,
  prob,
  rewards,
  values,
  gamma: 0.9,
});

/** A metric: distances of points on a line. */
function metric({ S, random }: Model): { data: Float64Array; shape: [number, number] } {
  const at = Array.from({ length: S }, () => 4 * random());
  const data = Float64Array.from({ length: S * S }, (_, i) =>
    Math.abs((at[Math.floor(i / S)] as number) - (at[i % S] as number)),
  );
  return { data, shape: [S, S] };
}

type Backup = (m: Model, size: number, nature: 'min' | 'max') => ArrayLike<number>;
const distances = new WeakMap<Model, ReturnType<typeof metric>>();
const metricOf = (m: Model) => {
  const own = distances.get(m) ?? metric(m);
  distances.set(m, own);
  return own;
};

/** Backups over a set of distributions that grows with `size`. */
const robust: Record<string, Backup> = {
  robustL1Backup: (m, kappa, nature) =>
    bellman.robustL1Backup({ ...operands(m), kappa, nature, support: 'all' }).qValues.data,
  robustKlBackup: (m, kappa, nature) =>
    bellman.robustKlBackup({ ...operands(m), kappa, nature }).qValues.data,
  robustWassersteinBackup: (m, kappa, nature) =>
    bellman.robustWassersteinBackup({ ...operands(m), kappa, nature, metric: metricOf(m) }).qValues
      .data,
  robustIntervalBackup: (m, kappa, nature) =>
    bellman.robustIntervalBackup({
      ...operands(m),
      probLo: m.prob.map((p) => Math.max(0, p - kappa)),
      probHi: m.prob.map((p) => Math.min(1, p + kappa)),
      nature,
    }).qValues.data,
};

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const runs = { numRuns: 30 };

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-9): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < got.length; i++) {
    expect(Math.abs((got[i] as number) - (want[i] as number))).toBeLessThanOrEqual(tolerance);
  }
}

describe.each(Object.entries(robust))('%s', (_, backup) => {
  test('with radius 0 is the plain backup', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const m = model(seed, 7, 3);
        const plain = bellman.bellmanBackupVCsr(operands(m)).qValues as Tensor<Float64Array>;
        expectClose(backup(m, 0, 'min'), plain.data, 1e-12);
      }),
      runs,
    );
  });

  test('falls with the radius, and the best case mirrors the worst', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const m = model(seed, 7, 3);
        let last = backup(m, 0, 'min');
        for (const size of [0.01, 0.1, 0.5, 1, 3]) {
          const now = backup(m, size, 'min');
          for (let i = 0; i < now.length; i++) {
            expect(now[i] as number).toBeLessThanOrEqual((last[i] as number) + 1e-12);
          }
          last = now;
        }
        const mirrored: Model = {
          ...m,
          rewards: { ...m.rewards, data: m.rewards.data.map((r) => -r) },
          values: m.values.map((v) => -v),
        };
        distances.set(mirrored, metricOf(m));
        expectClose(
          backup(mirrored, 0.3, 'max'),
          Array.from(backup(m, 0.3, 'min'), (q) => -q),
          1e-12,
        );
      }),
      runs,
    );
  });

  test('contracts by gamma', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const m = model(seed, 7, 3);
        const other = { ...m, values: m.values.map((v) => v + 2 * m.random() - 1) };
        distances.set(other, metricOf(m));
        const gap = Math.max(...m.values.map((v, s) => Math.abs(v - (other.values[s] as number))));
        const a = backup(m, 0.3, 'min');
        const b = backup(other, 0.3, 'min');
        for (let i = 0; i < a.length; i++) {
          const moved = Math.abs((a[i] as number) - (b[i] as number));
          expect(moved).toBeLessThanOrEqual(0.9 * gap + 1e-12);
        }
      }),
      runs,
    );
  });
});

test('robustIntervalBackup: the distribution found fits its bounds and gives Q', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom('min' as const, 'max' as const), (seed, nature) => {
      const m = model(seed, 6, 2);
      const probLo = m.prob.map((p) => p * 0.4);
      const probHi = m.prob.map((p) => Math.min(1, p * 2));
      const found = bellman.robustIntervalBackup({ ...operands(m), probLo, probHi, nature });
      const p = found.worstProb.data;
      for (let row = 0; row < m.S * m.A; row++) {
        let mass = 0;
        let mean = 0;
        for (let e = m.rowPtr[row] as number; e < (m.rowPtr[row + 1] as number); e++) {
          const own = p[e] as number;
          expect(own).toBeGreaterThanOrEqual(probLo[e] as number);
          expect(own).toBeLessThanOrEqual((probHi[e] as number) + 1e-15);
          mass += own;
          mean += own * (m.values[m.col[e] as number] as number);
        }
        expect(mass).toBeCloseTo(1, 12);
        const q = (m.rewards.data[row] as number) + 0.9 * mean;
        expect(found.qValues.data[row]).toBeCloseTo(q, 12);
      }
    }),
    runs,
  );
});

test('risk measures: no risk aversion is the mean; aversion only lowers; shifts pass through', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const m = model(seed, 6, 2);
      const transitionRewards = m.prob.map(() => 2 * m.random() - 1);
      const { rewards: _, ...rest } = operands(m);
      const rows = { ...rest, transitionRewards, numStates: m.S, numActions: m.A };
      const mean = bellman.bellmanBackupVCsrTransitionRewards(rows).qValues.data;
      const shifted = { ...rows, transitionRewards: transitionRewards.map((r) => r + 5) };
      const plusFive = (q: ArrayLike<number>) => Array.from(q, (x) => x + 5);

      expectClose(bellman.riskCvarBackup({ ...rows, alpha: 1 }).qValues.data, mean, 1e-12);
      expectClose(bellman.riskEntropicBackup({ ...rows, beta: 0 }).qValues.data, mean, 1e-12);
      expectClose(bellman.riskEntropicBackup({ ...rows, beta: 1e-6 }).qValues.data, mean, 1e-4);
      let [cvar, entropic] = [mean, mean];
      for (const level of [0.9, 0.5, 0.1, 0]) {
        const lower = bellman.riskCvarBackup({ ...rows, alpha: level }).qValues.data;
        const averse = bellman.riskEntropicBackup({ ...rows, beta: 3 - 3 * level }).qValues.data;
        for (let i = 0; i < mean.length; i++) {
          expect(lower[i] as number).toBeLessThanOrEqual((cvar[i] as number) + 1e-12);
          expect(averse[i] as number).toBeLessThanOrEqual((entropic[i] as number) + 1e-12);
        }
        [cvar, entropic] = [lower, averse];
      }
      const cvarOf = (r: typeof rows) => bellman.riskCvarBackup({ ...r, alpha: 0.3 }).qValues.data;
      const entropicOf = (r: typeof rows) =>
        bellman.riskEntropicBackup({ ...r, beta: 2 }).qValues.data;
      expectClose(cvarOf(shifted), plusFive(cvarOf(rows)), 1e-12);
      expectClose(entropicOf(shifted), plusFive(entropicOf(rows)), 1e-12);
    }),
    runs,
  );
});

/** One state whose Q are the given numbers. */
const actionsOnly = (q: number[]) => ({
  rowPtr: new Int32Array(q.length + 1),
  col: new Int32Array(0),
  prob: new Float64Array(0),
  rewards: { data: Float64Array.from(q), shape: [1, q.length] as [number, number] },
  values: new Float64Array(1),
  gamma: 0.9,
});

const numbers = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), {
  minLength: 1,
  maxLength: 12,
});

test('softBackup: mellowmax and log-sum-exp do not expand, and lie between mean and maximum', () => {
  fc.assert(
    fc.property(numbers, fc.double({ min: 0.01, max: 100, noNaN: true }), seeds, (q, tau, seed) => {
      const random = randomSource(seed);
      const other = q.map((x) => x + 4 * random() - 2);
      const gap = Math.max(...q.map((x, i) => Math.abs(x - (other[i] as number))));
      const a = bellman.softBackup({ ...actionsOnly(q), tau });
      const b = bellman.softBackup({ ...actionsOnly(other), tau });
      const first = (x: Tensor<Float64Array | Float32Array>): number => x.data[0] as number;
      expect(Math.abs(first(a.vMellowmax) - first(b.vMellowmax))).toBeLessThanOrEqual(gap + 1e-9);
      expect(Math.abs(first(a.vSoft) - first(b.vSoft))).toBeLessThanOrEqual(gap + 1e-9);
      const mean = q.reduce((x, y) => x + y, 0) / q.length;
      expect(first(a.vMellowmax)).toBeGreaterThanOrEqual(mean - 1e-9);
      expect(first(a.vMellowmax)).toBeLessThanOrEqual(Math.max(...q) + 1e-9);
      expect(first(a.vSoft)).toBeGreaterThanOrEqual(Math.max(...q) - 1e-9);
    }),
    { numRuns: 200 },
  );
});

const replaced = (all: number[], at: number, x: number): number[] =>
  all.map((old, i) => (i === at ? x : old));

test('softBackup: the policy is the gradient of the value', () => {
  fc.assert(
    fc.property(numbers, fc.double({ min: 0.5, max: 5, noNaN: true }), seeds, (q, tau, seed) => {
      const random = randomSource(seed);
      const weights = q.map(() => random() + 0.05);
      const total = weights.reduce((x, y) => x + y, 0);
      const refPolicy = {
        data: Float64Array.from(weights, (w) => w / total),
        shape: [1, q.length] as [number, number],
      };
      const at = (x: number[]) => bellman.softBackup({ ...actionsOnly(x), tau, refPolicy });
      const here = at(q);
      const step = 1e-5;
      q.forEach((x, i) => {
        const up = at(replaced(q, i, x + step));
        const down = at(replaced(q, i, x - step));
        const slope = (a: Tensor<Float64Array | Float32Array>, b: typeof a): number =>
          ((a.data[0] as number) - (b.data[0] as number)) / (2 * step);
        expect(slope(up.vSoft, down.vSoft)).toBeCloseTo(here.policySoft.data[i] as number, 6);
        const ofRef = (here.policyRef as Tensor<Float64Array>).data[i] as number;
        expect(
          slope(up.vRef as Tensor<Float64Array>, down.vRef as Tensor<Float64Array>),
        ).toBeCloseTo(ofRef, 6);
      });
    }),
    runs,
  );
});

test('softBackup: the fixed point is one', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const m = model(seed, 6, 3);
      const { values: _, ...rest } = operands(m);
      const solved = bellman.softBackup({ ...rest, tau: 0.7, fixedPoint: true });
      expect(solved.converged).toBe(1);
      const again = bellman.softBackup({ ...rest, values: solved.vSoft, tau: 0.7 });
      expectClose(again.vSoft.data, solved.vSoft.data, 1e-9);
    }),
    runs,
  );
});

test('expectileBackup: the first-order condition holds, 0.5 is the mean, 1 the maximum', () => {
  fc.assert(
    fc.property(
      numbers,
      fc.double({ min: 0.02, max: 0.98, noNaN: true }),
      seeds,
      (q, tau, seed) => {
        const random = randomSource(seed);
        const weights = q.map(() => random() + 0.05);
        const behavior = {
          data: Float64Array.from(weights),
          shape: [1, q.length] as [number, number],
        };
        const at = (t: number): number =>
          bellman.expectileBackup({ ...actionsOnly(q), behavior, tau: t }).values.data[0] as number;
        const m = at(tau);
        const pull = q.map((x, i) => (weights[i] as number) * (x < m ? 1 - tau : tau) * (x - m));
        expect(Math.abs(pull.reduce((x, y) => x + y, 0))).toBeLessThan(1e-10 * 50 * q.length);
        const total = weights.reduce((x, y) => x + y, 0);
        const mean = q.reduce((sum, x, i) => sum + x * (weights[i] as number), 0) / total;
        expect(at(0.5)).toBeCloseTo(mean, 9);
        expect(at(1)).toBeCloseTo(Math.max(...q), 12);
        expect(at(0)).toBeCloseTo(Math.min(...q), 12);
      },
    ),
    { numRuns: 200 },
  );
});

test('gaussSeidelSweep: from V ≤ TV it is at least as far as a Jacobi sweep', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const m = model(seed, 8, 2);
      const low = { ...operands(m), values: new Float64Array(8).fill(-20) };
      const jacobi = bellman.bellmanBackupVCsr(low).values.data;
      const swept = bellman.gaussSeidelSweep(low).values.data;
      const solved = bellman.gaussSeidelSweep({ ...low, selfLoop: 'eliminate' }).values.data;
      for (let s = 0; s < 8; s++) {
        expect(swept[s] as number).toBeGreaterThanOrEqual((jacobi[s] as number) - 1e-12);
        expect(solved[s] as number).toBeGreaterThanOrEqual((swept[s] as number) - 1e-12);
      }
    }),
    runs,
  );
});

test('bellmanBackupDeterministic is the sparse backup of its model', () => {
  fc.assert(
    fc.property(seeds, fc.constantFrom('max' as const, 'min' as const), (seed, mode) => {
      const random = randomSource(seed);
      const [S, A] = [1 + Math.floor(random() * 40), 1 + Math.floor(random() * 5)];
      const next = Int32Array.from({ length: S * A }, () => Math.floor(random() * (S + 1)) - 1);
      const rowPtr = [0];
      for (const s of next) rowPtr.push((rowPtr.at(-1) as number) + (s < 0 ? 0 : 1));
      const col = next.filter((s) => s >= 0);
      const rewards = {
        data: Float64Array.from({ length: S * A }, () => Math.round(4 * random())),
        shape: [S, A] as [number, number],
      };
      const actionMask = {
        data: Uint8Array.from({ length: S * A }, () => (random() < 0.8 ? 1 : 0)),
        shape: [S, A] as [number, number],
      };
      const values = Float64Array.from({ length: S }, () => Math.round(4 * random()));
      const shared = { rewards, values, actionMask, gamma: 0.5, mode };
      const nextStates = { data: next, shape: [S, A] as [number, number] };
      const got = bellman.bellmanBackupDeterministic({ ...shared, nextStates });
      const want = bellman.bellmanBackupVCsr({
        ...shared,
        rowPtr: Int32Array.from(rowPtr),
        col,
        prob: new Float64Array(col.length).fill(1),
      });
      expect(got.values.data).toEqual(want.values.data);
      expect(got.policy.data).toEqual(want.policy.data);
      expect(got.qValues.data).toEqual(want.qValues?.data);
    }),
    runs,
  );
});

test('successorRepresentation: M (I − γ P) = I, and V is what policy evaluation finds', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const m = model(seed, 6, 2);
      const { values: _, ...rest } = operands(m);
      const policy = {
        data: Float64Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 0.3 : 0.7)),
        shape: [6, 2] as [number, number],
      };
      const found = bellman.successorRepresentation({ ...rest, policy });
      const evaluated = bellman.policyEvaluationOccupancy({ ...rest, policy });
      expectClose(found.values.data, evaluated.values.data, 1e-9);
      for (let s = 0; s < 6; s++) {
        const visits = Array.from(found.sr.data.subarray(6 * s, 6 * s + 6)).reduce((a, b) => a + b);
        expect(visits).toBeCloseTo(10, 9);
      }
    }),
    runs,
  );
});

test('bellmanBackupDeterministic: repeated in min mode it finds the shortest paths', () => {
  // A ring of ten states: one step either way, the last state is left to the goal.
  const [S, A] = [10, 2];
  const next = Int32Array.from({ length: S * A }, (_, row) => {
    const s = Math.floor(row / A);
    if (s === S - 1) return -1;
    return row % A === 0 ? s + 1 : (s + S - 1) % S;
  });
  const ones = { data: new Float64Array(S * A).fill(1), shape: [S, A] as [number, number] };
  const nextStates = { data: next, shape: [S, A] as [number, number] };
  let values = new Float64Array(S);
  for (let sweep = 0; sweep < S; sweep++) {
    const backup = { nextStates, rewards: ones, values, gamma: 1, mode: 'min' as const };
    values = bellman.bellmanBackupDeterministic(backup).values.data;
  }
  expect(Array.from(values)).toEqual([2, 3, 4, 5, 6, 5, 4, 3, 2, 1]);
});
