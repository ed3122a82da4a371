/** The results of a comparison as a page of Markdown, settings included. */
import type { LearningRun } from './compare.js';
import { batchSize, gridSeeds, hidden, weightGrids, weights } from './learners.js';
import { learningCells, learningHeader, summarize } from './summary.js';
import { type LearningTaskName, learningTasks } from './tasks.js';

export function learningMarkdown(runs: readonly LearningRun[], machine: string): string {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const tasks = [...new Set(runs.map(({ task }) => task))];
  return `# Offline learners compared

Written by \`belfry learning --json … --markdown …\` on ${machine}.

${table(learningHeader, summarize(runs).map(learningCells))}

Score: mean return of 100 episodes after the last gradient step, mean ± standard deviation over the seeds ${seeds.join(', ')}. Training without scoring, and actions a second in batches of 1 and of 256: medians over the seeds. The number after a learner is that of the candidates of an action: Diffusion-QL draws one by the softmax of their values where nothing else is said, the others take the best. BC is OFQL's policy without the critics' gradient. Mean return of the data: ${tasks.map((task) => `${task} ${dataReturn(runs, task)}`).join(', ')}.

## Settings

All learners: hidden layers ${hidden.join(' × ')}, ${batchSize} transitions a step, τ = 0.01, and the same data, γ, learning rate and number of steps; the averaged policies of OFQL, BC and Diffusion-QL follow at every step from the first; everything else is the class's default.

${table(
  ['task', 'data', 'transitions', 'γ', 'learning rate', 'steps'],
  tasks.map((task) => {
    const { data, transitions, gamma, lr, steps } = learningTasks[task];
    return [task, data, transitions, gamma, lr, steps].map(String);
  }),
)}

The weight between critic and data is each method's own, from a grid run on the seeds ${gridSeeds.join(', ')}, none of which is reported, by the mean score after the last step (of 50 candidates where a learner has two ways). OFQL and Diffusion-QL have the same grid, wide enough that its largest value gained no more than 0.2 over the one before; these tasks reward following the critic, so that weights larger than the papers' win:

${table(
  ['learner', 'grid', ...tasks],
  Object.entries(weightGrids).map(([learner, grid]) => [
    learner === 'FQL' || learner === 'MeanFlowQL' ? `${learner}, α` : `${learner}, η`,
    grid.join(', '),
    ...tasks.map((task) => String(weights[task][learner as keyof typeof weightGrids])),
  ]),
)}
`;
}

function dataReturn(runs: readonly LearningRun[], wanted: LearningTaskName): string {
  const found = runs.filter(({ task }) => task === wanted).map((run) => run.dataReturn);
  return (found.reduce((sum, value) => sum + value, 0) / found.length).toFixed(1);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
