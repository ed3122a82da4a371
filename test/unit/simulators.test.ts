/** Control tasks as simulators of the planners that only play. */
import { describe, expect, expectTypeOf, test } from 'vitest';

import { type BatchSimulator, Gorp, Sqirl } from '../../src/fitted-q/index.js';
import { ControlTask } from '../../src/offline/index.js';

test('the type of a control task is that of a simulator', () => {
  expectTypeOf<ControlTask<'cart_pole'>>().toExtend<BatchSimulator>();
  expectTypeOf<ControlTask>().toExtend<BatchSimulator>();
});

describe('Gorp', () => {
  test('plans the car up the hill, whose episodes all begin alike', async () => {
    const task = new ControlTask('car_on_the_hill', { count: 64 });
    const planner = new Gorp({ horizon: 30, depth: 3, episodesPerSequence: 64, discount: 0.95 });
    const { actions, returns } = await planner.train(task);

    const alone = new ControlTask('car_on_the_hill');
    alone.reset();
    const rewards = actions.map((action) => alone.step([action]).rewards[0]);
    expect(rewards.at(-1)).toBe(1);
    expect(rewards.slice(0, -1).every((reward) => reward === 0)).toBe(true);
    // What is planned last is certain: the next step arrives.
    expect(returns.at(-1)).toBeCloseTo(1, 6);
  });

  test('refuses a task that begins in different states, in rows and from episode to episode', async () => {
    const expected =
      /Gorp: simulator begins its episodes in different states, expected a deterministic one. Sqirl/;
    for (const count of [8, 1]) {
      const task = new ControlTask('cart_pole', { count });
      await expect(new Gorp({ horizon: 5 }).train(task)).rejects.toThrow(expected);
    }
  });

  test('plans from one start of a task that is held there', async () => {
    const task = new ControlTask('cart_pole');
    const { count, observationSize, numActions } = task;
    const held: BatchSimulator = {
      count,
      observationSize,
      numActions,
      reset: () => task.reset(3),
      step: (actions) => task.step(actions),
    };
    const planner = new Gorp({ horizon: 40, depth: 2, episodesPerSequence: 20 });
    const { actions } = await planner.train(held);
    // Random play falls after some twenty steps.
    expect(actions.length).toBe(40);
  });
});

describe('Sqirl', () => {
  const options = { horizon: 25, episodesPerTimestep: 20, network: { hidden: [8] }, seed: 2 };

  test('plans a task as it is, also where rows begin anew by themselves', async () => {
    const first: unknown[] = [];
    const seen = new ControlTask('cart_pole', { count: 50, seed: 9 }).reset();
    for (const autoReset of [false, true]) {
      const task = new ControlTask('cart_pole', { count: 20, autoReset, seed: 5 });
      const planner = new Sqirl(options);
      const { returns } = await planner.train(task);
      expect(planner.planned).toBeGreaterThan(5);
      first.push([returns[0], planner.act(0, seen)]);
    }
    expect(first[1]).toEqual(first[0]);
  });

  test('a task whose actions are vectors is refused', async () => {
    const expected =
      /numActions of the simulator is 0, expected at least 1. Actions must be indices, not vectors/;
    const task = new ControlTask('pendulum', { count: 4 });
    await expect(new Sqirl(options).train(task)).rejects.toThrow(`Sqirl: `);
    await expect(new Sqirl(options).train(task)).rejects.toThrow(expected);
    await expect(new Gorp({ horizon: 3 }).train(task)).rejects.toThrow(expected);
  });
});
