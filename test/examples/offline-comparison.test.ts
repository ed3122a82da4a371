/** `belfry learning` in short: one seed, the same learners and data. */
import { beforeAll, expect, test } from 'vitest';

import { compareLearners, type LearningRun } from '../../src/demo/learning/compare.js';
import { learningSections, summarize } from '../../src/demo/learning/summary.js';
import { renderReport } from '../../src/demo/report.js';

let runs: LearningRun[];

beforeAll(async () => {
  runs = await compareLearners({ seeds: [11], tasks: ['multi_goal'], steps: 3000, points: 3 });
}, 60_000);

const scoreOf = (learner: LearningRun['learner']): number =>
  runs.find((run) => run.learner === learner)?.curve.at(-1)?.meanReturn ?? Number.NaN;

test('cloning does what the data does', () => {
  console.log(summarize(runs).map((r) => [r.learner, r.score.mean]));
  expect(Math.abs(scoreOf('BC') - (runs[0]?.dataReturn ?? Number.NaN))).toBeLessThan(30);
});

test('a report with the table and a curve for each learner', () => {
  const html = renderReport({
    title: 'learning',
    generatedAt: '',
    machine: '',
    sections: learningSections(runs),
  });
  expect(html.match(/class="curve"/g)?.length).toBe(5);
  expect(html).toContain('MeanFlowQL');
});
