/** Data that cover a task: single steps of random play from everywhere. */
import { RandomStream } from '../fitted-q/random-stream.js';
import { TransitionDataset } from '../fitted-q/transitions.js';
import { ControlTask, type DiscreteControlTask } from '../offline/index.js';

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
  const random = new RandomStream(seed);
  const task = new ControlTask(name, { count: transitions });
  const { numActions, observationSize: stateSize } = task;
  task.reset();
  task.states.forEach((_, i, states) => {
    states[i] = (ranges[i % stateSize] as number) * (2 * random.next() - 1);
  });
  const states = Float32Array.from(task.states);
  const actions = Int32Array.from({ length: transitions }, () => random.integer(numActions));
  const { observations: nextStates, rewards, terminated } = task.step(actions);
  const data = new TransitionDataset({ stateSize, numActions, capacity: transitions });
  data.append({ states, actions, rewards, nextStates, terminated });
  return data;
}
