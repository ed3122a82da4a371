/**
 * Fitted Q iteration with extremely randomised trees drives the car up the hill: the experiment of
 * Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 2005, section 6.1.
 */
import { pathToFileURL } from 'node:url';

import { FittedQ, TreeRegressor } from 'belfry/fitted-q';

import { HILL_DISCOUNT, hillEpisodes, hillScore, hillSteps } from '../src/demo/hill-score.js';

export interface HillRun {
  /**
   * 'episodes': random play from p = −0.5 at rest, as in the paper. 'steps': single steps from
   * states drawn uniformly. Default 'episodes'.
   */
  data?: 'episodes' | 'steps';
  /** Default 58 089, as in the paper. */
  transitions?: number;
  /** Regressions. Default 50. */
  iterations?: number;
  /** Trees of a regression. Default 50. */
  trees?: number;
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
  const { transitions = 58_089, iterations = 50, trees = 50, scoreEvery = 5, seed = 1 } = run;
  const collect = run.data === 'steps' ? hillSteps : hillEpisodes;
  const data = collect(transitions, seed);

  // Position, speed and action are tried at every node; trees grow until two rows are left.
  const regressor = () => new TreeRegressor({ numTrees: trees, minRows: 2, tried: 'all', seed });
  const fqi = new FittedQ({ discount: HILL_DISCOUNT, iterations: 1, regressor });
  const curve: HillPoint[] = [];
  for (let iteration = 1; iteration <= iterations; iteration++) {
    await fqi.fit(data); // goes on from the last one
    if (iteration > 1 && iteration % scoreEvery > 0) continue;
    const point = { iteration, score: hillScore((states) => fqi.act(states)) };
    curve.push(point);
    run.onScore?.(point);
  }
  return curve;
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
