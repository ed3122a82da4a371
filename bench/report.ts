/** Results of a bench run: as a table, as JSON, and against an earlier run. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';

import { formatSeconds, formatTable } from '../src/cli/table.js';
import { type MachineLimits, native, packageRoot, packageVersion } from '../src/native.js';
import type { BenchCase, Measurement, Timing } from './harness.js';

export interface BenchRow {
  family: string;
  op: string;
  name: string;
  seconds: Timing;
  gigabytesPerSecond: number;
  gigaflopsPerSecond?: number;
  /** Which limit of the machine, and the share of it that was reached. */
  limit: string;
  share: number;
  reference?: string;
  speedup?: number;
}

export interface BenchResult {
  machine: MachineFacts;
  limits: MachineLimits;
  rows: BenchRow[];
}

export interface MachineFacts {
  belfry: string;
  commit: string;
  cpu: string;
  instructions: string;
  threads: number;
  node: string;
  os: string;
  compiler: string;
  date: string;
  loadAverage: number;
}

export function machineFacts(): MachineFacts {
  const facts = native().facts();
  return {
    belfry: packageVersion(),
    commit: commit(),
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    instructions: facts.cpuLevel,
    threads: facts.threads,
    node: process.versions.node,
    os: `${process.platform} ${release()}`,
    compiler: facts.compiler,
    date: new Date().toISOString(),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return 'none';
  }
}

export function makeRow(bench: BenchCase, measured: Measurement, limits: MachineLimits): BenchRow {
  const seconds = measured.engine;
  const { limit, least } = leastSeconds(bench, limits);
  const row: BenchRow = {
    family: bench.family,
    op: bench.op,
    name: bench.name,
    seconds,
    gigabytesPerSecond: bench.bytes / seconds.median / 1e9,
    limit,
    share: least / seconds.median,
  };
  if (bench.flops > 0) row.gigaflopsPerSecond = bench.flops / seconds.median / 1e9;
  if (bench.reference !== undefined && measured.speedup !== undefined) {
    row.reference = bench.reference.name;
    row.speedup = measured.speedup;
  }
  return row;
}

/** The time this machine's own limit allows; data that fits its caches can beat the memory limit. */
function leastSeconds(bench: BenchCase, limits: MachineLimits): { limit: string; least: number } {
  const memory = bench.bytes / limits.copyBytesPerSecond;
  if (bench.bound === 'flops') {
    const rate = bench.dtype === 'float64' ? limits.fmaF64PerSecond : limits.fmaF32PerSecond;
    return { limit: 'FMA', least: bench.flops / rate };
  }
  const gathers = (bench.gathers ?? 0) / limits.gathersPerSecond;
  return gathers > memory
    ? { limit: 'gathers', least: gathers }
    : { limit: 'memory', least: memory };
}

export function limitsText(limits: MachineLimits): string {
  const giga = (x: number): string => (x / 1e9).toPrecision(3);
  return (
    `this machine, measured now: copy ${giga(limits.copyBytesPerSecond)} GB/s, read ${giga(limits.readBytesPerSecond)} GB/s, ` +
    `gathers ${(limits.gathersPerSecond / 1e6).toFixed(0)} M/s, FMA ${giga(limits.fmaF32PerSecond)} GFLOP/s float32, ` +
    `${giga(limits.fmaF64PerSecond)} float64`
  );
}

export function resultTable(rows: readonly BenchRow[], previous?: BenchResult): string {
  const before = new Map(
    previous?.rows.map((row) => [`${row.op} ${row.name}`, row.seconds.median]),
  );
  const header = [
    'op',
    'size',
    'median',
    'p10–p90',
    'GB/s',
    'GFLOP/s',
    'of limit',
    'vs plain loop',
  ];
  if (previous !== undefined) header.push('vs previous');
  const body = rows.map((row) => {
    const cells = [
      `${row.family}/${row.op}`,
      row.name,
      formatSeconds(row.seconds.median),
      `${formatSeconds(row.seconds.p10)}–${formatSeconds(row.seconds.p90)}`,
      row.gigabytesPerSecond.toPrecision(3),
      row.gigaflopsPerSecond?.toPrecision(3) ?? '',
      `${(100 * row.share).toFixed(0)} % ${row.limit}`,
      row.speedup === undefined ? '' : `${row.speedup.toPrecision(3)} x`,
    ];
    const old = before.get(`${row.op} ${row.name}`);
    if (previous !== undefined)
      cells.push(old === undefined ? 'new' : `${(old / row.seconds.median).toPrecision(3)} x`);
    return cells;
  });
  return formatTable(header, body);
}
