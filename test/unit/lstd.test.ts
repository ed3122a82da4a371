/** Least-squares values of a policy: against exact answers, and against each other. */
import { Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { Lstd, type LstdOptions, TransitionDataset } from '../../src/fitted-q/index.js';
import { randomSource } from '../../src/tools/random-arguments.js';
import { chain, discount, numStates, oneHot, walk } from './lib/chain.js';
import { furthest } from './lib/expect.js';

const size = 4;
const same = (states: Tensor<Float32Array>): Tensor<Float32Array> => states;
const oneHots = (): Tensor<Float32Array> =>
  new Tensor(Float32Array.from(Array.from({ length: size }, (_, s) => oneHot(s, size)).flat()), [
    size,
    size,
  ]);

/** Random transitions between one-hot states, two actions; some end an episode. */
function sampled(count: number, seed: number, extra: object = {}): TransitionDataset {
  const random = randomSource(seed);
  const index = (): number => Math.min(size - 1, Math.floor(size * random()));
  const data = new TransitionDataset({ stateSize: size, numActions: 2, capacity: count });
  const states = Array.from({ length: count }, (_, i) => (i < 2 * size ? i % size : index()));
  data.append({
    states: states.flatMap((s) => oneHot(s, size)),
    actions: states.map((_, i) => (i < 2 * size ? Math.floor(i / size) : i % 2)),
    rewards: states.map(() => random() - 0.5),
    nextStates: states.flatMap(() => oneHot(index(), size)),
    terminated: states.map(() => (random() < 0.2 ? 1 : 0)),
    ...extra,
  });
  return data;
}

const indexOf = (rows: Float32Array, row: number): number =>
  rows.subarray(row * size, (row + 1) * size).indexOf(1);

/**
 * [size, A] of the empirical model by plain sweeps: the weighted mean of r + γ Σ π(a'|s') Q(s', a').
 * Without a policy A is 1: the values of what was done.
 */
function exact(data: TransitionDataset, policy?: (s: number, a: number) => number): number[] {
  const numActions = policy === undefined ? 1 : 2;
  let q = new Array<number>(size * numActions).fill(0);
  for (let sweep = 0; sweep < 800; sweep++) {
    const [sums, masses] = [q.map(() => 0), q.map(() => 0)];
    for (let i = 0; i < data.length; i++) {
      const action = policy === undefined ? 0 : (data.actions[i] as number);
      const at = indexOf(data.states.data, i) * numActions + action;
      const next = indexOf(data.nextStates.data, i);
      let value = 0;
      for (let a = 0; a < numActions; a++) {
        value += (policy?.(next, a) ?? 1) * (q[next * numActions + a] as number);
      }
      const target = (data.rewards[i] as number) + (data.terminated[i] ? 0 : discount * value);
      sums[at] = (sums[at] as number) + (data.weights[i] as number) * target;
      masses[at] = (masses[at] as number) + (data.weights[i] as number);
    }
    q = sums.map((sum, at) => sum / (masses[at] as number));
  }
  return q;
}

const exactly = { discount, ridge: 1e-12, features: same };

describe('one-hot features give the exact values of the empirical model', () => {
  const weights = Array.from({ length: 60 }, (_, i) => [0.5, 1, 2][i % 3] as number);
  test.each([
    ['one weight', {}],
    ['weights', { weights }],
  ])('lstd, %s', async (_, extra) => {
    const data = sampled(60, 1, extra);
    const lstd = new Lstd(exactly);
    const report = await lstd.fit(data);
    expect(lstd.values(oneHots()).shape).toEqual([size]);
    expect(furthest(lstd.values(oneHots()).data, exact(data))).toBeLessThan(1e-9);
    expect(report).toEqual({ weights: lstd.weights });
    expect(lstd.weights.shape).toEqual([1, size]);
  });

  test.each([
    ['one weight', {}],
    ['weights', { weights }],
  ])('lstdq of a random policy, %s', async (_, extra) => {
    const data = sampled(60, 2, extra);
    const policy = (states: Tensor<Float32Array>) =>
      new Tensor(
        Float64Array.from({ length: 2 * (states.shape[0] as number) }, (_v, i) =>
          i % 2 === 0 ? 0.25 : 0.75,
        ),
        [states.shape[0] as number, 2],
      );
    const lstd = new Lstd({ ...exactly, method: 'lstdq', policy });
    await lstd.fit(data);
    const q = lstd.qValues(oneHots());
    expect(q.shape).toEqual([size, 2]);
    expect(lstd.weights.shape).toEqual([2, size]);
    const wanted = exact(data, (_s, a) => (a === 0 ? 0.25 : 0.75));
    expect(furthest(q.data, wanted)).toBeLessThan(1e-9);
  });

  test('lstdq of a policy that names its actions', async () => {
    const data = sampled(60, 3);
    const acts = ({ data: rows, shape }: Tensor<Float32Array>) =>
      Int32Array.from({ length: shape[0] as number }, (_, row) => indexOf(rows, row) % 2);
    const lstd = new Lstd({ ...exactly, method: 'lstdq', policy: acts });
    await lstd.fit(data);
    const wanted = exact(data, (s, a) => (a === s % 2 ? 1 : 0));
    expect(furthest(lstd.qValues(oneHots()).data, wanted)).toBeLessThan(1e-9);
  });
});

test('the residual is 0 where it can be, and its norm says so', async () => {
  const policy = ({ shape }: Tensor<Float32Array>) => new Int32Array(shape[0] as number).fill(1);
  const features = same;
  const brm = new Lstd({ discount, ridge: 1e-12, method: 'bellman_residual', policy, features });
  const { residualNorm } = await brm.fit(chain());
  expect(residualNorm).toBeLessThan(1e-6);
  const { data } = brm.qValues(chain().states);
  const q = (state: number, action: number): number => {
    const { next, ends } = walk(state, action);
    return ends ? 1 : discount ** (numStates - 1 - next);
  };
  for (let i = 0; i < 10; i++) {
    const [state, action] = [Math.floor(i / 2), i % 2];
    expect(data[2 * i + action]).toBeCloseTo(q(state, action), 6);
  }
  const values = new Lstd({ discount, method: 'bellman_residual', features });
  await values.fit(sampled(60, 4));
  const lstd = new Lstd({ discount, features });
  await lstd.fit(sampled(60, 4));
  // Biased on random transitions: another answer than the fixed point.
  expect(furthest(values.values(oneHots()).data, lstd.values(oneHots()).data)).toBeGreaterThan(
    1e-3,
  );
});

/** Two features of one-hot states. */
const coarse = ({ data, shape }: Tensor<Float32Array>): Tensor<Float32Array> => {
  const count = shape[0] as number;
  const width = shape[1] as number;
  const out = Float32Array.from({ length: 2 * count }, (_, i) => {
    const state = data
      .subarray(Math.floor(i / 2) * width, Math.floor(i / 2 + 1) * width)
      .indexOf(1);
    return i % 2 === 0 ? 1 : state * state;
  });
  return new Tensor(out, [count, 2]);
};

test('lambda 0 equals lstd', async () => {
  const data = sampled(60, 5, { truncated: Array.from({ length: 60 }, (_, i) => +(i % 7 === 0)) });
  const [plain, traced] = [{}, { method: 'lstd_lambda' as const }].map(
    (more) => new Lstd({ discount, features: coarse, ...more }),
  ) as [Lstd, Lstd];
  await plain.fit(data);
  await traced.fit(data);
  expect(furthest(plain.weights.data, traced.weights.data)).toBeLessThan(1e-9);
});

describe('lambda 1', () => {
  /** Episodes along the chain, from each state to the right end, with a step to the left first. */
  function episodes(): { states: number[]; rewards: number[]; next: number[]; ends: number[] } {
    const all = { states: [] as number[], rewards: [] as number[], next: [] as number[] };
    const ends: number[] = [];
    for (let start = 0; start < numStates - 1; start++) {
      let state = start;
      for (let t = 0; state !== numStates - 1; t++) {
        const move = walk(state, t === 0 ? 0 : 1);
        all.states.push(state);
        all.rewards.push(move.reward - 0.1 * t);
        all.next.push(move.next);
        ends.push(move.ends ? 1 : 0);
        state = move.next;
      }
    }
    return { ...all, ends };
  }

  const traced = () =>
    new Lstd({ discount, method: 'lstd_lambda', lambda: 1, ridge: 0, features: coarse });

  function dataOf(flags: (ends: number[]) => object): TransitionDataset {
    const { states, rewards, next, ends } = episodes();
    const data = new TransitionDataset({ stateSize: numStates, numActions: 1, capacity: 100 });
    data.append({
      states: states.flatMap((s) => oneHot(s)),
      actions: states.map(() => 0),
      rewards,
      nextStates: next.flatMap((s) => oneHot(s)),
      terminated: ends,
      ...flags(ends),
    });
    return data;
  }

  /** Least squares of `targets` on (1, s²), by its normal equations. */
  function regression(states: readonly number[], targets: readonly number[]): number[] {
    let [n, x, xx, y, xy] = [0, 0, 0, 0, 0];
    states.forEach((s, i) => {
      const [feature, target] = [s * s, targets[i] as number];
      n += 1;
      x += feature;
      xx += feature * feature;
      y += target;
      xy += feature * target;
    });
    const slope = (n * xy - x * y) / (n * xx - x * x);
    return [(y - slope * x) / n, slope];
  }

  test('is the regression on the returns', async () => {
    const { states, rewards, ends } = episodes();
    const returns = new Array<number>(states.length);
    for (let i = states.length - 1; i >= 0; i--) {
      const after = ends[i] ? 0 : (returns[i + 1] as number);
      returns[i] = (rewards[i] as number) + discount * after;
    }
    const lstd = traced();
    await lstd.fit(dataOf(() => ({})));
    expect(furthest(lstd.weights.data, regression(states, returns))).toBeLessThan(1e-5);
  });

  test('a cut ends the trace, and the state after it is bootstrapped', async () => {
    // All episodes cut: A = Σ over each of its start-to-end telescopes, less γ^n φ of the last state.
    const data = dataOf((ends) => ({ terminated: ends.map(() => 0), truncated: ends }));
    const lstd = traced();
    await lstd.fit(data);
    const { states, rewards, next, ends } = episodes();
    const phi = (s: number): [number, number] => [1, s * s];
    const [matrix, vector] = [
      [0, 0, 0, 0],
      [0, 0],
    ];
    let trace = [0, 0];
    states.forEach((s, i) => {
      const [now, after] = [phi(s), phi(next[i] as number)];
      trace = trace.map((z, j) => discount * z + (now[j] as number));
      trace.forEach((z, j) => {
        (vector as number[])[j] = (vector?.[j] as number) + z * (rewards[i] as number);
        now.forEach((x, k) => {
          const at = 2 * j + k;
          const moved = z * (x - discount * (after[k] as number));
          (matrix as number[])[at] = (matrix?.[at] as number) + moved;
        });
      });
      if (ends[i]) trace = [0, 0];
    });
    const [a, b, c, d] = matrix as [number, number, number, number];
    const [p, q] = vector as [number, number];
    const determinant = a * d - b * c;
    const wanted = [(d * p - b * q) / determinant, (a * q - c * p) / determinant];
    expect(furthest(lstd.weights.data, wanted)).toBeLessThan(1e-5);
  });
});

describe('features that are given', () => {
  const data = sampled(60, 6);
  const given = {
    phi: data.states,
    nextPhi: data.nextStates,
    rewards: data.rewards,
    terminated: data.terminated,
  };

  test.each(['lstd', 'lstd_lambda', 'bellman_residual'] as const)('%s', async (method) => {
    const [one, two] = [new Lstd({ ...exactly, method }), new Lstd({ ...exactly, method })];
    await one.fit(data);
    await two.fit({ ...given, truncated: data.truncated });
    expect(two.weights).toEqual(one.weights);
    expect(two.values(oneHots())).toEqual(one.values(oneHots()));
  });

  test('lstdq of pairs', async () => {
    const policy = ({ shape }: Tensor<Float32Array>) => new Int32Array(shape[0] as number);
    const one = new Lstd({ ...exactly, method: 'lstdq', policy });
    await one.fit(data);
    const pairs = (rows: Float32Array, count: number): Tensor<Float32Array> => {
      const out = new Float32Array(count * 2 * 2 * size);
      for (let i = 0; i < count * 2; i++) {
        out[i * 2 * size + (i % 2) * size + indexOf(rows, i >> 1)] = 1;
      }
      return new Tensor(out, [count, 2, 2 * size]);
    };
    const all = pairs(data.states.data, 60).data;
    const phi = Float32Array.from({ length: 60 * 2 * size }, (_, i) => {
      const [row, column] = [Math.floor(i / (2 * size)), i % (2 * size)];
      return all[(2 * row + (data.actions[row] as number)) * 2 * size + column] as number;
    });
    const two = new Lstd({ ...exactly, method: 'lstdq' });
    await two.fit({
      ...given,
      phi: { data: phi, shape: [60, 2 * size] },
      nextPhi: pairs(data.nextStates.data, 60),
      nextPolicy: new Int32Array(60),
    });
    expect(two.weights.shape).toEqual([1, 2 * size]);
    expect(two.weights.data).toEqual(one.weights.data);
    const queries = pairs(oneHots().data, size);
    expect(furthest(two.qValues(queries).data, one.qValues(oneHots()).data)).toBeLessThan(1e-12);
  });

  test.each([
    ['phi', { phi: undefined }, /Lstd.fit: phi is missing/],
    ['one axis', { phi: data.states.data }, /phi has shape \[240\], expected rank 2/],
    ['its type', { rewards: [1, 2] }, /rewards is an array of 2, expected float32/],
    ['its length', { rewards: new Float32Array(3) }, /rewards has length 3, expected 60/],
    ['next', { nextPhi: { data: new Float32Array(8), shape: [2, 4] } }, /nextPhi has length 8/],
    ['a flag', { terminated: new Uint8Array(60).fill(2) }, /terminated holds 2 in row 0/],
    ['a number', { rewards: new Float32Array(60).fill(Number.NaN) }, /rewards holds NaN in row 0/],
    ['an unknown array', { reward: data.rewards }, /reward is not an option.*"rewards"/],
    ['a policy', { nextPolicy: new Int32Array(60) }, /nextPolicy is given, expected none/],
  ])('%s is refused by name', async (_, changed, message) => {
    const fit = new Lstd({ discount }).fit({ ...given, ...changed } as never);
    await expect(fit).rejects.toThrow(message);
  });
});

describe('refused by name', () => {
  test.each([
    [{ discount: undefined }, /Lstd: discount is undefined, expected in \[0, 1\]/],
    [{ method: 'lars' }, /method is "lars", expected one of lstd, lstd_lambda, lstdq/],
    [{ lambda: 0.5 }, /lambda is 0.5, expected 0 with method 'lstd'/],
    [{ ridge: -1 }, /ridge is -1/],
    [{ features: 3 }, /features is 3, expected a function/],
    [{ policy: () => new Int32Array(1) }, /policy is given, expected none with method 'lstd'/],
    [{ polices: 1 }, /polices is not an option.*"policy"/],
  ])('%o', (changed, message) => {
    expect(() => new Lstd({ discount, ...changed } as LstdOptions)).toThrow(message);
  });

  const count = 30;
  const shaped = (data: Float32Array, width: number) =>
    new Tensor(data, [data.length / width, width]);
  test.each([
    ['no policy', { method: 'lstdq' }, /Lstd.fit: policy is missing/],
    ['an action', { policy: () => new Int32Array(count).fill(2) }, /policy holds 2 in row/],
    ['actions', { policy: () => new Int32Array(3) }, /policy has length 3, expected 30/],
    [
      'its shape',
      { policy: () => shaped(new Float32Array(count), 1) },
      /policy has shape \[30,1\]/,
    ],
    ['a sum', { policy: () => shaped(new Float32Array(2 * count), 2) }, /probabilities, which sum/],
    [
      'below 0',
      {
        policy: () =>
          shaped(
            new Float32Array(2 * count).map((_, i) => (i % 2 ? 2 : -1)),
            2,
          ),
      },
      /policy holds -1,2 in row/,
    ],
    ['features', { features: () => shaped(new Float32Array(3), 1) }, /features gives .*\[30, k\]/],
    ['no features', { features: () => undefined }, /features gives undefined/],
    ['NaN', { features: () => shaped(new Float32Array(count).fill(NaN), 1) }, /features holds NaN/],
    ['no ridge', { ridge: 0 }, /ridge is too small/],
  ])('%s', async (_, changed, message) => {
    const method = 'policy' in changed ? { method: 'bellman_residual' } : {};
    const lstd = new Lstd({ discount, ...method, ...changed } as LstdOptions);
    await expect(lstd.fit(sampled(count, 7))).rejects.toThrow(message);
    expect(() => lstd.weights).toThrow(/has not been fitted/);
  });

  test('data, states and calls', async () => {
    const empty = new TransitionDataset({ stateSize: size, numActions: 2, capacity: 4 });
    const lstd = new Lstd({ discount });
    await expect(lstd.fit(empty)).rejects.toThrow(/data is empty/);
    await expect(lstd.fit(null as never)).rejects.toThrow(
      /data is null, expected a TransitionDataset/,
    );
    expect(() => lstd.values(oneHots())).toThrow(/has not been fitted/);
    await lstd.fit(sampled(count, 8));
    expect(() => lstd.qValues(oneHots())).toThrow(/qValues are not known after a fit of values/);
    expect(() => lstd.values(new Float32Array(5))).toThrow(/Lstd.values: states has 5 elements/);
    expect(() => lstd.values(new Float64Array(4))).toThrow(/states is a Float64Array/);
    const weights = new Float32Array(count).fill(2);
    const traced = new Lstd({ discount, method: 'lstd_lambda' });
    await expect(traced.fit(sampled(count, 8, { weights }))).rejects.toThrow(
      /weights holds 2 in row 0, expected 1 everywhere/,
    );
    const signal = AbortSignal.abort(new Error('enough'));
    const before = lstd.weights;
    await expect(lstd.fit(sampled(count, 9), { signal })).rejects.toThrow('enough');
    expect(lstd.weights).toBe(before);
  });
});
