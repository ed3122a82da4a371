/** `belfry demo`: the main job on real problems; one table, one report. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';

import { limitsText, machineFacts } from '../../bench/report.js';
import type { JobResult, JobRow } from '../demo/job.js';
import { fittedQJob } from '../demo/jobs/fitted-q.js';
import { flowJob } from '../demo/jobs/flow.js';
import { hillJob } from '../demo/jobs/hill.js';
import { planningJob } from '../demo/jobs/planning.js';
import { tokensJob } from '../demo/jobs/tokens.js';
import { renderReport } from '../demo/report.js';
import { setThreads } from '../engine.js';
import { native } from '../native.js';
import { formatRatio, formatSeconds, formatTable } from './table.js';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'solve real problems with all four job families; print a table and write an HTML report',
    )
    .option('--report <file>', 'where to write the report', 'report.html')
    .option('--threads <n>', 'threads to use')
    .action(demo);
}

async function demo(options: { report: string; threads?: string }): Promise<void> {
  if (options.threads !== undefined) setThreads(Number(options.threads));
  const machine = machineFacts();
  console.log(
    `belfry ${machine.belfry} on ${machine.cpu}, ${machine.instructions}, ${machine.threads} threads`,
  );
  const limits = native().measureLimits();
  console.log(`${limitsText(limits)}\n`);

  const result: JobResult = { rows: [], sections: [] };
  const jobs: [string, () => Promise<JobResult> | JobResult][] = [
    [
      'planning: FrozenLake, Taxi, CliffWalking, a sparse MDP of a million states',
      () => withBar((report) => planningJob(limits, report)),
    ],
    ['fitted Q: Mountain Car', () => fittedQJob(limits)],
    ['fitted Q with trees: car on the hill', () => hillJob()],
    ['tokens: arithmetic rollouts', () => tokensJob()],
    ['flow: one-step actions', () => flowJob(limits)],
  ];
  for (const [title, run] of jobs) {
    console.log(`· ${title}`);
    const { rows, sections } = await run();
    result.rows.push(...rows);
    result.sections.push(...sections);
  }
  console.log(`\n${jobTable(result.rows)}\n`);
  writeReport(options.report, machine, limitsText(limits), result);
  console.log(`report: ${resolve(options.report)}`);
}

type Report = Parameters<typeof planningJob>[1];

/** Progress of long work: a bar on a terminal, nothing in a pipe. */
async function withBar(run: (report: Report) => Promise<JobResult>): Promise<JobResult> {
  if (process.stderr.isTTY !== true) return run(() => undefined);
  const bar = new SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    format: '  {what}: sweep {value}, change {residual}',
  });
  bar.start(1, 0, { what: '', residual: '' });
  try {
    return await run((what, { iteration, residual }) =>
      bar.update(iteration, { what, residual: residual?.toExponential(1) ?? '' }),
    );
  } finally {
    bar.stop();
  }
}

const header = ['job', 'size', 'time', "of this machine's limit", 'vs plain TypeScript', 'checked'];

function jobCells(row: JobRow): string[] {
  return [
    row.job,
    row.size,
    formatSeconds(row.seconds),
    row.share === undefined ? '' : `${(100 * row.share).toFixed(0)} % ${row.limit}`,
    row.speedup === undefined ? '' : formatRatio(row.speedup),
    row.checked,
  ];
}

function jobTable(rows: readonly JobRow[]): string {
  return formatTable(header, rows.map(jobCells));
}

function writeReport(
  path: string,
  machine: ReturnType<typeof machineFacts>,
  limits: string,
  result: JobResult,
): void {
  const html = renderReport({
    title: 'belfry demo',
    generatedAt: machine.date,
    machine: `${machine.cpu}, ${machine.instructions}, ${machine.threads} threads, Node ${machine.node}. ${limits}`,
    sections: [
      { kind: 'table', title: 'What was computed', header, rows: result.rows.map(jobCells) },
      ...result.sections,
    ],
  });
  writeFileSync(path, html);
}
