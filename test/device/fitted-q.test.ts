/** Q-networks on a GPU against the same on the CPU. */
import { Engine } from 'belfry';
import { describe, expect, test } from 'vitest';
import {
  CategoricalRegressor,
  FittedQ,
  NeuralFittedQ,
  type NeuralFittedQOptions,
  NeuralRegressor,
  Sqirl,
} from '../../src/fitted-q/index.js';
import { Tensor } from '../../src/tensor.js';
import { chain, corridors, discount, numStates, oneHot } from '../unit/lib/chain.js';
import { furthest } from '../unit/lib/expect.js';

const onGpu = { engine: new Engine({ device: 'cuda' }) };
const states = new Tensor(
  Float32Array.from(Array.from({ length: numStates }, (_, s) => oneHot(s)).flat()),
  [numStates, numStates],
);
const small = { discount, hidden: [8, 8], batchSize: 6, learningRate: 1e-2, seed: 4 } as const;

const ways: [string, Partial<NeuralFittedQOptions>][] = [
  ['adam with a copied target', { targetEvery: 2 }],
  ['double Q with a target that follows', { operator: 'double', targetRate: 0.1 }],
  ['rprop from new weights', { optimizer: 'rprop', targetEvery: 2, restart: true }],
];

describe.each(ways)('NeuralFittedQ: %s', (_, options) => {
  const make = (where: object) => new NeuralFittedQ({ ...small, ...options, steps: 5, ...where });

  test('five steps on the GPU are those on the CPU, to rounding', async () => {
    const [gpu, cpu] = [make(onGpu), make({})];
    const reports = await Promise.all([gpu, cpu].map((one) => one.fit(chain())));
    expect(Math.abs((reports[0]?.loss ?? 1) - (reports[1]?.loss ?? 0))).toBeLessThan(1e-4);
    expect(furthest(gpu.qValues(states).data, cpu.qValues(states).data)).toBeLessThan(1e-4);
    expect(gpu.act(states)).toEqual(cpu.act(states));
  });

  test('goes on from a checkpoint with the same bits, on the CPU too', async () => {
    const first = make(onGpu);
    await first.fit(chain());
    const checkpoint = structuredClone(first.checkpoint());
    await first.fit(chain());
    const second = make(onGpu);
    second.resume(checkpoint);
    await second.fit(chain());
    expect(second.checkpoint()).toEqual(first.checkpoint());
    const onCpu = make({});
    onCpu.resume(checkpoint);
    await onCpu.fit(chain());
    expect(furthest(onCpu.qValues(states).data, first.qValues(states).data)).toBeLessThan(1e-4);
  });
});

test('NeuralFittedQ falls back to the last good parameters when it diverges', async () => {
  const learner = new NeuralFittedQ({ ...small, ...onGpu, steps: 5 });
  await learner.fit(chain());
  const good = learner.checkpoint();
  const data = chain();
  data.rewards.fill(Number.NaN);
  await expect(learner.fit(data)).rejects.toThrow('The parameters are those after step 5.');
  expect(learner.checkpoint()).toEqual(good);
  learner.dispose();
  expect(() => learner.qValues(states)).toThrow('has not been fitted');
});

test.each([
  ['NeuralRegressor', (where: object) => new NeuralRegressor({ ...network, ...where })],
  [
    'CategoricalRegressor',
    (where: object) =>
      new CategoricalRegressor({ ...network, vMin: 0, vMax: 1, count: 5, ...where }),
  ],
])('%s in fitted-Q iteration', async (_, make) => {
  const [gpu, cpu] = [make(onGpu), make({})];
  for (const regressor of [gpu, cpu]) {
    await new FittedQ({ regressor: () => regressor, discount, iterations: 2 }).fit(chain());
  }
  expect(furthest(gpu.predict(states).data, cpu.predict(states).data)).toBeLessThan(1e-4);
  const again = make(onGpu);
  again.load(structuredClone(gpu.save()));
  expect(again.predict(states).data).toEqual(gpu.predict(states).data);
  gpu.dispose();
  expect(() => gpu.predict(states)).toThrow('has not been fitted');
});

const network = { hidden: [8], batchSize: 5, epochs: 2, learningRate: 1e-2 };

const corridor = () => corridors(8);

test('Sqirl plans on the GPU what it plans on the CPU', async () => {
  const make = (where: object) =>
    new Sqirl({
      ...{ horizon: 2, depth: 2, episodesPerTimestep: 16, seed: 2 },
      network: { ...network, ...where },
    });
  const [gpu, cpu] = [make(onGpu), make({})];
  const plans = await Promise.all([gpu, cpu].map((planner) => planner.train(corridor())));
  expect(plans[0]).toEqual(plans[1]);
  expect(gpu.act(0, states.data)).toEqual(cpu.act(0, states.data));
  const again = make(onGpu);
  again.resume(structuredClone(gpu.checkpoint()));
  expect(again.act(1, states.data)).toEqual(gpu.act(1, states.data));
  for (const planner of [gpu, again]) planner.dispose();
  expect(gpu.planned).toBe(0);
});

test('what is no engine is refused by name', () => {
  const engine = 'cuda' as never;
  expect(() => new NeuralFittedQ({ discount, engine })).toThrow(
    'NeuralFittedQ: engine is "cuda", expected an Engine.',
  );
  expect(() => new NeuralRegressor({ engine })).toThrow('NeuralRegressor: engine is "cuda"');
});
