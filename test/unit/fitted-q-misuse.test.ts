/** Classes of `belfry/fitted-q` in the hands of someone in a hurry. */
import { Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';
import {
  type BatchSimulator,
  batchSimulator,
  CategoricalRegressor,
  FittedQ,
  type FittedQOptions,
  Gorp,
  hintToGoal,
  KernelRegressor,
  LinearFqi,
  LinearRegressor,
  Lspi,
  NeuralFittedQ,
  NeuralRegressor,
  Sqirl,
  type TransitionChunk,
  TransitionDataset,
  TreeRegressor,
} from '../../src/fitted-q/index.js';
import { NoiseSource } from '../../src/flow/noise.js';
import { failureOf } from './lib/failure.js';

const noise = new NoiseSource(4);
const draws = (n: number): Float32Array => Float32Array.from({ length: n }, () => noise.uniform());
const count = 24;

function chunk(changed: object = {}): TransitionChunk {
  return {
    states: draws(2 * count),
    actions: Int32Array.from({ length: count }, (_, i) => i % 3),
    rewards: draws(count),
    nextStates: draws(2 * count),
    terminated: new Uint8Array(count),
    ...changed,
  };
}

function dataset(changed: object = {}): TransitionDataset {
  const data = new TransitionDataset({ stateSize: 2, numActions: 3, capacity: 100 });
  data.append(chunk(changed));
  return data;
}

describe('TransitionDataset', () => {
  const filled = (value: unknown, at = 5): unknown[] => {
    const array: unknown[] = new Array(count).fill(0);
    array[at] = value;
    return array;
  };
  test.each([
    [
      'NaN',
      { states: draws(2 * count).fill(Number.NaN, 3, 4) },
      /states holds NaN in row 1, column 1/,
    ],
    ['too large for float32', { rewards: filled(1e39) }, /rewards holds 1e\+39 in row 5/],
    ['text', { rewards: filled('1') }, /rewards holds 1 in row 5/],
    ['half a flag', { terminated: filled(0.5) }, /terminated holds 0.5 in row 5/],
    ['a flag that wraps to 0', { terminated: filled(256) }, /terminated holds 256 in row 5/],
    ['a flag of a cut', { truncated: filled(-1) }, /truncated holds -1 in row 5/],
    ['a weight below 0', { weights: filled(-1) }, /weights holds -1 at 5/],
    ['an action', { actions: filled(3) }, /actions holds 3 at 5/],
    ['ragged rows', { states: draws(2 * count - 1) }, /states has length 47, expected 48/],
    ['no states', { states: undefined }, /states is missing/],
    ['no rewards', { rewards: null }, /rewards is missing/],
    ['no actions', { actions: undefined }, /actions is missing/],
    ['a name misspelt', { truncatd: filled(0) }, /truncatd is not an option.*"truncated"/],
  ])('%s: nothing is appended', async (_, changed, named) => {
    const data = dataset();
    const [code, message] = await failureOf(() => data.append(chunk(changed)));
    expect(code).toMatch(/^BELFRY_/);
    expect(message).toMatch(named);
    expect(data.length).toBe(count);
  });

  test('more than memory holds, and nothing at all', async () => {
    const sizes = { stateSize: 2, numActions: 3, capacity: 1e15 };
    expect((await failureOf(() => new TransitionDataset(sizes)))[0]).toBe('BELFRY_OUT_OF_MEMORY');
    const none = await failureOf(() => new TransitionDataset(undefined as never));
    expect(none[0]).toBe('BELFRY_INVALID_ARGUMENT');
    const ragged = await failureOf(() => hintToGoal([1, 2, 3], { stateSize: 2, numActions: 2 }));
    expect(ragged[1]).toMatch(/goals has length 3, expected a multiple of 2/);
  });

  test('flags may be booleans', () => {
    expect(dataset({ terminated: new Array(count).fill(true) }).terminated[3]).toBe(1);
  });
});

const regressors = {
  TreeRegressor: () => new TreeRegressor({ numTrees: 3 }),
  'TreeRegressor by action': () => new TreeRegressor({ numTrees: 3, perAction: true }),
  KernelRegressor: () => new KernelRegressor(),
  LinearRegressor: () => new LinearRegressor(),
  NeuralRegressor: () => new NeuralRegressor({ hidden: [8], batchSize: 8 }),
  CategoricalRegressor: () => new CategoricalRegressor({ vMin: 0, vMax: 5, hidden: [8] }),
};

describe.each(Object.entries(regressors))('FittedQ with %s', (_, regressor) => {
  const make = (options: object = {}) =>
    new FittedQ({ discount: 0.9, iterations: 2, regressor, ...options } as FittedQOptions);

  test('one fit at a time', async () => {
    const [one, alone] = [make(), make()];
    const data = dataset();
    const first = one.fit(data);
    const [code, message] = await failureOf(() => one.fit(data));
    expect([code, message]).toEqual(['BELFRY_BUFFER_IN_USE', expect.stringMatching(/FittedQ.fit/)]);
    await first;
    await alone.fit(data);
    expect(one.checkpoint()).toEqual(alone.checkpoint());
  });

  test('states are a matrix, or as many numbers in a row', async () => {
    const one = make();
    await one.fit(dataset());
    const states = draws(8);
    const values = one.qValues(new Tensor(states, [4, 2]));
    expect(values.shape).toEqual([4, 3]);
    expect(one.qValues(states)).toEqual(values);
    expect(one.qValues({ data: states, dims: [4, 2] })).toEqual(values);
    expect(one.act(states).length).toBe(4);
    for (const wrong of [draws(3), new Tensor(draws(6), [2, 3]), new Tensor(draws(6), [6])]) {
      const [code, message] = await failureOf(() => one.act(wrong));
      expect([code, message]).toEqual([
        'BELFRY_BAD_SHAPE',
        expect.stringMatching(/FittedQ.act: states/),
      ]);
    }
    expect((await failureOf(() => one.act([1, 2] as never)))[0]).toBe('BELFRY_BAD_DTYPE');
  });

  test('no data, and data of other sizes', async () => {
    const one = make();
    const empty = new TransitionDataset({ stateSize: 2, numActions: 3, capacity: 1 });
    expect((await failureOf(() => one.fit(empty)))[1]).toMatch(/FittedQ.fit: data is empty/);
    await one.fit(dataset());
    const narrow = new TransitionDataset({ stateSize: 1, numActions: 3, capacity: count });
    narrow.append(chunk({ states: draws(count), nextStates: draws(count) }));
    const [code, message] = await failureOf(() => one.fit(narrow));
    expect(code).toBe('BELFRY_BAD_SHAPE');
    expect(message).toMatch(/data has states of 1 and 3 actions, expected 2 and 3/);
  });

  test('rewards that are all 0 are no divergence', async () => {
    const { iterations } = await make().fit(dataset({ rewards: new Float32Array(count) }));
    expect(iterations).toBe(2);
  });

  test('the event loop has its turn, and a stop is heard', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 10);
    const fit = make({ iterations: 1e6 }).fit(dataset(), { signal: controller.signal });
    await expect(fit).rejects.toThrow('enough');
  });
});

describe('FittedQ', () => {
  const regressor = regressors.TreeRegressor;
  test.each([
    ['discount', undefined],
    ['discount', 2],
    ['operator', 'maxx'],
    ['iterations', Number.NaN],
    ['iterations', 1.5],
    ['tau', 0],
    ['lambda', 9],
    ['tolerance', -1],
    ['divergenceFactor', 0],
    ['policy', 3],
    ['regressor', regressor()],
    ['regressor', () => undefined],
  ])('%s = %o is refused by its name', async (option, value) => {
    const options = { discount: 0.9, regressor, [option]: value } as FittedQOptions;
    const [code, message] = await failureOf(() => new FittedQ(options));
    expect(code).toBe('BELFRY_INVALID_ARGUMENT');
    expect(message).toContain(`FittedQ: ${option} `);
  });

  test('a network whose training is not finite is not kept', async () => {
    const wild = { hidden: [8], learningRate: 3e38 };
    const one = new FittedQ({
      discount: 0.9,
      iterations: 1,
      regressor: () => new NeuralRegressor(wild),
    });
    const [code, message] = await failureOf(() => one.fit(dataset()));
    expect([code, message]).toEqual([
      'BELFRY_BAD_VALUE',
      expect.stringMatching(/NeuralRegressor.*diverges/),
    ]);
    expect((await failureOf(() => one.qValues(draws(2))))[1]).toMatch(/has not been fitted/);
  });

  test('a checkpoint of other networks is refused', async () => {
    const withHidden = (hidden: number[]) =>
      new FittedQ({
        discount: 0.9,
        iterations: 1,
        regressor: () => new NeuralRegressor({ hidden }),
      });
    const one = withHidden([8]);
    await one.fit(dataset());
    for (const hidden of [[16], [8, 8], []]) {
      const [code] = await failureOf(() => withHidden(hidden).resume(one.checkpoint()));
      expect(code).toBe('BELFRY_BAD_SHAPE');
    }
    const broken = { ...one.checkpoint(), sizes: undefined as never };
    expect((await failureOf(() => withHidden([8]).resume(broken)))[0]).toBe(
      'BELFRY_INVALID_ARGUMENT',
    );
  });
});

test.each([
  ['TreeRegressor', { minRows: 0 }, () => TreeRegressor],
  ['TreeRegressor', { tried: 'some' }, () => TreeRegressor],
  ['TreeRegressor', { seed: 1.5 }, () => TreeRegressor],
  ['TreeRegressor', { freezeStructure: 1 }, () => TreeRegressor],
  ['KernelRegressor', { bandwidth: 0 }, () => KernelRegressor],
  ['KernelRegressor', { neighbours: 1.5 }, () => KernelRegressor],
  ['LinearRegressor', { ridge: Number.NaN }, () => LinearRegressor],
  ['CategoricalRegressor', { vMin: Number.NaN, vMax: 1 }, () => CategoricalRegressor],
  ['CategoricalRegressor', { vMax: Number.POSITIVE_INFINITY, vMin: 0 }, () => CategoricalRegressor],
  ['NeuralRegressor', { epochs: 0 }, () => NeuralRegressor],
  ['Lspi', { discount: undefined }, () => Lspi],
  ['Lspi', { maxIterations: 0, discount: 0.9 }, () => Lspi],
  ['LinearFqi', { discount: 2 }, () => LinearFqi],
])('%s: %o is refused by the name that the class has for it', async (name, options, of) => {
  const Class = of() as new (options: object) => unknown;
  const [code, message] = await failureOf(() => new Class(options));
  expect(code).toBe('BELFRY_INVALID_ARGUMENT');
  expect(message).toContain(`${name}: ${Object.keys(options)[0]} is `);
});

describe('NeuralFittedQ', () => {
  const make = (options: object = {}) =>
    new NeuralFittedQ({ discount: 0.9, steps: 40, hidden: [8], batchSize: 8, ...options });

  test('one fit at a time', async () => {
    const [one, alone] = [make({ steps: 2000 }), make({ steps: 2000 })];
    const data = dataset();
    const first = one.fit(data);
    for (const work of [() => one.fit(data), () => one.resume({} as never)]) {
      expect((await failureOf(work))[0]).toBe('BELFRY_BUFFER_IN_USE');
    }
    await first;
    await alone.fit(data);
    expect(one.checkpoint()).toEqual(alone.checkpoint());
  });

  test('a checkpoint of other networks is refused, and nothing has changed', async () => {
    const one = make();
    await one.fit(dataset());
    for (const hidden of [[16], [8, 8], []]) {
      const other = make({ hidden });
      await other.fit(dataset());
      const before = other.checkpoint();
      const [code, message] = await failureOf(() => other.resume(one.checkpoint()));
      expect([code, message]).toEqual([
        'BELFRY_BAD_SHAPE',
        expect.stringMatching(/NeuralFittedQ.resume/),
      ]);
      expect(other.checkpoint()).toEqual(before);
    }
    expect((await failureOf(() => one.resume({} as never)))[0]).toBe('BELFRY_INVALID_ARGUMENT');
  });

  test('rewards that are all 0 do not diverge without a discount', async () => {
    const { steps } = await make({ discount: 1 }).fit(
      dataset({ rewards: new Float32Array(count) }),
    );
    expect(steps).toBe(40);
  });

  test.each([
    ['hidden', 8],
    ['hidden', [0]],
    ['learningRate', -1],
    ['maxGradNorm', -1],
    ['seed', 1.5],
    ['operator', 'triple'],
    ['discount', undefined],
  ])('%s = %o is refused by its name', async (option, value) => {
    const [code, message] = await failureOf(() => make({ [option]: value }));
    expect(code).toBe('BELFRY_INVALID_ARGUMENT');
    expect(message).toContain(`NeuralFittedQ: ${option} is `);
  });
});

describe('simulators', () => {
  const walk = (changed: object = {}): BatchSimulator => {
    const count = 8;
    const observations = new Float32Array(count).fill(1);
    const rewards = new Float32Array(count).fill(1);
    const step = () => ({ observations, rewards, terminated: new Uint8Array(count), ...changed });
    return { count, observationSize: 1, numActions: 2, reset: () => observations, step };
  };
  const planners = {
    Sqirl: () => new Sqirl({ horizon: 3, episodesPerTimestep: 8, network: { hidden: [4] } }),
    Gorp: () => new Gorp({ horizon: 3, episodesPerSequence: 4 }),
  };
  test.each(Object.entries(planners))('%s names what is not finite', async (name, make) => {
    const bad = new Float32Array(8).fill(Number.NaN, 2, 3);
    for (const what of ['rewards', 'observations']) {
      const planner = make();
      const [code, message] = await failureOf(() => planner.train(walk({ [what]: bad })));
      expect(code).toBe('BELFRY_BAD_VALUE');
      expect(message).toMatch(new RegExp(`${name}: ${what} of simulator.step holds NaN in row 2`));
      expect(planner.planned).toBe(0);
    }
  });

  test.each(Object.entries(planners))(
    '%s does not look at what comes after an end',
    async (_, make) => {
      const ended = { terminated: new Uint8Array(8).fill(1) };
      const observations = new Float32Array(8).fill(Number.NaN);
      await make().train(walk({ ...ended, observations }));
    },
  );

  test.each(Object.entries(planners))('%s plans once at a time', async (_, make) => {
    const planner = make();
    const first = planner.train(walk());
    expect((await failureOf(() => planner.train(walk())))[0]).toBe('BELFRY_BUFFER_IN_USE');
    expect((await failureOf(() => planner.resume({} as never)))[0]).toBe('BELFRY_BUFFER_IN_USE');
    await first;
    expect(planner.planned).toBe(3);
  });

  test('episodes of single environments may be cut', () => {
    const single = { observationSize: 1, numActions: 2, reset: () => [0] };
    let steps = 0;
    const step = () => ({ observation: [++steps], reward: 1, terminated: false, truncated: true });
    const simulator = batchSimulator(() => ({ ...single, step }), 2);
    simulator.reset();
    expect(simulator.step(new Int32Array(2)).truncated).toEqual(Uint8Array.of(1, 1));
    simulator.step(new Int32Array(2));
    expect(steps).toBe(2);
    simulator.reset();
    simulator.step(new Int32Array(2));
    expect(steps).toBe(4);
  });

  test('an observation of another length is refused', async () => {
    const step = () => ({ observation: [1], reward: 1, terminated: false });
    const make = () => ({ observationSize: 2, numActions: 2, reset: () => [0, 0], step });
    const simulator = batchSimulator(make, 2);
    simulator.reset();
    const [code, message] = await failureOf(() => simulator.step(new Int32Array(2)));
    expect([code, message]).toEqual([
      'BELFRY_BAD_SHAPE',
      expect.stringMatching(/environment 0 has length 1/),
    ]);
  });

  test('a checkpoint of SQIRL with other networks is refused', async () => {
    const make = (depth: number, hidden: number[]) =>
      new Sqirl({ horizon: 2, depth, episodesPerTimestep: 8, network: { hidden } });
    const one = make(1, [4]);
    await one.train(walk());
    for (const other of [make(2, [4]), make(1, [5]), make(1, [4, 4])]) {
      expect((await failureOf(() => other.resume(one.checkpoint())))[0]).toBe('BELFRY_BAD_SHAPE');
      expect(other.planned).toBe(0);
    }
    expect((await failureOf(() => one.act(0, [])))[0]).toBe('');
  });
});
