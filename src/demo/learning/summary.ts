/** What the runs of a comparison come to: a row for each task and learner, curves, Markdown. */
import { mean, median, sampleStandardDeviation } from 'simple-statistics';

import type { Section } from '../report.js';
import type { LearningRun } from './compare.js';
import { type LearningTaskName, learningTasks } from './tasks.js';

export interface LearningSummary {
  task: LearningTaskName;
  /** Learner and how it acts. */
  way: string;
  seeds: number;
  /** Of the seeds' mean returns after the last step. */
  score: { mean: number; std: number; min: number; max: number };
  /** Medians over the seeds. */
  trainingSeconds: number;
  actionsPerSecond: { batch1: number; batch256: number };
}

export function summarize(runs: readonly LearningRun[]): LearningSummary[] {
  return Object.values(groupsOf(runs)).map(summaryOf);
}

export const learningHeader: readonly string[] = [
  'task',
  'learner, candidates',
  'score',
  'worst to best',
  'training',
  'actions/s, 1',
  'actions/s, 256',
];

export function learningCells(row: LearningSummary): string[] {
  const { mean: middle, std, min, max } = row.score;
  return [
    row.task,
    row.way,
    `${middle.toFixed(1)} ± ${std.toFixed(1)}`,
    `${min.toFixed(1)} to ${max.toFixed(1)}`,
    `${row.trainingSeconds.toFixed(2)} s`,
    Math.round(row.actionsPerSecond.batch1).toLocaleString('en'),
    Math.round(row.actionsPerSecond.batch256).toLocaleString('en'),
  ];
}

/** The table, then for each task the mean learning curve of every learner. */
export function learningSections(runs: readonly LearningRun[]): Section[] {
  const rows = summarize(runs);
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const tasks = [...new Set(runs.map(({ task }) => task))];
  return [
    {
      kind: 'table',
      title: 'Offline learners on the same data, networks, batches and steps',
      note: `Score: mean return after the last step, over ${seeds} seeds (± standard deviation). Training without scoring; actions a second in batches of 1 and of 256; medians.`,
      header: learningHeader,
      rows: rows.map(learningCells),
    },
    ...tasks.map((task): Section => curves(task, runs, rows)),
  ];
}

function curves(
  task: LearningTaskName,
  runs: readonly LearningRun[],
  rows: readonly LearningSummary[],
): Section {
  return {
    kind: 'lines',
    title: `${task}: return while training`,
    note: `Mean over the seeds. Data: ${learningTasks[task].data}.`,
    xLabel: 'gradient steps',
    yLabel: 'mean return',
    series: rows
      .filter((row) => row.task === task)
      .map(({ way }) => {
        const own = runs.filter((run) => run.task === task && run.way === way);
        const points = own[0]?.curve ?? [];
        return {
          name: way,
          x: points.map(({ steps }) => steps),
          values: points.map((_, i) =>
            mean(own.map(({ curve }) => curve[i]?.meanReturn ?? Number.NaN)),
          ),
        };
      }),
  };
}

function groupsOf(runs: readonly LearningRun[]): Record<string, LearningRun[]> {
  const groups: Record<string, LearningRun[]> = {};
  for (const run of runs) {
    const key = `${run.task} ${run.way}`;
    groups[key] = [...(groups[key] ?? []), run];
  }
  return groups;
}

function summaryOf(runs: readonly LearningRun[]): LearningSummary {
  const { task, way } = runs[0] as LearningRun;
  const scores = runs.map(({ curve }) => curve.at(-1)?.meanReturn ?? Number.NaN);
  return {
    task,
    way,
    seeds: runs.length,
    score: {
      mean: mean(scores),
      std: scores.length > 1 ? sampleStandardDeviation(scores) : 0,
      min: Math.min(...scores),
      max: Math.max(...scores),
    },
    trainingSeconds: median(runs.map((run) => run.trainingSeconds)),
    actionsPerSecond: {
      batch1: median(runs.map((run) => run.actionsPerSecond.batch1)),
      batch256: median(runs.map((run) => run.actionsPerSecond.batch256)),
    },
  };
}
