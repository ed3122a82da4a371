import { FittedQ } from 'belfry/fitted-q';
import { OneStepFlowQ } from 'belfry/flow';
import {
  behaviourPolicy,
  ControlTask,
  normalizeObservations,
  type OfflineArrays,
  OfflineDataset,
} from 'belfry/offline';
import { expect, test } from 'vitest';

import { expectError } from './lib/expect.js';

/** Five rows: an episode that ends, one that is cut, one left open. */
function small(changes: Partial<OfflineArrays<Float32Array>> = {}): OfflineArrays<Float32Array> {
  return {
    observations: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    actions: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5),
    rewards: Float32Array.of(1, 2, 3, 4, 5),
    nextObservations: Float32Array.of(2, 3, 0, 0, 6, 7, 0, 0, 1, 1),
    terminated: Uint8Array.of(0, 1, 0, 0, 0),
    truncated: Uint8Array.of(0, 0, 0, 1, 0),
    ...changes,
  };
}

test('sizes, episodes and returns follow from the arrays', () => {
  const data = new OfflineDataset(small());
  expect(data).toMatchObject({ length: 5, observationSize: 2, actionSize: 1, numActions: 0 });
  expect(Array.from(data.episodeStarts)).toEqual([0, 2, 4]);
  expect(data.episode(1)).toEqual({ begin: 2, end: 4 });
  expect(Array.from(data.returns())).toEqual([3, 7, 5]);
  const indices = new OfflineDataset({ ...small(), actions: Int32Array.of(0, 1, 3, 1, 0) });
  expect(indices).toMatchObject({ actionSize: 0, numActions: 4 });
});

test('bad data is refused with its array and its row', () => {
  const make =
    (changes: Partial<OfflineArrays<Float32Array>>, options = {}) =>
    () =>
      new OfflineDataset(small(changes), options);
  expectError(make({ rewards: new Float32Array(0) }), 'BELFRY_BAD_SHAPE', /rewards is empty/);
  expectError(
    make({ observations: new Float32Array(9) }),
    'BELFRY_BAD_SHAPE',
    /observations has length 9, expected a multiple of 5/,
  );
  expectError(
    make({ nextObservations: new Float32Array(8) }),
    'BELFRY_BAD_SHAPE',
    /nextObservations has length 8, expected 10 \(5 rows of 2\)/,
  );
  expectError(make({ terminated: new Uint8Array(4) }), 'BELFRY_BAD_SHAPE', /terminated/);
  const observations = small().observations;
  observations[7] = Number.NaN;
  expectError(
    make({ observations }),
    'BELFRY_BAD_VALUE',
    /observations holds NaN in row 3, column 1/,
  );
  const rewards = Float32Array.of(0, 0, Number.POSITIVE_INFINITY, 0, 0);
  expectError(make({ rewards }), 'BELFRY_BAD_VALUE', /rewards holds Infinity in row 2/);
  const actions = Float32Array.of(0, 0, 0, 2, 0);
  expectError(make({ actions }), 'BELFRY_BAD_VALUE', /actions holds 2 in row 3.*\[-1, 1\]/);
  expect(make({ actions }, { actionLimit: 2 })().actionLimit).toBe(2);
  const indices = { ...small(), actions: Int32Array.of(0, 1, 3, 1, 0) };
  expectError(
    () => new OfflineDataset(indices, { numActions: 3 }),
    'BELFRY_BAD_VALUE',
    /actions holds 3 in row 2, expected an index in \[0, 3\)/,
  );
  expectError(make({}, { limit: 1 }), 'BELFRY_INVALID_ARGUMENT', /limit is not an option/);
});

test('rewards are tuned by the episodes of the data set', () => {
  const data = new OfflineDataset(small());
  const { rewards } = data.rewardTuning('normalize');
  const std = Math.sqrt(10 / 4);
  rewards.forEach((r, i) => expect(r).toBeCloseTo((i + 1 - 3) / std, 5));
  // Returns of the whole episodes are 3 and 7.
  data
    .rewardTuning('iqlLocomotion')
    .rewards.forEach((r, i) => expect(r).toBeCloseTo(250 * (i + 1), 3));
  expect(data.rewards[0]).toBe(1);
  expectError(
    () => data.rewardTuning('normalise' as never),
    'BELFRY_INVALID_ARGUMENT',
    /"normalize"/,
  );
});

test('observations are normalised by statistics that JSON keeps', () => {
  const data = new OfflineDataset(small());
  const statistics = JSON.parse(JSON.stringify(data.statistics()));
  expect(statistics.mean).toEqual([4, 5]);
  for (const std of statistics.std) expect(std).toBeCloseTo(Math.sqrt(8) + 1e-3, 9);
  const normal = data.normalize(statistics);
  expect(normal.observations[0]).toBeCloseTo(-4 / statistics.std[0], 6);
  expect(normal.nextObservations[1]).toBeCloseTo(-2 / statistics.std[1], 6);
  expect(normalizeObservations(data.observations, statistics)).toEqual(normal.observations);
  expectError(
    () => normalizeObservations(new Float32Array(3), statistics),
    'BELFRY_BAD_SHAPE',
    /statistics/,
  );
});

test('a split keeps episodes whole and loses nothing', () => {
  const task = new ControlTask('multi_goal', { count: 10 });
  const data = task.collect(behaviourPolicy('multi_goal', 'medium'), { transitions: 500 });
  const [train, held] = data.split({ fraction: 0.75, seed: 3 });
  expect(train.length + held.length).toBe(500);
  expect(train.numEpisodes + held.numEpisodes).toBe(data.numEpisodes);
  expect(train.numEpisodes).toBe(Math.round(0.75 * data.numEpisodes));
  const sorted = (...all: OfflineDataset[]) => all.flatMap((d) => [...d.returns()]).sort();
  expect(sorted(train, held)).toEqual(sorted(data));
  expect(data.split({ fraction: 0.75, seed: 3 })[1].observations).toEqual(held.observations);
  expectError(() => data.split({ fraction: 1 }), 'BELFRY_INVALID_ARGUMENT', /fraction is 1/);
});

test('the open end of a data set stays an end', () => {
  const data = new OfflineDataset(small());
  const joined = data.append(data);
  expect(joined.length).toBe(10);
  expect(Array.from(joined.returns())).toEqual([3, 7, 5, 3, 7, 5]);
  const [a, b] = data.split({ fraction: 0.5 });
  expect([...a.returns(), ...b.returns()].sort()).toEqual([3, 5, 7]);
  const other = new OfflineDataset({
    ...small(),
    observations: new Float32Array(15),
    nextObservations: new Float32Array(15),
  });
  expectError(
    () => data.append(other),
    'BELFRY_BAD_SHAPE',
    /other has observationSize 3, expected 2/,
  );
});

test('samples are rows, the same for a seed, into given arrays', () => {
  const data = new OfflineDataset(small());
  const batch = data.sample(64, { seed: 1 });
  batch.rewards.forEach((reward, i) => {
    const row = reward - 1;
    expect(batch.actions[i]).toBe(data.actions[row]);
    expect(batch.observations.slice(2 * i, 2 * i + 2)).toEqual(
      data.observations.slice(2 * row, 2 * row + 2),
    );
    expect(batch.terminated[i]).toBe(data.terminated[row]);
  });
  expect(new Set(batch.rewards).size).toBe(5);
  const again = data.sample(64, { seed: 1, out: data.sample(64) });
  expect(again).toEqual(batch);
  expect(data.sample(64).rewards).not.toEqual(batch.rewards);
  expectError(() => data.sample(-1), 'BELFRY_INVALID_ARGUMENT', /count is -1/);
});

test('learners take a data set as it is', async () => {
  const pendulum = new ControlTask('pendulum', { count: 8 });
  const data = pendulum.collect(behaviourPolicy('pendulum', 'mixed'), { transitions: 400 });
  const learner = new OneStepFlowQ(data, { hidden: [16, 16] });
  const losses = await learner.train(data, { steps: 2, batchSize: 32 });
  expect(losses?.criticLoss).toBeGreaterThan(0);

  const hill = new ControlTask('car_on_the_hill', { count: 8 });
  const discrete = hill.collect(behaviourPolicy('car_on_the_hill', 'random'), { transitions: 400 });
  const transitions = discrete.toTransitionDataset();
  expect(transitions.length).toBe(400);
  expect(transitions.numActions).toBe(2);
  expect(transitions.states.data).toEqual(discrete.observations);
  expect(transitions.truncated).toEqual(discrete.truncated);
  expect(typeof FittedQ).toBe('function');
  expectError(() => data.toTransitionDataset(), 'BELFRY_BAD_DTYPE', /actions are vectors/);
});
