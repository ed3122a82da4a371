/**
 * Which tasks to train on (arXiv 2408.04498): every trained policy serves its neighbours too, the
 * worse the further they are. MBTL chooses the next task; compared with choosing at random.
 */
import { TaskSelector } from 'belfry/bellman';

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

const selector = new TaskSelector({
  contexts: Float64Array.from({ length: numTasks }, (_, task) => task),
  slope,
  lengthScale: 6,
  sigmaF2: 0.5,
  noiseStd: 0.01,
});
for (let step = 0; step < numSteps; step++) {
  const task = selector.next(); // here one would train
  selector.observe(transfer.subarray(task * numTasks, (task + 1) * numTasks));
}

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

export const tasks: number[] = [...selector.chosen];
export const afterEach: number[] = selector.meanPerformance;
export const chosenPerformance: number = performance(tasks);
export const randomPerformance: number = draws.reduce((sum, x) => sum + x, 0) / draws.length;
export const allPerformance: number = performance(
  Array.from({ length: numTasks }, (_, task) => task),
);
console.log(
  `tasks ${tasks.join(', ')}: mean performance ${chosenPerformance.toFixed(3)}, ` +
    `${randomPerformance.toFixed(3)} at random, ${allPerformance.toFixed(3)} with all ${numTasks}`,
);
