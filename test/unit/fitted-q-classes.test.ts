/** Data sets, regressors, fitted-Q iteration and LSPI on a chain whose values are known. */
import { bellman, fittedQ, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { chain, discount, numStates, optimalQ, walk } from './lib/chain.js';

const {
  FittedQ,
  KernelRegressor,
  LinearRegressor,
  Lspi,
  NeuralRegressor,
  TransitionDataset,
  TreeRegressor,
} = fittedQ;

type Rows = Tensor<Float32Array>;
const states = (): Rows => chain().states;

describe('TransitionDataset', () => {
  test('views grow with what was appended, defaults included', () => {
    const data = new TransitionDataset({ stateSize: 1, numActions: 2, capacity: 3 });
    const chunk = { states: [1], actions: [1], rewards: [2], nextStates: [3], terminated: [0] };
    data.append(chunk);
    data.append({ ...chunk, weights: [0.5], nextActionMask: [0, 1], truncated: [1] });
    expect(data.length).toBe(2);
    expect([...data.weights]).toEqual([1, 0.5]);
    expect([...data.nextActionMask.data]).toEqual([1, 1, 0, 1]);
    expect([...data.truncated]).toEqual([0, 1]);
    expect(data.states.shape).toEqual([2, 1]);
    const before = data.states.data.buffer;
    data.append(chunk);
    expect(data.states.data.buffer).toBe(before);
  });

  test('a wrong chunk names its array and changes nothing', () => {
    const data = new TransitionDataset({ stateSize: 1, numActions: 2, capacity: 1 });
    const chunk = { states: [1], actions: [1], rewards: [2], nextStates: [3], terminated: [0] };
    expect(() => data.append({ ...chunk, rewards: [] })).toThrow(
      /rewards has length 0, expected 1/,
    );
    expect(() => data.append({ ...chunk, actions: [2] })).toThrow(/actions holds 2 at 0/);
    expect(data.length).toBe(0);
    data.append(chunk);
    expect(() => data.append(chunk)).toThrow(/capacity is 1/);
  });
});

describe('FittedQ', () => {
  const regressors = {
    trees: () => new TreeRegressor({ numTrees: 5 }),
    'trees for every action': () => new TreeRegressor({ numTrees: 5, perAction: true }),
    linear: () => new LinearRegressor(),
    knn: () => new KernelRegressor({ kernel: 'knn' }),
  };
  test.each(Object.entries(regressors))('%s regression finds Q* of the chain', async (_, make) => {
    const fqi = new FittedQ({ discount, iterations: 20, regressor: make });
    await fqi.fit(chain());
    const q = fqi.qValues(states());
    for (let row = 0; row < 10; row++) {
      const state = Math.floor(row / 2);
      for (const action of [0, 1]) {
        expect(q.data[row * 2 + action]).toBeCloseTo(optimalQ(state, action), 3);
      }
    }
    expect([...fqi.act(states())]).toEqual(new Array(10).fill(1));
  });

  test('a network comes close', async () => {
    const regressor = () =>
      new NeuralRegressor({ hidden: [32], epochs: 60, batchSize: 10, learningRate: 1e-2 });
    const fqi = new FittedQ({ discount, iterations: 12, regressor });
    await fqi.fit(chain());
    expect([...fqi.act(states())]).toEqual(new Array(10).fill(1));
  });

  test.each(['trees', 'trees for every action', 'knn'] as const)(
    'weights of rows count in %s',
    async (name) => {
      const data = new TransitionDataset({ stateSize: 1, numActions: 1, capacity: 2 });
      for (const [reward, weight] of [
        [0, 1],
        [1, 3],
      ] as const) {
        const row = { states: [1], actions: [0], rewards: [reward], nextStates: [0] };
        data.append({ ...row, terminated: [1], weights: [weight] });
      }
      const regressor =
        name === 'knn' ? new KernelRegressor({ kernel: 'knn', neighbours: 2 }) : regressors[name]();
      await regressor.fit(data, data.rewards);
      const copy =
        name === 'knn' ? new KernelRegressor({ kernel: 'knn', neighbours: 2 }) : regressors[name]();
      copy.load(structuredClone(regressor.save()));
      for (const fitted of [regressor, copy]) {
        expect(fitted.predict(new Tensor(Float32Array.of(1), [1, 1])).data[0]).toBeCloseTo(0.75, 6);
      }
    },
  );

  test('trees for every action: each sees its own rows, and one without rows is −∞', async () => {
    const data = new TransitionDataset({ stateSize: 1, numActions: 3, capacity: 4 });
    data.append({
      states: [0, 1, 0, 1],
      actions: [0, 0, 2, 2],
      rewards: [1, 2, 3, 4],
      nextStates: [0, 0, 0, 0],
      terminated: [1, 1, 1, 1],
    });
    const regressor = new TreeRegressor({ numTrees: 3, perAction: true });
    await regressor.fit(data, data.rewards);
    const both = new Tensor(Float32Array.of(0, 1), [2, 1]);
    expect([...regressor.predict(both).data]).toEqual([1, -Infinity, 3, 2, -Infinity, 4]);
    // An action of weights 0 alone is as one without rows.
    data.weights.set([1, 1, 0, 0]);
    await regressor.fit(data, data.rewards);
    expect([...regressor.predict(both).data]).toEqual([
      1,
      -Infinity,
      -Infinity,
      2,
      -Infinity,
      -Infinity,
    ]);
    const state = regressor.save();
    expect(() => new TreeRegressor().load(state)).toThrow(/perAction true, expected false/);
  });

  test.each(['double', 'clipped', 'soft', 'mellowmax'] as const)(
    'operator %s',
    async (operator) => {
      const tau = operator === 'soft' || operator === 'mellowmax' ? 1e-3 : 1;
      const regressor = (i: number) => new TreeRegressor({ numTrees: 5, seed: i });
      const fqi = new FittedQ({ discount, iterations: 20, operator, tau, regressor });
      await fqi.fit(chain());
      const q = fqi.qValues(states());
      const tolerance = operator === 'mellowmax' ? 0.02 : 0.005;
      expect(Math.abs((q.data[1] as number) - optimalQ(0, 1))).toBeLessThan(tolerance);
    },
  );

  test("operator 'policy' evaluates the policy, and needs one", async () => {
    const regressor = () => new LinearRegressor();
    expect(() => new FittedQ({ discount, operator: 'policy', regressor })).toThrow(/policy/);
    const policy = (rows: Rows) => {
      const right = new Float32Array(2 * (rows.shape[0] as number)).map((_, i) => i % 2);
      return new Tensor(right, [rows.shape[0] as number, 2]);
    };
    const fqi = new FittedQ({ discount, iterations: 30, operator: 'policy', policy, regressor });
    await fqi.fit(chain());
    expect(fqi.qValues(states()).data[0]).toBeCloseTo(optimalQ(0, 0), 3);
  });

  test.each([false, true])('a checkpoint goes on as if nothing had happened', async (perAction) => {
    const regressor = () => new TreeRegressor({ numTrees: 3, perAction });
    const make = () => new FittedQ({ discount, iterations: 3, regressor });
    const whole = make();
    await whole.fit(chain());
    await whole.fit(chain());
    const first = make();
    await first.fit(chain());
    const second = make();
    second.resume(structuredClone(first.checkpoint()));
    const report = await second.fit(chain());
    expect(report.iterations).toBe(6);
    expect(second.qValues(states()).data).toEqual(whole.qValues(states()).data);
  });

  test('divergence is an error, not a number', async () => {
    // One feature, twice as large in the next state (Tsitsiklis & Van Roy).
    const data = new TransitionDataset({ stateSize: 1, numActions: 1, capacity: 1 });
    data.append({ states: [1], actions: [0], rewards: [1], nextStates: [2], terminated: [0] });
    const features = (rows: Rows) => rows;
    const regressor = () => new LinearRegressor({ features });
    const fqi = new FittedQ({ discount: 0.9, iterations: 100, regressor });
    await expect(fqi.fit(data)).rejects.toThrow(/diverge/);
  });

  test('stops by its signal and says how far it is', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const fqi = new FittedQ({ discount, iterations: 50, regressor: () => new LinearRegressor() });
    const run = fqi.fit(chain(), {
      signal: stop.signal,
      onProgress: ({ iteration }) => {
        seen.push(iteration);
        if (iteration === 3) stop.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(seen).toEqual([1, 2, 3]);
  });

  test('Q-values before a fit are an error', () => {
    const fqi = new FittedQ({ discount, regressor: () => new LinearRegressor() });
    expect(() => fqi.qValues(states())).toThrow(/has not been fitted/);
  });
});

test('Lspi with one-hot features finds the optimal policy of the chain', async () => {
  const width = numStates * 2;
  const feature = (state: number, action: number): number[] => {
    const row = new Array<number>(width).fill(0);
    row[state * 2 + action] = 1;
    return row;
  };
  const pairs = Array.from({ length: 10 }, (_, i) => [Math.floor(i / 2), i % 2] as const);
  const moves = pairs.map(([state, action]) => walk(state, action));
  const lspi = new Lspi({ discount, ridge: 1e-9 });
  const phi = Float64Array.from(pairs.flatMap(([state, action]) => feature(state, action)));
  const next = moves.flatMap((move) => [feature(move.next, 0), feature(move.next, 1)].flat());
  const { converged } = await lspi.fit({
    phi: { data: phi, shape: [10, width] },
    nextPhi: { data: Float64Array.from(next), shape: [10, 2, width] },
    rewards: Float64Array.from(moves.map((move) => move.reward)),
    terminated: Uint8Array.from(moves.map((move) => (move.ends ? 1 : 0))),
  });
  expect(converged).toBe(true);
  const every = pairs.flatMap(([state]) => [feature(state, 0), feature(state, 1)].flat());
  const { actions, qValues } = lspi.predict({
    data: Float64Array.from(every),
    shape: [10, 2, width],
  });
  expect([...actions.data]).toEqual(new Array(10).fill(1));
  expect(qValues.data[0]).toBeCloseTo(optimalQ(0, 0), 6);
});

test('the fixed point of kernel_fqi is that of value iteration on the sampled model', () => {
  // Nearest neighbour on a chain: the model itself.
  const pairs = Array.from({ length: 10 }, (_, i) => [Math.floor(i / 2), i % 2] as const);
  const moves = pairs.map(([state, action]) => walk(state, action));
  const column = (values: number[]) => ({
    data: Float64Array.from(values),
    shape: [values.length, 1],
  });
  const { qQuery } = fittedQ.kernelFqi({
    states: column(pairs.map(([state]) => state)),
    actions: Int32Array.from(pairs.map(([, action]) => action)),
    rewards: Float64Array.from(moves.map((move) => move.reward)),
    nextStates: column(moves.map((move) => move.next)),
    terminated: Uint8Array.from(moves.map((move) => (move.ends ? 1 : 0))),
    queryStates: column(Array.from({ length: 5 }, (_, state) => state)),
    gamma: discount,
    kernel: 'knn',
    k: 1,
    numActions: 2,
  });
  const keep = moves.map((move) => !move.ends);
  const rowPtr = [0];
  for (const kept of keep) rowPtr.push((rowPtr.at(-1) as number) + (kept ? 1 : 0));
  const { vStar } = bellman.valueIteration({
    rowPtr: Int32Array.from(rowPtr),
    col: Int32Array.from(moves.filter((_, i) => keep[i]).map((move) => move.next)),
    prob: new Float64Array(keep.filter(Boolean).length).fill(1),
    rewards: { data: Float64Array.from(moves.map((move) => move.reward)), shape: [5, 2] },
    gamma: discount,
  });
  for (let state = 0; state < 5; state++) {
    const best = Math.max(qQuery.data[2 * state] as number, qQuery.data[2 * state + 1] as number);
    expect(best).toBeCloseTo(vStar.data[state] as number, 8);
  }
});
