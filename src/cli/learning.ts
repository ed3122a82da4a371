/** `belfry learning`: offline learners compared on the same data; a table, a report, all numbers. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Command } from 'commander';

import { machineFacts } from '../../bench/report.js';
import { compareLearners, type LearningRun, reportedSeeds } from '../demo/learning/compare.js';
import {
  learningCells,
  learningHeader,
  learningSections,
  summarize,
} from '../demo/learning/summary.js';
import { renderReport } from '../demo/report.js';
import { setThreads } from '../engine.js';
import { formatTable } from './table.js';

interface Options {
  seeds: string;
  report: string;
  json?: string;
  threads?: string;
}

export function addLearningCommand(program: Command): void {
  program
    .command('learning')
    .description('train and compare offline learners over several seeds: about ten minutes')
    .option('--seeds <list>', 'seeds to run', reportedSeeds.join(','))
    .option('--report <file>', 'where to write the report', 'learning.html')
    .option('--json <file>', 'where to write all runs')
    .option('--threads <n>', 'threads to use')
    .action(learning);
}

async function learning({ seeds, report, json, threads }: Options): Promise<void> {
  if (threads !== undefined) setThreads(Number(threads));
  const machine = machineFacts();
  const runs = await compareLearners({ seeds: seeds.split(',').map(Number), onRun: show });
  const rows = summarize(runs);
  console.log(`\n${formatTable(learningHeader, rows.map(learningCells))}\n`);
  const html = renderReport({
    title: 'belfry: offline learners',
    generatedAt: machine.date,
    machine: `${machine.cpu}, ${machine.instructions}, ${machine.threads} threads, Node ${machine.node}.`,
    sections: learningSections(runs),
  });
  writeFileSync(report, html);
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ machine, summary: rows, runs }, null, 1)}\n`);
  }
  console.log(`report: ${resolve(report)}`);
}

function show({ task, way, seed, curve, trainingSeconds }: LearningRun): void {
  const score = curve.at(-1)?.meanReturn.toFixed(1);
  console.log(`${task}, ${way}, seed ${seed}: ${score} after ${trainingSeconds.toFixed(1)} s`);
}
