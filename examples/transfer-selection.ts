/**
 * Which tasks to train on (arXiv 2408.04498): every trained policy serves its neighbours too, the
 * worse the further they are. MBTL chooses the next task; compared with choosing at random.
 */
import { mbtlSelect } from 'belfry/bellman';

import { seeded } from './lib/random.js';

const numTasks = 40;
const numSteps = 6;
const slope = 0.03;
// Performance at home differs from task to task; it falls linearly with the distance.
const home = (task: number): number => 0.75 + 0.2 * Math.sin(task / 5);
const transfer = Float64Array.from({ length: numTasks ** 2 }, (_, i) => {
  const source = Math.floor(i / numTasks);
  return Math.max(0, home(source) - slope * Math.abs(source - (i % numTasks)));
});

const { selected, meanPerformance } = mbtlSelect({
  transfer: { data: transfer, shape: [numTasks, numTasks] },
  slope,
  lengthScale: 6,
  sigmaF2: 0.5,
  noiseStd: 0.01,
  numSteps,
});

const performance = (chosen: number[]): number => {
  let sum = 0;
  for (let task = 0; task < numTasks; task++) {
    sum += Math.max(...chosen.map((source) => transfer[source * numTasks + task]!));
  }
  return sum / numTasks;
};
const random = seeded(11);
const draws = Array.from({ length: 200 }, () => {
  const tasks = Array.from({ length: numTasks }, (_, task) => ({ task, key: random() }));
  return performance(
    tasks
      .sort((a, b) => a.key - b.key)
      .slice(0, numSteps)
      .map(({ task }) => task),
  );
});

export const tasks: number[] = Array.from(selected.data);
export const afterEach: number[] = Array.from(meanPerformance.data);
export const chosenPerformance: number = performance(tasks);
export const randomPerformance: number = draws.reduce((sum, x) => sum + x, 0) / draws.length;
export const allPerformance: number = performance(
  Array.from({ length: numTasks }, (_, task) => task),
);
console.log(
  `tasks ${tasks.join(', ')}: mean performance ${chosenPerformance.toFixed(3)}, ` +
    `${randomPerformance.toFixed(3)} at random, ${allPerformance.toFixed(3)} with all ${numTasks}`,
);
