/**
 * Fitted Q iteration with extremely randomised trees drives the car up the hill: the experiment of
 * Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 2005, section 6.1.
 */
import { pathToFileURL } from 'node:url';

import { FittedQ, TreeRegressor } from 'belfry/fitted-q';
import { behaviourPolicy, ControlTask } from 'belfry/offline';

import { HILL_DISCOUNT, hillScore } from '../src/demo/hill-score.js';

export interface HillRun {
  /** Transitions of random play. Default 58 089, as in the paper. */
  transitions?: number;
  /** Regressions. Default 50. */
  iterations?: number;
  seed?: number;
  onIteration?: (iteration: number, score: number) => void;
}

/** The score of the greedy policy after each regression. */
export async function learnToDrive(run: HillRun = {}): Promise<number[]> {
  const { transitions = 58_089, iterations = 50, seed = 1 } = run;
  // Episodes one after the other from p = −0.5 at rest, without a time limit.
  const task = new ControlTask('car_on_the_hill', { maxSteps: 1_000_000 });
  const play = behaviourPolicy('car_on_the_hill', 'random');
  const data = task.collect(play, { transitions, seed }).toTransitionDataset();

  // 50 trees that try position, speed and action at every node and grow until two rows are left.
  const regressor = () => new TreeRegressor({ numTrees: 50, minRows: 2, tried: 'all', seed });
  const fqi = new FittedQ({ discount: HILL_DISCOUNT, iterations: 1, regressor });
  const curve: number[] = [];
  for (let i = 1; i <= iterations; i++) {
    await fqi.fit(data);
    const score = hillScore((states) => fqi.act(states));
    run.onIteration?.(i, score);
    curve.push(score);
  }
  return curve;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log('iteration  mean return from 289 first states');
  await learnToDrive({
    seed: Number(process.argv[2] ?? 1),
    onIteration: (i, score) => console.log(`${String(i).padStart(9)}  ${score.toFixed(3)}`),
  });
}
