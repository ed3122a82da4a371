/** Fitted Q with trees: the car on the hill, a shortened form of examples/car-on-the-hill.ts. */
import { FittedQ } from '../../fitted-q/fitted-q.js';
import { TreeRegressor } from '../../fitted-q/tree-regressor.js';
import { behaviourPolicy, ControlTask } from '../../offline/index.js';
import { Tensor } from '../../tensor.js';
import type { JobResult } from '../job.js';

const discount = 0.95;
const numTransitions = 18_000;
const numTrees = 10;
const iterations = 20;
/** From p = −0.5 at rest: no sequence of actions reaches the top in fewer. */
const fewestSteps = 19;

export async function hillJob(): Promise<JobResult> {
  const endless = new ControlTask('car_on_the_hill', { maxSteps: 1_000_000 });
  const play = behaviourPolicy('car_on_the_hill', 'random');
  const data = endless.collect(play, { transitions: numTransitions, seed: 1 });
  const transitions = data.toTransitionDataset();
  const regressor = () => new TreeRegressor({ numTrees, perAction: true, seed: 1 });
  const fqi = new FittedQ({ discount, iterations: 1, regressor });
  const task = new ControlTask('car_on_the_hill');
  const curve: number[] = [];
  let [seconds, steps] = [0, 0];
  for (let i = 0; i < iterations; i++) {
    const started = performance.now();
    await fqi.fit(transitions);
    seconds += (performance.now() - started) / 1000;
    const { returns, lengths } = task.evaluate((seen) => fqi.act(new Tensor(seen, [1, 2])));
    steps = lengths[0] as number;
    curve.push(discount ** (steps - 1) * (returns[0] as number));
  }
  const best = discount ** (fewestSteps - 1);
  const last = curve.at(-1) as number;
  if (last < 0.8 * best) throw new Error(`demo: the car on the hill earns ${last} of ${best}`);
  return {
    rows: [
      {
        job: 'tree fitted Q, car on the hill',
        size: `${numTransitions} transitions, 2 × ${numTrees} trees, ${iterations} iterations`,
        seconds,
        checked: `the top in ${steps} steps, fewest ${fewestSteps}`,
      },
    ],
    sections: [
      {
        kind: 'lines',
        title: 'Car on the hill: the policy after each regression',
        note: 'Fitted Q with extremely randomised trees (Ernst, Geurts & Wehenkel 2005) from random play. The paper’s own size and score: examples/car-on-the-hill.ts.',
        xLabel: 'iteration',
        yLabel: 'return from rest at the bottom',
        series: [
          { name: 'tree fitted Q', values: curve },
          { name: `the best: ${best.toFixed(3)}`, values: curve.map(() => best) },
        ],
      },
    ],
  };
}
