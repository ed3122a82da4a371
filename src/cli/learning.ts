/** `belfry learning`: offline learners compared on the same data; a table, a report, all numbers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { type Command, Option } from 'commander';

import { type MachineFacts, machineFacts } from '../../bench/report.js';
import { compareLearners, type LearningRun, reportedSeeds } from '../demo/learning/compare.js';
import { learningMarkdown } from '../demo/learning/markdown.js';
import {
  learningCells,
  learningHeader,
  learningSections,
  summarize,
} from '../demo/learning/summary.js';
import { renderReport } from '../demo/report.js';
import { Engine, setThreads } from '../engine.js';
import type { Device } from '../tensor.js';
import { formatTable } from './table.js';

interface Options {
  seeds: string;
  report: string;
  json?: string;
  from?: string;
  markdown?: string;
  threads?: string;
  device: Device | 'auto';
}

/** What `--json` writes and `--from` reads. */
interface Comparison {
  machine: MachineFacts;
  /** Name of the GPU that trained, where one did. */
  gpu?: string;
  runs: LearningRun[];
}

export function addLearningCommand(program: Command): void {
  program
    .command('learning')
    .description('train and compare offline learners over several seeds: about ten minutes')
    .option('--seeds <list>', 'seeds to run', reportedSeeds.join(','))
    .option('--report <file>', 'where to write the report', 'learning.html')
    .option('--json <file>', 'where to write all runs')
    .option('--from <file>', 'runs that --json wrote, in place of training')
    .option('--markdown <file>', 'where to write the results as Markdown')
    .option('--threads <n>', 'threads to use')
    .addOption(
      new Option('--device <device>', 'where to train and act')
        .choices(['cpu', 'cuda', 'auto'])
        .default('cpu'),
    )
    .action(learning);
}

async function learning(options: Options): Promise<void> {
  const { report, from, markdown } = options;
  const { machine, gpu, runs } =
    from === undefined
      ? await compare(options)
      : (JSON.parse(readFileSync(from, 'utf8')) as Comparison);
  console.log(`\n${formatTable(learningHeader, summarize(runs).map(learningCells))}\n`);
  const where = `${machine.cpu}, ${machine.instructions}, ${machine.threads} threads, ${gpu === undefined ? '' : `${gpu}, `}Node ${machine.node}`;
  const html = renderReport({
    title: 'belfry: offline learners',
    generatedAt: machine.date,
    machine: where,
    sections: learningSections(runs),
  });
  writeFileSync(report, html);
  if (markdown !== undefined) {
    writeFileSync(markdown, learningMarkdown(runs, `${where}, ${machine.date.slice(0, 10)}`));
  }
  console.log(`report: ${resolve(report)}`);
}

async function compare({ seeds, threads, json, device }: Options): Promise<Comparison> {
  if (threads !== undefined) setThreads(Number(threads));
  const engine = new Engine({ device });
  const onGpu = engine.device === 'cpu' ? undefined : engine.diagnostics().devices[engine.index];
  const gpu = onGpu === undefined ? {} : { gpu: onGpu.name };
  const machine = machineFacts();
  const runs: LearningRun[] = [];
  const onRun = (run: LearningRun): void => {
    show(run);
    runs.push(run);
    // Each time, so that a run that is cut short keeps what is done.
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ machine, ...gpu, runs }, null, 1)}\n`);
  };
  await compareLearners({ seeds: seeds.split(',').map(Number), engine, onRun });
  return { machine, ...gpu, runs };
}

function show({ task, way, seed, curve, trainingSeconds }: LearningRun): void {
  const score = curve.at(-1)?.meanReturn.toFixed(1);
  console.log(`${task}, ${way}, seed ${seed}: ${score} after ${trainingSeconds.toFixed(1)} s`);
}
