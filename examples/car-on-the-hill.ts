/**
 * Fitted Q iteration with extremely randomised trees drives the car up the hill: the experiment of
 * Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 2005, section 5.3.
 */
import { pathToFileURL } from 'node:url';

import { Tensor } from 'belfry';
import { FittedQ, type TransitionDataset, TreeRegressor } from 'belfry/fitted-q';
import { behaviourPolicy, ControlTask } from 'belfry/offline';

import { uniformSteps } from './lib/uniform-steps.js';

const discount = 0.95;

export interface HillRun {
  /**
   * 'episodes': random play from p = −0.5 at rest, as in the paper. 'steps': single steps from
   * states drawn uniformly. Default 'episodes'.
   */
  data?: 'episodes' | 'steps';
  /** Default 58 090, as in the paper: some 960 episodes. */
  transitions?: number;
  /** Regressions. Default 50. */
  iterations?: number;
  /** Trees of a forest. Default 50. */
  trees?: number;
  /** A forest for each action, as in the paper; false: one, with the action an attribute. Default true. */
  perAction?: boolean;
  /** Regressions between two scores: each plays 289 episodes. Default 5. */
  scoreEvery?: number;
  seed?: number;
  onScore?: (point: HillPoint) => void;
}

export interface HillPoint {
  /** Regressions made. */
  iteration: number;
  /** Mean return of the greedy policy from the 289 first states of the paper. */
  score: number;
}

/** The learning curve: after the first regression, and after every `scoreEvery`. */
export async function learnToDrive(run: HillRun = {}): Promise<HillPoint[]> {
  const { transitions = 58_090, iterations = 50, trees = 50, scoreEvery = 5, seed = 1 } = run;
  const { perAction = true } = run;
  const data = run.data === 'steps' ? steps(transitions, seed) : episodes(transitions, seed);

  // Trees grow until two rows are left.
  const regressor = () => new TreeRegressor({ numTrees: trees, minRows: 2, perAction, seed });
  const fqi = new FittedQ({ discount, iterations: 1, regressor });
  const curve: HillPoint[] = [];
  for (let iteration = 1; iteration <= iterations; iteration++) {
    await fqi.fit(data); // goes on from the last one
    if (iteration > 1 && iteration % scoreEvery > 0) continue;
    const point = { iteration, score: scoreOf((states) => fqi.act(states)) };
    curve.push(point);
    run.onScore?.(point);
  }
  return curve;
}

/** Random play, episodes one after the other, without a time limit. */
function episodes(transitions: number, seed: number): TransitionDataset {
  const task = new ControlTask('car_on_the_hill', { maxSteps: 1_000_000 });
  const play = behaviourPolicy('car_on_the_hill', 'random');
  return task.collect(play, { transitions, seed }).toTransitionDataset();
}

function steps(transitions: number, seed: number): TransitionDataset {
  return uniformSteps('car_on_the_hill', [1, 3], transitions, seed);
}

/** [289, 2] the first states of a score: positions −1, −0.875 … 1 by speeds −3, −2.625 … 3. */
function firstStates(): Float64Array {
  return Float64Array.from({ length: 2 * 289 }, (_, i) => {
    const start = Math.floor(i / 2);
    return i % 2 === 0 ? 0.125 * Math.floor(start / 17) - 1 : 0.375 * (start % 17) - 3;
  });
}

/**
 * Mean discounted return over the 289 first states. What has not ended after 100 steps counts 0:
 * less than 0.006 is lost.
 */
export function scoreOf(act: (states: Tensor<Float32Array>) => Int32Array): number {
  const starts = firstStates();
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
    total += discount ** t * rewards.reduce((sum, reward) => sum + reward, 0);
    states = observations;
  }
  return total / count;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [seed = '1', data = 'episodes'] = process.argv.slice(2);
  console.log('iteration  mean return from 289 first states');
  await learnToDrive({
    seed: Number(seed),
    data: data === 'steps' ? 'steps' : 'episodes',
    onScore: ({ iteration, score }) =>
      console.log(`${String(iteration).padStart(9)}  ${score.toFixed(3)}`),
  });
}
