/** Fitted Q with trees: the car on the hill, a shortened form of examples/car-on-the-hill.ts. */
import { FittedQ } from '../../fitted-q/fitted-q.js';
import { TreeRegressor } from '../../fitted-q/tree-regressor.js';
import { HILL_DISCOUNT, hillScore, hillSteps } from '../hill-score.js';
import type { JobResult } from '../job.js';

const numTransitions = 3000;
const numTrees = 10;
const iterations = 12;

export async function hillJob(): Promise<JobResult> {
  const data = hillSteps(numTransitions, 1);
  const regressor = () => new TreeRegressor({ numTrees, seed: 1 });
  const fqi = new FittedQ({ discount: HILL_DISCOUNT, iterations: 1, regressor });
  const curve: number[] = [];
  let seconds = 0;
  for (let i = 0; i < iterations; i++) {
    const started = performance.now();
    await fqi.fit(data);
    seconds += (performance.now() - started) / 1000;
    curve.push(hillScore((states) => fqi.act(states)));
  }
  const score = curve.at(-1) as number;
  if (score < 0.2) throw new Error(`demo: the car on the hill scores ${score}, not 0.2`);
  return {
    rows: [
      {
        job: 'tree fitted Q, car on the hill',
        size: `${numTransitions} transitions, ${numTrees} trees, ${iterations} iterations`,
        seconds,
        checked: `mean return ${score.toFixed(2)} from 289 states`,
      },
    ],
    sections: [
      {
        kind: 'lines',
        title: 'Car on the hill: the policy after each regression',
        note: 'Fitted Q with extremely randomised trees (Ernst, Geurts & Wehenkel 2005), single steps from states drawn uniformly. The paper’s own data and size: examples/car-on-the-hill.ts.',
        xLabel: 'iteration',
        yLabel: 'mean return from 289 states',
        series: [{ name: 'tree fitted Q', values: curve }],
      },
    ],
  };
}
