/** Deterministic models: the streamed backup against gathers, the solver against the sparse one. */
import { BelfryError, bellman, setThreads } from 'belfry';
import { afterEach, describe, expect, it } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

afterEach(() => setThreads(2));

/** Moves by fixed steps, now and then another: patterns of every length, broken anywhere. */
function steps(seed: number, S: number, A: number, broken: number): Int32Array {
  const random = randomSource(seed);
  const distance = Array.from({ length: A }, () => Math.floor((random() - 0.5) * 12));
  return Int32Array.from({ length: S * A }, (_, row) => {
    if (random() < broken) return Math.floor(random() * (S + 1)) - 1;
    const to = Math.floor(row / A) + (distance[row % A] as number);
    return Math.min(S - 1, Math.max(0, to));
  });
}

describe('bellmanBackupDeterministic', () => {
  for (const A of [1, 2, 3, 4, 8, 9]) {
    for (const mode of ['max', 'min'] as const) {
      it(`is the plain formula, ${A} actions, ${mode}`, () => {
        for (const [seed, S, broken] of [
          [1, 1000, 0],
          [2, 777, 0.01],
          [3, 300, 0.2],
          [4, 61, 1],
        ] as const) {
          const random = randomSource(seed);
          const next = steps(seed, S, A, broken);
          // Few values, so that actions tie.
          const rewards = Float64Array.from({ length: S * A }, () => Math.floor(3 * random()));
          const values = Float64Array.from({ length: S }, () => Math.floor(4 * random()));
          if (seed === 3) rewards[5] = Number.NaN;
          const args = {
            nextStates: { data: next, shape: [S, A] },
            rewards: { data: rewards, shape: [S, A] },
            values,
            gamma: 0.5,
            mode,
          };
          // Without Q-values patterns are streamed; with them they are not.
          const got = bellman.bellmanBackupDeterministic({
            ...args,
            outputs: ['values', 'policy'],
          });
          const q = bellman.bellmanBackupDeterministic(args).qValues.data;
          const sign = mode === 'max' ? 1 : -1;
          for (let s = 0; s < S; s++) {
            const row = Array.from(q.slice(s * A, (s + 1) * A));
            row.forEach((value, a) => {
              const to = next[s * A + a] as number;
              const want =
                (rewards[s * A + a] as number) + (to < 0 ? 0 : 0.5 * (values[to] as number));
              expect(value).toBe(want);
            });
            const best = row.some(Number.isNaN)
              ? Number.NaN
              : sign * Math.max(...row.map((v) => sign * v));
            expect(got.values.data[s]).toBe(best);
            expect(got.policy.data[s]).toBe(row.findIndex((v) => Object.is(v, best)));
          }
        }
      });
    }
  }

  it('names a successor that is no state, also behind a mask and where states move alike', () => {
    for (const A of [4, 300]) {
      const S = 200;
      for (const [row, to] of [
        [0, -2],
        [S * A - 1, S],
        [A * 77 + 1, 1_000_000],
      ] as const) {
        const next = steps(5, S, A, 0);
        next[row] = to;
        const shape = [S, A];
        const model = {
          nextStates: { data: next, shape },
          rewards: { data: new Float64Array(S * A), shape },
          values: new Float64Array(S),
          gamma: 0.9,
        };
        const actionMask = { data: new Uint8Array(S * A), shape };
        const message = new RegExp(`nextStates holds ${to} at index ${row}`);
        const outputs = ['values'] as const;
        expect(() => bellman.bellmanBackupDeterministic({ ...model, outputs })).toThrow(message);
        expect(() => bellman.bellmanBackupDeterministic({ ...model, actionMask })).toThrow(message);
      }
    }
    // A pattern may lead beyond the last state, or before the first.
    for (const [distance, row] of [
      [3, 97],
      [-3, 0],
    ] as const) {
      const data = Int32Array.from({ length: 200 }, (_, i) => (i >> 1) + distance);
      const model = {
        nextStates: { data, shape: [100, 2] },
        rewards: { data: new Float64Array(200), shape: [100, 2] },
        values: new Float64Array(100),
        gamma: 0.9,
        terminal: -50,
        outputs: ['values'] as const,
      };
      const message = new RegExp(`at index ${2 * row}`);
      expect(() => bellman.bellmanBackupDeterministic(model)).toThrow(message);
    }
  });

  it('has the same bits with any number of threads, in float32 too', () => {
    const S = 90_000;
    const random = randomSource(9);
    const next = steps(9, S, 4, 0.001);
    const rewards = Float32Array.from({ length: S * 4 }, random);
    const values = Float32Array.from({ length: S }, random);
    const run = () =>
      bellman.bellmanBackupDeterministic({
        nextStates: { data: next, shape: [S, 4] },
        rewards: { data: rewards, shape: [S, 4] },
        values,
        gamma: 0.9,
        outputs: ['values', 'policy'],
      });
    setThreads(1);
    const one = run();
    setThreads(3);
    expect(run().values.data).toEqual(one.values.data);
    expect(run().policy.data).toEqual(one.policy.data);
  });
});

/** A sweep in place from `values`, state by state; returns its largest change. */
function sweepInPlace(
  next: Int32Array,
  rewards: Float64Array,
  values: Float64Array,
  { gamma, mode, backward }: { gamma: number; mode: 'max' | 'min'; backward: boolean },
): number {
  const S = values.length;
  const A = next.length / S;
  let change = 0;
  for (let i = 0; i < S; i++) {
    const s = backward ? S - 1 - i : i;
    const q = Array.from({ length: A }, (_, a) => {
      const to = next[s * A + a] as number;
      const reward = rewards[s * A + a] as number;
      if (to < 0) return reward;
      if (to === s) return reward / (1 - gamma);
      return reward + gamma * (values[to] as number);
    });
    const value = q.some(Number.isNaN) ? Number.NaN : Math[mode](...q);
    change = Math.max(change, Math.abs(value - (values[s] as number)));
    values[s] = value;
  }
  return change;
}

describe('valueIterationDeterministic', () => {
  for (const A of [1, 2, 4, 8]) {
    it(`sweeps in place as a plain loop does, ${A} actions`, () => {
      let seed = 0;
      for (const broken of [0, 0.002, 0.05, 1]) {
        for (const mode of ['max', 'min'] as const) {
          for (const backward of [false, true]) {
            for (const odd of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
              seed += 1;
              const S = 900 + seed;
              const random = randomSource(seed);
              const next = steps(seed, S, A, broken);
              // In every second model two actions lead to the neighbour that is swept before.
              if (A > 1 && seed % 2 === 0) {
                for (let s = 1; s < S - 1; s++) {
                  next.fill(s + (backward ? 1 : -1), s * A, s * A + 2);
                }
              }
              const rewards = Float64Array.from({ length: S * A }, () => random() - 0.5);
              if (odd !== 0) rewards[S * A - 7] = odd;
              const values = Float64Array.from({ length: S }, () => 4 * random() - 2);
              const { vStar, residualInf } = bellman.valueIterationDeterministic({
                nextStates: { data: next, shape: [S, A] },
                rewards: { data: rewards, shape: [S, A] },
                initialValues: values,
                gamma: 0.75,
                mode,
                order: backward ? 'backward' : 'forward',
                maxIterations: 1,
              });
              const change = sweepInPlace(next, rewards, values, { gamma: 0.75, mode, backward });
              expect(vStar.data).toEqual(values);
              expect(residualInf).toBe(change);
            }
          }
        }
      }
    });
  }

  for (const order of ['alternate', 'backward', 'forward'] as const) {
    for (const mode of ['max', 'min'] as const) {
      it(`finds the optimum of random models, ${order}, ${mode}`, () => {
        for (let seed = 1; seed <= 12; seed++) {
          const random = randomSource(seed);
          const S = 1 + Math.floor(random() * 40);
          const A = 1 + Math.floor(random() * 5);
          const next = steps(seed, S, A, 0.5);
          const rewards = {
            data: Float64Array.from({ length: S * A }, () => random() - 0.5),
            shape: [S, A],
          };
          const mask = Uint8Array.from({ length: S * A }, () => (random() < 0.2 ? 0 : 1));
          const masked = seed % 2 === 0 ? { actionMask: { data: mask, shape: [S, A] } } : {};
          const got = bellman.valueIterationDeterministic({
            nextStates: { data: next, shape: [S, A] },
            rewards,
            ...masked,
            gamma: 0.9,
            tolerance: 1e-10,
            mode,
            order,
          });
          const entries = next.map((to) => (to < 0 ? 0 : 1));
          const rowPtr = new Int32Array(S * A + 1);
          entries.forEach((n, row) => {
            rowPtr[row + 1] = (rowPtr[row] as number) + n;
          });
          const col = next.filter((to) => to >= 0);
          const want = bellman.valueIteration({
            rowPtr,
            col,
            prob: new Float64Array(col.length).fill(1),
            rewards,
            ...masked,
            gamma: 0.9,
            tolerance: 1e-10,
            mode,
          });
          expect(got.converged).toBe(1);
          for (let s = 0; s < S; s++) {
            const v = want.vStar.data[s] as number;
            expect(Math.abs((got.vStar.data[s] as number) - v)).toBeLessThan(3e-10);
            expect(got.vStarLower.data[s]).toBeLessThanOrEqual(v + 1e-10);
            expect(got.vStarUpper.data[s]).toBeGreaterThanOrEqual(v - 1e-10);
          }
        }
      });
    }
  }

  const loop = { nextStates: { data: Int32Array.of(0, 1), shape: [2, 1] }, gamma: 1 };
  const rewards = (...data: number[]) => ({ data: Float64Array.from(data), shape: [2, 1] });

  it('says so when there is no finite value', () => {
    const { converged, vStar } = bellman.valueIterationDeterministic({
      ...loop,
      rewards: rewards(0, 1),
    });
    expect(converged).toBe(0);
    expect(Array.from(vStar.data)).toEqual([0, Number.POSITIVE_INFINITY]);
    const broken = bellman.valueIterationDeterministic({
      ...loop,
      gamma: 0.5,
      rewards: rewards(0, Number.NaN),
    });
    expect(broken.converged).toBe(0);
    expect(broken.vStar.data[0]).toBe(0);
  });

  it('keeps what it has after maxIterations, within its bounds', () => {
    const S = 50;
    const model = {
      nextStates: {
        data: Int32Array.from({ length: S }, (_, s) => (s === S - 1 ? -1 : s + 1)),
        shape: [S, 1],
      },
      rewards: { data: new Float64Array(S).fill(-1), shape: [S, 1] },
      gamma: 0.9,
    };
    const exact = bellman.valueIterationDeterministic({ ...model, order: 'backward' });
    expect(exact.iterations).toBe(2);
    const some = bellman.valueIterationDeterministic({
      ...model,
      order: 'forward',
      maxIterations: 3,
    });
    expect(some.converged).toBe(0);
    exact.vStar.data.forEach((v, s) => {
      expect(some.vStarLower.data[s]).toBeLessThanOrEqual(v);
      expect(some.vStarUpper.data[s]).toBeGreaterThanOrEqual(v);
    });
  });

  it('names a successor that is no state', () => {
    const wrong = { ...loop, nextStates: { data: Int32Array.of(0, 7), shape: [2, 1] } };
    expect(() => bellman.valueIterationDeterministic({ ...wrong, rewards: rewards(0, 0) })).toThrow(
      BelfryError,
    );
    expect(() => bellman.valueIterationDeterministic({ ...wrong, rewards: rewards(0, 0) })).toThrow(
      /next_?states.*7/is,
    );
  });
});
