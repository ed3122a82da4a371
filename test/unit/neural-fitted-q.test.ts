/** Networks fitted to Q: DQN's steps, neural fitted Q-iteration, distributions of returns. */
import { fittedQ, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { chain, discount, numStates, oneHot, optimalQ } from './lib/chain.js';

const { CategoricalRegressor, FittedQ, LinearRegressor, NeuralFittedQ, hintToGoal } = fittedQ;
type Data = ReturnType<typeof chain>;

const small = { discount, hidden: [24], batchSize: 10, learningRate: 1e-2, targetEvery: 40 };

/** Largest |Q − Q*| over the chain. */
function worst(q: Tensor<Float32Array>, sign = 1): number {
  return Math.max(
    ...Array.from(q.data, (value, i) => {
      const [state, action] = [Math.floor(i / 4), i % 2];
      return Math.abs(value - sign * optimalQ(state, action));
    }),
  );
}

/** The chain with costs in place of rewards. */
function costs(data: Data): Data {
  data.rewards.forEach((reward, i) => {
    data.rewards[i] = -reward;
  });
  return data;
}

describe('NeuralFittedQ', () => {
  test.each([
    ['a target network that is copied', {}],
    ['one that follows', { targetRate: 0.1 }],
    ['the double estimator', { operator: 'double' }],
    ['sgd with momentum', { optimizer: 'sgd', momentum: 0.9, learningRate: 0.05 }],
    ['orthogonal first weights', { init: 'orthogonal' }],
    ['rprop over all rows', { optimizer: 'rprop', loss: 'mse', learningRate: 0.01 }],
    [
      'regressions made anew',
      { optimizer: 'rprop', loss: 'mse', learningRate: 0.01, restart: true, targetEvery: 80 },
    ],
  ] as const)('%s finds Q* of the chain', async (_, options) => {
    const learner = new NeuralFittedQ({ ...small, steps: 1200, ...options });
    const { steps, loss } = await learner.fit(chain());
    expect(steps).toBe(1200);
    expect(loss).toBeLessThan(0.01);
    expect(worst(learner.qValues(chain().states))).toBeLessThan(0.05);
    expect([...learner.act(chain().states)]).toEqual(new Array(10).fill(1));
  });

  test.each([
    ['momentum', 1, 'in [0, 1)'],
    ['weightDecay', -1, 'at least 0'],
    ['init', 'random', "one of 'fan_in', 'fan_avg', 'orthogonal', 'sparse'"],
    ['optimizer', 'adamw', "one of 'adam', 'rprop', 'sgd'"],
  ])('%s: %s is refused', (name, value, expected) => {
    expect(() => new NeuralFittedQ({ discount, [name]: value } as never)).toThrow(expected);
  });

  test('costs: the smallest is the best', async () => {
    const learner = new NeuralFittedQ({ ...small, steps: 800, minimize: true });
    await learner.fit(costs(chain()));
    expect(worst(learner.qValues(chain().states), -1)).toBeLessThan(0.05);
    expect([...learner.act(chain().states)]).toEqual(new Array(10).fill(1));
  });

  test('one step is the step of the op on the targets of the op', async () => {
    const data = chain();
    const learner = new NeuralFittedQ({ ...small, optimizer: 'rprop', steps: 1 });
    await learner.fit(data);
    const start = new NeuralFittedQ({ ...small, optimizer: 'rprop', steps: 1 });
    const { loss } = await start.fit(data);
    // The network before its first step, from the checkpoint's target network.
    const { target } = start.checkpoint();
    const weights = Object.fromEntries(
      target.weights.map(([name, values, shape]) => [name, new Tensor(values, [...shape])]),
    );
    const q = (x: Tensor<Float32Array>): Tensor<Float32Array> => {
      const rows = x.shape[0] as number;
      const args = { x, actions: new Int32Array(rows), target: new Float32Array(rows) };
      const call = { ...args, ...weights, outputs: ['qValues'] } as never;
      return (fittedQ.neuralFqiMlp<Float32Array>(call) as { qValues: Tensor<Float32Array> })
        .qValues;
    };
    const y = fittedQ.fqiTarget<Float32Array>({
      nextQValues: q(data.nextStates),
      rewards: data.rewards,
      terminated: data.terminated,
      gamma: discount,
    }).target.data;
    const own = q(data.states).data;
    const errors = Array.from(y, (value, i) => (own[2 * i + (i % 2)] as number) - value);
    const huber = (e: number): number => (Math.abs(e) < 1 ? (e * e) / 2 : Math.abs(e) - 0.5);
    const mean = errors.reduce((sum, e) => sum + huber(e), 0) / errors.length;
    expect(loss).toBeCloseTo(mean, 6);
    expect(learner.checkpoint()).toEqual(start.checkpoint());
  });

  test.each([{}, { targetRate: 0.01, operator: 'double' }, { optimizer: 'rprop', restart: true }])(
    'a checkpoint goes on to the same bits: %o',
    async (options) => {
      const make = (steps: number) =>
        new NeuralFittedQ({ ...small, targetEvery: 30, ...(options as object), steps });
      const whole = make(90);
      await whole.fit(chain());
      const first = make(45);
      await first.fit(chain());
      const second = make(45);
      second.resume(structuredClone(first.checkpoint()));
      await second.fit(chain());
      expect(second.steps).toBe(90);
      expect(second.checkpoint()).toEqual(whole.checkpoint());
    },
  );

  test('a stop keeps the steps made, from which it goes on', async () => {
    const whole = new NeuralFittedQ({ ...small, steps: 100_000 });
    const stop = new AbortController();
    const run = whole.fit(chain(), { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(run).rejects.toThrow('enough');
    expect(whole.steps).toBeGreaterThan(0);
    const again = new NeuralFittedQ({ ...small, steps: whole.steps });
    await again.fit(chain());
    expect(again.checkpoint()).toEqual(whole.checkpoint());
  });

  test('divergence names its step and keeps the parameters before it', async () => {
    const data = chain();
    const learner = new NeuralFittedQ({ ...small, steps: 120 });
    await learner.fit(data);
    const good = learner.checkpoint();
    data.rewards[3] = Number.NaN;
    await expect(learner.fit(data)).rejects.toThrow(/step 121 diverges.*those after step 120/);
    expect(learner.checkpoint()).toEqual(good);
    const wild = new NeuralFittedQ({ ...small, learningRate: 1e20, steps: 500, loss: 'mse' });
    await expect(wild.fit(chain())).rejects.toThrow(/diverges/);
    expect(wild.qValues(chain().states).data.every(Number.isFinite)).toBe(true);
  });

  test('reports progress at the end at least', async () => {
    const seen: (number | undefined)[][] = [];
    const learner = new NeuralFittedQ({ ...small, steps: 5 });
    await learner.fit(chain(), {
      onProgress: ({ iteration, total }) => seen.push([iteration, total]),
    });
    expect(seen.at(-1)).toEqual([5, 5]);
  });

  test('bad arguments', async () => {
    expect(() => new NeuralFittedQ({ discount: 2 })).toThrow(/discount is 2, expected in \[0, 1\]/);
    expect(() => new NeuralFittedQ({ discount, steps: 0 })).toThrow(/steps is 0/);
    expect(() => new NeuralFittedQ({ discount, targetRate: 0 })).toThrow(/targetRate is 0/);
    const learner = new NeuralFittedQ({ ...small, steps: 1 });
    expect(() => learner.qValues(chain().states)).toThrow(/has not been fitted/);
    await learner.fit(chain());
    const other = new fittedQ.TransitionDataset({ stateSize: 1, numActions: 2, capacity: 1 });
    await expect(learner.fit(other)).rejects.toThrow(/data is empty/);
    other.append({ states: [1], actions: [0], rewards: [0], nextStates: [1], terminated: [1] });
    await expect(learner.fit(other)).rejects.toThrow(/states of 1 and 2 actions, expected 6 and 2/);
  });

  test('a hint to the goal is its value for every action', () => {
    const sizes = { stateSize: numStates, numActions: 2 };
    const data = chain(4);
    data.append(hintToGoal([...oneHot(5), ...oneHot(4)], sizes, 0.5));
    expect(data.length).toBe(14);
    expect([...data.states.data.subarray(10 * numStates)]).toEqual(
      [5, 5, 4, 4].flatMap((state) => oneHot(state)),
    );
    expect([...data.actions.subarray(10)]).toEqual([0, 1, 0, 1]);
    expect([...data.rewards.subarray(10)]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect([...data.terminated.subarray(10)]).toEqual([1, 1, 1, 1]);
  });
});

describe("FittedQ with operator 'distributional'", () => {
  const options = { vMin: 0, vMax: 1, count: 21, hidden: [32], batchSize: 10, learningRate: 2e-2 };
  const make = () => new CategoricalRegressor({ ...options, epochs: 40 });

  test('means come close to Q*, and a resumed run to the same bits', async () => {
    const create = (iterations: number) =>
      new FittedQ({ discount, iterations, operator: 'distributional', regressor: make });
    const whole = create(10);
    const { iterations, changes } = await whole.fit(chain());
    expect(iterations).toBe(10);
    expect(changes.at(-1)).toBeLessThan(0.2);
    expect(worst(whole.qValues(chain().states))).toBeLessThan(0.08);
    const first = create(4);
    await first.fit(chain());
    const second = create(6);
    second.resume(structuredClone(first.checkpoint()));
    await second.fit(chain());
    expect(second.qValues(chain().states).data).toEqual(whole.qValues(chain().states).data);
  });

  test('a coin toss has two masses, not their mean', async () => {
    const data = new fittedQ.TransitionDataset({ stateSize: 1, numActions: 1, capacity: 2 });
    for (const reward of [0, 1]) {
      const ends = { nextStates: [0], terminated: [1] };
      data.append({ states: [1], actions: [0], rewards: [reward], ...ends });
    }
    const regressor = new CategoricalRegressor({ ...options, count: 3, epochs: 300 });
    const fqi = new FittedQ({
      discount,
      iterations: 2,
      operator: 'distributional',
      regressor: () => regressor,
    });
    await fqi.fit(data);
    const mass = [...regressor.predictDistribution(new Tensor(Float32Array.of(1), [1, 1])).data];
    expect(mass[0]).toBeCloseTo(0.5, 1);
    expect(mass[1]).toBeLessThan(0.05);
    expect(fqi.qValues(new Tensor(Float32Array.of(1), [1, 1])).data[0]).toBeCloseTo(0.5, 1);
  });

  test('weights of rows count', async () => {
    const data = new fittedQ.TransitionDataset({ stateSize: 1, numActions: 1, capacity: 2 });
    for (const [reward, weight] of [
      [0, 1],
      [1, 3],
    ] as const) {
      const row = { states: [1], actions: [0], rewards: [reward], nextStates: [0] };
      data.append({ ...row, terminated: [1], weights: [weight] });
    }
    const regressor = new CategoricalRegressor({ ...options, epochs: 400, learningRate: 5e-3 });
    await regressor.fit(data, data.rewards);
    expect(regressor.predict(new Tensor(Float32Array.of(1), [1, 1])).data[0]).toBeCloseTo(0.75, 1);
  });

  test('a regressor without distributions is refused', () => {
    const linear = { regressor: () => new LinearRegressor() } as never as {
      regressor: typeof make;
    };
    expect(() => new FittedQ({ discount, operator: 'distributional', ...linear })).toThrow(
      /regressor is of kind 'linear', which predicts no distributions, expected a Distributional/,
    );
    expect(() => new CategoricalRegressor({ vMin: 1, vMax: 1 })).toThrow(/vMax is 1/);
  });
});
