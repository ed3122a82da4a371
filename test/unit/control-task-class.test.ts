/** The class around the control tasks: resets, time limits, rollouts, evaluation, policies. */
import {
  behaviourPolicy,
  type ControlPolicy,
  ControlTask,
  controlTaskNames,
  mixedPolicy,
  multiGoalPolicy,
  multiGoals,
  noisyPolicy,
  pendulumPolicy,
  randomPolicy,
} from 'belfry/offline';
import { expect, test } from 'vitest';

import { expectError } from './lib/expect.js';

const still: ControlPolicy = (_, actions) => {
  actions.fill(0);
};

test('sizes and limits are those of Gymnasium', () => {
  const sizes = controlTaskNames.map((name) => {
    const { observationSize, actionSize, numActions, maxSteps } = new ControlTask(name);
    return [name, observationSize, actionSize, numActions, maxSteps];
  });
  expect(sizes).toEqual([
    ['pendulum', 3, 1, 0, 200],
    ['mountain_car', 2, 0, 3, 200],
    ['mountain_car_continuous', 2, 1, 0, 999],
    ['cart_pole', 4, 0, 2, 500],
    ['acrobot', 6, 0, 3, 500],
    ['car_on_the_hill', 2, 0, 2, 100],
    ['multi_goal', 2, 2, 0, 30],
  ]);
});

test('a row begins where it does in a task of its own seed, whatever the count', () => {
  const many = new ControlTask('cart_pole', { count: 9, seed: 4 });
  const few = new ControlTask('cart_pole', { count: 2, seed: 4 });
  for (let episode = 0; episode < 3; episode++) {
    expect(many.reset().slice(0, 8)).toEqual(few.reset());
  }
  const first = new ControlTask('cart_pole', { count: 2, seed: 4 }).reset().slice();
  expect(few.reset()).not.toEqual(first);
  expect(few.reset(4)).toEqual(first);
});

test('the result is one object, and a step reuses its arrays', () => {
  const task = new ControlTask('pendulum', { count: 3 });
  const first = task.step([0, 1, -1]);
  const { observations } = first;
  const before = observations.slice();
  const second = task.step([0, 1, -1]);
  expect(second).toBe(first);
  expect(second.observations).toBe(observations);
  expect(observations).not.toEqual(before);
});

test('without automatic reset rows that ended stand still', () => {
  const task = new ControlTask('cart_pole', { count: 2, seed: 1 });
  task.reset();
  task.states.set([2.39, 5, 0, 0], 0); // leaves the track at once
  const ended = task.step([1, 1]);
  expect(Array.from(ended.terminated)).toEqual([1, 0]);
  const seen = ended.observations.slice(0, 4);
  const after = task.step([1, 0]);
  expect(Array.from(after.rewards)).toEqual([0, 1]);
  expect(Array.from(after.terminated)).toEqual([1, 0]);
  expect(after.observations.slice(0, 4)).toEqual(seen);
  expect(Array.from(after.finalObservations.slice(0, 4))).toEqual(Array.from(seen));
  task.reset();
  expect(Array.from(task.step([1, 0]).terminated)).toEqual([0, 0]);
});

test('automatic reset shows the new episode, and the end of the old one apart', () => {
  const task = new ControlTask('multi_goal', { count: 2, seed: 1, autoReset: true, maxSteps: 3 });
  const starts = new ControlTask('multi_goal', { count: 2, seed: 1 });
  starts.reset();
  for (let t = 1; t <= 3; t++) {
    const { truncated } = task.step([0.5, 0, 0, 0.5]);
    expect(Array.from(truncated)).toEqual(t === 3 ? [1, 1] : [0, 0]);
  }
  expect(task.observations).toEqual(starts.reset());
  const { finalObservations } = task.step([0, 0, 0, 0]);
  expect(finalObservations).toEqual(task.observations);
});

test('the end of a time limit is kept in finalObservations', () => {
  const task = new ControlTask('multi_goal', { maxSteps: 1, autoReset: true });
  const start = task.reset().slice();
  const { finalObservations, observations } = task.step([0.5, 0]);
  expect(finalObservations[0]).toBeCloseTo(start[0]! + 0.5, 6);
  expect(Math.abs(observations[0]!)).toBeLessThan(0.45);
});

test('actions are scaled to the limit and clipped, or in the units of the task', () => {
  const scaled = new ControlTask('pendulum', { seed: 5 });
  const plain = new ControlTask('pendulum', { seed: 5, scaleActions: false });
  scaled.reset();
  plain.reset();
  expect(scaled.step([0.75]).observations).toEqual(plain.step([1.5]).observations);
  expect(scaled.step([3]).rewards).toEqual(plain.step([2]).rewards);
  const car = new ControlTask('mountain_car_continuous', { seed: 5 });
  expect(car.step([-7]).rewards[0]).toBeCloseTo(-0.1, 12);
});

test('wrong options and actions are named, and nothing has moved', () => {
  expectError(() => new ControlTask('pendulun' as never), 'BELFRY_INVALID_ARGUMENT', /"pendulum"/);
  expectError(
    () => new ControlTask('pendulum', { count: 0 }),
    'BELFRY_INVALID_ARGUMENT',
    /ControlTask: count is 0, expected an integer of at least 1/,
  );
  expectError(
    () => new ControlTask('pendulum', { coumt: 1 } as never),
    'BELFRY_INVALID_ARGUMENT',
    /"count"/,
  );
  const task = new ControlTask('acrobot', { count: 2 });
  const before = task.reset().slice();
  expectError(() => task.step([0]), 'BELFRY_BAD_SHAPE', /actions has length 1, expected 2/);
  expectError(() => task.step([0, 0.5]), 'BELFRY_BAD_VALUE', /holds 0.5 at 1/);
  expectError(() => task.step([0, 3]), 'BELFRY_BAD_VALUE', /actions/);
  expect(task.observations).toEqual(before);
  expectError(() => task.rollout(still, { steps: 0 }), 'BELFRY_INVALID_ARGUMENT', /steps is 0/);
});

test('a rollout is what its steps were', () => {
  const task = new ControlTask('mountain_car', { count: 3, seed: 2, maxSteps: 4 });
  task.reset();
  const rollout = task.rollout(behaviourPolicy('mountain_car', 'medium'), { steps: 6, seed: 3 });
  const again = new ControlTask('mountain_car', {
    count: 3,
    seed: 2,
    maxSteps: 4,
    autoReset: true,
  });
  again.reset();
  for (let t = 0; t < 6; t++) {
    const seen = again.observations.slice();
    const step = again.step([0, 1, 2].map((row) => rollout.actions[row * 6 + t]!));
    for (let row = 0; row < 3; row++) {
      const at = 2 * (row * 6 + t);
      const own = [2 * row, 2 * row + 2] as const;
      expect(rollout.observations.slice(at, at + 2)).toEqual(seen.slice(...own));
      expect(rollout.nextObservations.slice(at, at + 2)).toEqual(
        step.finalObservations.slice(...own),
      );
      expect(rollout.truncated[row * 6 + t]).toBe(Number(t === 3));
    }
  }
});

test('evaluation counts whole episodes, one number a row at a time', () => {
  const task = new ControlTask('cart_pole', { count: 4 });
  const alternate: ControlPolicy = (_, __, { steps }) => Array.from(steps, (t) => t % 2);
  const five = task.evaluate(alternate, { episodes: 5, seed: 6 });
  expect(five.returns.length).toBe(5);
  expect(Array.from(five.returns)).toEqual(Array.from(five.lengths)); // reward 1 a step
  expect(Math.min(...five.lengths)).toBeGreaterThan(5);
  expect(five.meanReturn).toBeCloseTo(five.returns.reduce((a, b) => a + b) / 5, 12);
  // Rows are independent: more episodes begin with these.
  const nine = task.evaluate(alternate, { episodes: 9, seed: 6 });
  expect(nine.returns.slice(0, 5)).toEqual(five.returns);
});

test('a data set has whole episodes in order, and the same for a seed', () => {
  const task = new ControlTask('multi_goal', { count: 7 });
  const policy = (): ControlPolicy => behaviourPolicy('multi_goal', 'medium');
  const data = task.collect(policy(), { transitions: 300, seed: 8 });
  expect(data.length).toBe(300);
  expect(data.numEpisodes).toBeGreaterThan(20);
  for (let row = 0; row + 1 < data.length; row++) {
    if (data.terminated[row] || data.truncated[row]) continue;
    const next = data.nextObservations.slice(2 * row, 2 * row + 2);
    expect(data.observations.slice(2 * row + 2, 2 * row + 4)).toEqual(next);
  }
  expect(data.terminated[299]! | data.truncated[299]!).toBe(1);
  const same = new ControlTask('multi_goal', { count: 7 }).collect(policy(), {
    transitions: 300,
    seed: 8,
  });
  expect(same.actions).toEqual(data.actions);
  expect(task.collect(policy(), { transitions: 300, seed: 9 }).actions).not.toEqual(data.actions);
});

test('the controllers do what they say', () => {
  const mean = (name: (typeof controlTaskNames)[number], level: 'random' | 'medium' | 'expert') =>
    new ControlTask(name, { count: 20 }).evaluate(behaviourPolicy(name, level), { episodes: 20 })
      .meanReturn;
  const least = {
    pendulum: -250,
    mountain_car: -150,
    mountain_car_continuous: 90,
    cart_pole: 500,
    acrobot: -120,
    car_on_the_hill: 1,
    multi_goal: -160,
  };
  for (const name of controlTaskNames) {
    expect(mean(name, 'expert'), name).toBeGreaterThanOrEqual(least[name]);
    expect(mean(name, 'expert'), name).toBeGreaterThanOrEqual(mean(name, 'medium') - 5);
    expect(mean(name, 'medium'), name).toBeGreaterThan(mean(name, 'random'));
  }
});

test('the multi-goal policy has four modes, between which a mean stands still', () => {
  const task = new ControlTask('multi_goal', { count: 400 });
  const data = task.collect(multiGoalPolicy(), { transitions: 400 * 10 });
  const firsts = Array.from(data.episodeStarts, (row) => [
    data.actions[2 * row]!,
    data.actions[2 * row + 1]!,
  ]);
  const meanOf = (i: number): number => firsts.reduce((sum, a) => sum + a[i]!, 0) / firsts.length;
  for (const i of [0, 1]) expect(Math.abs(meanOf(i))).toBeLessThan(0.06);
  for (const a of firsts) expect(Math.hypot(...a)).toBeCloseTo(0.5, 5);
  const share = multiGoals.map(
    ([x, y]) => firsts.filter((a) => a[0]! * x + a[1]! * y > 2).length / firsts.length,
  );
  for (const part of share) expect(part).toBeCloseTo(0.25, 0.9);
  // The mean action never reaches a goal.
  const clone = task.evaluate((_, actions) => void actions.fill(0), { seed: 1 });
  expect(clone.terminated.every((ended) => ended === 0)).toBe(true);
});

test('policies combine', () => {
  const task = new ControlTask('pendulum', { count: 60 });
  const swing = task.collect(pendulumPolicy(), { transitions: 60 * 20, seed: 1 });
  const noisy = task.collect(noisyPolicy(pendulumPolicy(), 0.3), { transitions: 60 * 20, seed: 1 });
  expect(noisy.actions).not.toEqual(swing.actions);
  expect(Math.max(...noisy.actions)).toBe(1);
  const halves = mixedPolicy([still, randomPolicy()]);
  const mixed = task.collect(halves, { transitions: 60 * 20, seed: 1 });
  let numStill = 0;
  for (let row = 0; row < 60; row++) {
    const own = mixed.actions.slice(row * 20, (row + 1) * 20);
    const zeros = own.filter((a) => a === 0).length;
    expect([0, 20]).toContain(zeros);
    numStill += Number(zeros === 20);
  }
  expect(numStill).toBeGreaterThan(15);
  expect(numStill).toBeLessThan(45);
  expectError(() => noisyPolicy(still, -1), 'BELFRY_INVALID_ARGUMENT', /level is -1/);
  expectError(() => mixedPolicy([]), 'BELFRY_INVALID_ARGUMENT', /policies is empty/);
  expectError(
    () => behaviourPolicy('pendulum', 'best' as never),
    'BELFRY_INVALID_ARGUMENT',
    /level is best/,
  );
});
