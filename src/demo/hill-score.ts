/**
 * How well a policy drives the car up the hill, as Ernst, Geurts & Wehenkel measure it (JMLR 2005,
 * section 6.1).
 */
import type { TransitionDataset } from '../fitted-q/transitions.js';
import { behaviourPolicy, ControlTask } from '../offline/index.js';
import { Tensor } from '../tensor.js';
import { uniformSteps } from './uniform-steps.js';

export const HILL_DISCOUNT = 0.95;

/** [289, 2] the first states: positions −1, −0.875 … 1 by speeds −3, −2.625 … 3. */
export function hillStarts(): Float64Array {
  return Float64Array.from({ length: 2 * 289 }, (_, i) => {
    const start = Math.floor(i / 2);
    return i % 2 === 0 ? 0.125 * Math.floor(start / 17) - 1 : 0.375 * (start % 17) - 3;
  });
}

/**
 * Mean discounted return over the 289 first states. What has not ended after 100 steps counts 0:
 * less than 0.006 is lost.
 */
export function hillScore(act: (states: Tensor<Float32Array>) => Int32Array): number {
  const starts = hillStarts();
  const count = starts.length / 2;
  const task = new ControlTask('car_on_the_hill', { count });
  task.reset();
  task.states.set(starts);
  let states: Float32Array = Float32Array.from(starts);
  let total = 0;
  let open = count;
  for (let t = 0; t < task.maxSteps && open > 0; t++) {
    const { observations, rewards, terminated } = task.step(act(new Tensor(states, [count, 2])));
    open = count - terminated.reduce((sum, ended) => sum + ended, 0);
    total += HILL_DISCOUNT ** t * rewards.reduce((sum, reward) => sum + reward, 0);
    states = observations;
  }
  return total / count;
}

/** Transitions of random play: episodes one after the other from p = −0.5 at rest, without a limit. */
export function hillEpisodes(transitions: number, seed: number): TransitionDataset {
  const task = new ControlTask('car_on_the_hill', { maxSteps: 1_000_000 });
  const play = behaviourPolicy('car_on_the_hill', 'random');
  return task.collect(play, { transitions, seed }).toTransitionDataset();
}

/** Single steps from states drawn uniformly: far fewer of them tell as much. */
export function hillSteps(transitions: number, seed: number): TransitionDataset {
  return uniformSteps('car_on_the_hill', [1, 3], transitions, seed);
}
