/** Data that cover a task: single steps of random play from everywhere. */
import { TransitionDataset } from 'belfry/fitted-q';
import { ControlTask, type DiscreteControlTask } from 'belfry/offline';

import { integer, seeded } from './random.js';

/**
 * Single steps from states uniform in ±`ranges`, with random actions. Of tasks that show their state
 * as it is.
 */
export function uniformSteps(
  name: DiscreteControlTask,
  ranges: readonly number[],
  transitions: number,
  seed: number,
): TransitionDataset {
  const random = seeded(seed);
  const task = new ControlTask(name, { count: transitions });
  const { numActions, observationSize: stateSize } = task;
  task.reset();
  task.states.forEach((_, i, states) => {
    states[i] = ranges[i % stateSize]! * (2 * random() - 1);
  });
  const states = Float32Array.from(task.states);
  const actions = Int32Array.from({ length: transitions }, () => integer(random, numActions));
  const { observations: nextStates, rewards, terminated } = task.step(actions);
  const data = new TransitionDataset({ stateSize, numActions, capacity: transitions });
  data.append({ states, actions, rewards, nextStates, terminated });
  return data;
}
