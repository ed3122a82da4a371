/** `belfry bench`: checks, then times every op against this machine's limits and a plain loop. */
import { readFileSync, writeFileSync } from 'node:fs';

import { type Command, Option } from 'commander';

import { generatedCases } from '../../bench/cases/generated.js';
import { workloads } from '../../bench/cases/workloads.js';
import { type BenchCase, measure, quick } from '../../bench/harness.js';
import {
  type BenchResult,
  type BenchRow,
  limitsText,
  machineFacts,
  makeRow,
  resultTable,
} from '../../bench/report.js';
import { setThreads } from '../engine.js';
import { BelfryError } from '../errors.js';
import { native } from '../native.js';

interface BenchOptions {
  filter: string;
  family?: string;
  size: 'workloads' | 'generated' | 'all';
  threads?: string;
  json?: string;
  compare?: string;
}

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description(
      "time the ops: medians with spread, GB/s or GFLOP/s, share of this machine's measured limit",
    )
    .option('--filter <text>', 'only ops whose name holds the text', '')
    .option('--family <family>', 'only ops of a family')
    .addOption(
      new Option('--size <set>', 'the fixed workloads, every op at generated sizes, or both')
        .choices(['workloads', 'generated', 'all'])
        .default('workloads'),
    )
    .option('--threads <n>', 'threads to use')
    .option('--json <file>', 'save the results')
    .option('--compare <file>', 'show the change against saved results')
    .action(bench);
}

function bench(options: BenchOptions): void {
  if (options.threads !== undefined) setThreads(Number(options.threads));
  const previous = options.compare === undefined ? undefined : readResult(options.compare);
  const machine = machineFacts();
  const limits = native().measureLimits();
  console.log(
    `${machine.cpu}, ${machine.instructions}, ${machine.threads} threads, load ${machine.loadAverage}, commit ${machine.commit}`,
  );
  console.log(`${limitsText(limits)}\n`);
  const rows: BenchRow[] = [];
  for (const makeCases of chosen(options)) {
    for (const one of matching(makeCases(), options)) {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${one.op} ${one.name}`);
      rows.push(makeRow(one, measure(one, quick), limits));
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(resultTable(rows, previous));
  const result: BenchResult = { machine, limits, rows };
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

/** Cases are made one set at a time; a filter by name makes the others needlessly, but briefly. */
function chosen(options: BenchOptions): readonly (() => BenchCase[])[] {
  if (options.size === 'workloads') return workloads;
  if (options.size === 'generated') return generatedCases();
  return [...workloads, ...generatedCases()];
}

function matching(cases: readonly BenchCase[], { filter, family }: BenchOptions): BenchCase[] {
  return cases.filter(
    (one) =>
      `${one.family}/${one.op} ${one.name}`.includes(filter) &&
      (family === undefined || one.family === family),
  );
}

function readResult(path: string): BenchResult {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as BenchResult;
  } catch (cause) {
    throw new BelfryError('BELFRY_BAD_FILE', `bench: ${path} is no saved result.`, {
      op: 'bench',
      cause,
    });
  }
}
