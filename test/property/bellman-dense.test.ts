/** value_iteration_dense against the one-model solver, its bounds, its batch and its threads. */

import { BelfryError, bellman, setThreads } from 'belfry';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

type Real = Float64Array | Float32Array;
interface Batch {
  M: number;
  S: number;
  A: number;
  prob: Float64Array;
  rewards: Float64Array;
  actionMask?: Uint8Array;
}

/** Rows of mass one, some shorter; with a mask, some actions are missing. */
function batch(
  seed: number,
  {
    M,
    S,
    A,
    leaky = 0,
    masked = 0,
  }: Record<'M' | 'S' | 'A', number> & {
    leaky?: number;
    masked?: number;
  },
): Batch {
  const random = randomSource(seed);
  const rows = M * S * A;
  const prob = new Float64Array(rows * S);
  for (let row = 0; row < rows; row++) {
    const weights = Array.from({ length: S }, () => random() + 0.01);
    const total = weights.reduce((a, b) => a + b, 0);
    const mass = random() < leaky ? random() : 1;
    for (let s = 0; s < S; s++) prob[row * S + s] = (mass * (weights[s] as number)) / total;
  }
  const made: Batch = { M, S, A, prob, rewards: Float64Array.from({ length: rows }, random) };
  if (masked > 0) {
    made.actionMask = Uint8Array.from({ length: rows }, () => (random() < masked ? 0 : 1));
  }
  return made;
}

function solve<A extends Real>(
  { M, S, A, prob, rewards, actionMask }: Batch,
  options: { tolerance?: number; mode?: 'max' | 'min'; maxIterations?: number; gamma?: number },
  cast: (x: Float64Array) => A,
) {
  const shape = [M, S, A];
  return bellman.valueIterationDense({
    prob: { data: cast(prob), shape: [...shape, S] },
    rewards: { data: cast(rewards), shape },
    ...(actionMask && { actionMask: { data: actionMask, shape } }),
    gamma: 0.9,
    ...options,
  });
}
const float64 = (x: Float64Array): Float64Array => x;

/** Model m of a batch as one full CSR model. */
function sparse({ S, A, prob, rewards, actionMask }: Batch, m: number) {
  const rows = S * A;
  const part = <X extends Float64Array | Uint8Array>(x: X, width: number) =>
    x.slice(m * rows * width, (m + 1) * rows * width) as X;
  return {
    rowPtr: Int32Array.from({ length: rows + 1 }, (_, row) => row * S),
    col: Int32Array.from({ length: rows * S }, (_, e) => e % S),
    prob: part(prob, S),
    rewards: { data: part(rewards, 1), shape: [S, A] },
    ...(actionMask && { actionMask: { data: part(actionMask, 1), shape: [S, A] } }),
  };
}

const row = (x: { data: ArrayLike<number>; shape: readonly number[] }, m: number): number[] => {
  const width = x.data.length / (x.shape[0] as number);
  return Array.from(x.data).slice(m * width, (m + 1) * width);
};

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const runs = { numRuns: 25 };

afterEach(() => setThreads(2));

describe('valueIterationDense', () => {
  test('solves each model as valueIteration does', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('max', 'min'), (seed, mode) => {
        const random = randomSource(seed);
        const size = (most: number) => 1 + Math.floor(random() * most);
        const models = batch(seed, { M: 3, S: size(40), A: size(6), leaky: 0.2, masked: 0.3 });
        const got = solve(models, { tolerance: 1e-8, mode }, float64);
        for (let m = 0; m < models.M; m++) {
          const want = bellman.valueIteration({
            ...sparse(models, m),
            gamma: 0.9,
            tolerance: 1e-8,
            mode,
          });
          expect(got.iterations.data[m]).toBe(want.iterations);
          expect(got.converged.data[m]).toBe(want.converged);
          row(got.vStar, m).forEach((v, s) => expect(v).toBeCloseTo(want.vStar.data[s]!, 10));
          row(got.qStar, m).forEach((q, i) => {
            const other = want.qStar.data[i] as number;
            if (Number.isFinite(other)) expect(q).toBeCloseTo(other, 10);
            else expect(q).toBe(other);
          });
        }
      }),
      runs,
    );
  });

  test('its bounds hold whenever it stops', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 12 }), (seed, maxIterations) => {
        const models = batch(seed, { M: 2, S: 11, A: 3, leaky: 0.3 });
        const best = solve(models, { tolerance: 1e-12 }, float64).vStar.data;
        for (const cast of [float64, (x: Float64Array) => Float32Array.from(x)]) {
          const slack = cast === float64 ? 1e-10 : 1e-5;
          const got = solve<Real>(models, { maxIterations }, cast);
          best.forEach((v, i) => {
            expect(got.vStarLower.data[i]).toBeLessThanOrEqual(v + slack);
            expect(got.vStarUpper.data[i]).toBeGreaterThanOrEqual(v - slack);
          });
        }
      }),
      runs,
    );
  });

  test('a model has the same bits alone, in any batch and with any number of threads', () => {
    for (const cast of [float64, (x: Float64Array) => Float32Array.from(x)]) {
      const models = batch(7, { M: 40, S: 33, A: 3, leaky: 0.1 });
      setThreads(1);
      const one = solve<Real>(models, { tolerance: 1e-4 }, cast);
      setThreads(5);
      const five = solve<Real>(models, { tolerance: 1e-4 }, cast);
      for (const key of ['vStar', 'vStarLower', 'vStarUpper', 'qStar', 'policyStar'] as const) {
        expect(five[key].data).toEqual(one[key].data);
      }
      const last = {
        ...models,
        M: 1,
        prob: models.prob.slice(-33 * 3 * 33),
        rewards: models.rewards.slice(-33 * 3),
      };
      expect(row(solve<Real>(last, { tolerance: 1e-4 }, cast).vStar, 0)).toEqual(
        row(one.vStar, 39),
      );
    }
  });

  test('a model large enough to be shared by its states has the same bits too', () => {
    const large = batch(3, { M: 1, S: 380, A: 2 });
    const pair: Batch = {
      ...large,
      M: 2,
      prob: new Float64Array(2 * large.prob.length),
      rewards: new Float64Array(2 * large.rewards.length),
    };
    for (const m of [0, 1]) {
      pair.prob.set(large.prob, m * large.prob.length);
      pair.rewards.set(large.rewards, m * large.rewards.length);
    }
    // Alone its states are shared; of two, each is one thread's.
    const alone = solve(large, { tolerance: 1e-6 }, float64);
    const two = solve(pair, { tolerance: 1e-6 }, float64);
    for (const m of [0, 1]) expect(row(two.vStar, m)).toEqual(row(alone.vStar, 0));
    expect(two.iterations.data).toEqual(
      Int32Array.of(alone.iterations.data[0]!, alone.iterations.data[0]!),
    );
  });

  test('a model of NaN, or of infinite probability, is given up alone', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const models = batch(5, { M: 3, S: 6, A: 2 });
      models.prob[6 * 2 * 6 + 4] = bad;
      const { converged, vStar } = solve(models, {}, float64);
      expect(Array.from(converged.data)).toEqual([1, 0, 1]);
      expect(row(vStar, 0).concat(row(vStar, 2)).every(Number.isFinite)).toBe(true);
    }
  });

  test('sizes of zero', () => {
    const { vStar, iterations } = solve(batch(1, { M: 0, S: 4, A: 2 }), {}, float64);
    expect([...vStar.shape, ...iterations.shape]).toEqual([0, 4, 0]);
    expect(Array.from(solve(batch(1, { M: 2, S: 0, A: 2 }), {}, float64).converged.data)).toEqual([
      1, 1,
    ]);
    const closed = solve(batch(1, { M: 1, S: 3, A: 0 }), {}, float64);
    expect(Array.from(closed.vStar.data)).toEqual([0, 0, 0]);
    expect(Array.from(closed.policyStar.data)).toEqual([-1, -1, -1]);
  });
});

describe('DenseBatchValueIteration', () => {
  const models = batch(11, { M: 5, S: 9, A: 3 });
  const described = {
    numModels: 5,
    numStates: 9,
    numActions: 3,
    prob: models.prob,
    rewards: models.rewards,
  };

  test('has the answer of the op, and starts warm', async () => {
    const solver = new bellman.DenseBatchValueIteration(described, {
      discount: 0.9,
      tolerance: 1e-9,
    });
    const want = solve(models, { tolerance: 1e-9 }, float64);
    const got = await solver.solve();
    expect(got.values.data).toEqual(want.vStar.data);
    expect(got.policy.data).toEqual(want.policyStar.data);
    expect(Array.from(got.converged.data)).toEqual([1, 1, 1, 1, 1]);
    const warm = solver.solveSync({ initialValues: want.vStar.data });
    expect(Math.max(...warm.iterations.data)).toBeLessThan(Math.min(...got.iterations.data));
  });

  test('names what is wrong', () => {
    const make = (change: object, options: object = {}) =>
      new bellman.DenseBatchValueIteration(
        { ...described, ...change },
        { discount: 0.9, ...options },
      );
    expect(() => make({ numStates: 8 })).toThrow(BelfryError);
    expect(() => make({ rewards: new Float64Array(3) })).toThrow(/rewards.*3 elements/s);
    expect(() => make({}, { tolerence: 1 })).toThrow(/tolerence/);
    expect(() => make({}).solveSync({ initialValues: new Float64Array(2) })).toThrow(
      /initialValues/,
    );
  });
});
