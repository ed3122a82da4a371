/** `belfry bench`: checks, then times every op against this machine's limits and a plain loop. */
import { readFileSync, writeFileSync } from 'node:fs';

import { type Command, Option } from 'commander';

import { generatedCases } from '../../bench/cases/generated.js';
import { gpuWorkloads } from '../../bench/cases/gpu.js';
import { workloads } from '../../bench/cases/workloads.js';
import {
  type BenchCase,
  measure,
  measurePeer,
  type PeerMeasurement,
  type Workload,
} from '../../bench/harness.js';
import {
  defaultPython,
  type Peers,
  peersAreHere,
  startPeers,
  stopPeers,
} from '../../bench/peers.js';
import {
  type BenchResult,
  type BenchRow,
  limitsText,
  load,
  machineFacts,
  makeRow,
  resultTable,
} from '../../bench/report.js';
import { Engine, setThreads } from '../engine.js';
import { BelfryError } from '../errors.js';
import { native } from '../native.js';

interface BenchOptions {
  filter: string;
  family?: string;
  size: 'workloads' | 'generated' | 'all';
  threads?: string;
  device: 'cpu' | 'cuda';
  json?: string | true;
  compare?: string;
  peers?: true;
  python: string;
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
    .addOption(
      new Option('--device <device>', "'cuda': learners and policies on a GPU, beside the CPU")
        .choices(['cpu', 'cuda'])
        .default('cpu'),
    )
    .option('--json [file]', 'save the results; without a file they go to standard output')
    .option('--compare <file>', 'show the change against saved results')
    .option('--peers', 'also against what others would use: bench/README.md (from a clone)')
    .option('--python <path>', 'the Python that has the peers', defaultPython())
    .action(bench);
}

async function bench(options: BenchOptions): Promise<void> {
  if (options.threads !== undefined) setThreads(Number(options.threads));
  const previous = options.compare === undefined ? undefined : readResult(options.compare);
  const machine = machineFacts();
  const limits = native().measureLimits();
  // Standard output belongs to the results when they go there.
  const say = options.json === true ? console.error : console.log;
  const sides = options.peers ? ' on both sides' : '';
  say(
    `${machine.cpu}, ${machine.instructions}, ${machine.threads} threads${sides}, load ${machine.loadAverage[0]}, commit ${machine.commit}`,
  );
  say(`${limitsText(limits)}\n`);
  const peers = options.peers ? startPeersFor(machine.threads, options.python) : undefined;
  const missing = new Set<string>();
  const rows: BenchRow[] = [];
  try {
    for (const makeCases of chosen(options)) {
      for (const one of matching(makeCases(), options)) {
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${one.op} ${one.name}`);
        const measured = measure(one);
        rows.push(makeRow(one, measured, await againstPeers(one, peers, missing), limits));
      }
    }
  } finally {
    if (peers !== undefined) stopPeers(peers);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  machine.loadAverage[1] = load();
  say(resultTable(rows, previous));
  for (const name of missing) say(`not installed, left out: ${name}`);
  save({ machine, limits, rows }, options.json);
}

function save(result: BenchResult, target: string | true | undefined): void {
  const text = `${JSON.stringify(result, null, 2)}\n`;
  if (target === true) process.stdout.write(text);
  else if (target !== undefined) writeFileSync(target, text);
}

function startPeersFor(threads: number, python: string): Peers {
  if (peersAreHere()) return startPeers(threads, python);
  throw new BelfryError(
    'BELFRY_BAD_FILE',
    'bench: the peers are in a clone of the repository, not in the package.',
    { op: 'bench' },
  );
}

async function againstPeers(
  one: BenchCase,
  peers: Peers | undefined,
  missing: Set<string>,
): Promise<PeerMeasurement[]> {
  const found: PeerMeasurement[] = [];
  if (peers === undefined || one.peers === undefined) return found;
  for (const peerCase of [one.peers].flat()) {
    for (const program of peerCase.programs) {
      const result = await measurePeer(one, peerCase, peers[program]);
      if (typeof result === 'string') missing.add(result);
      else found.push(result);
    }
  }
  return found;
}

/** Cases are made one set at a time; a filter by name makes the others needlessly, but briefly. */
function chosen(options: BenchOptions): readonly Workload[] {
  if (options.device === 'cuda') return gpuWorkloads(new Engine({ device: 'cuda' }));
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
