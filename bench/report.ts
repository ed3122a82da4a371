/** Results of a bench run: as a table, as JSON, and against an earlier run. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

import { formatSeconds, formatTable } from '../src/cli/table.js';
import { type MachineLimits, native, packageRoot, packageVersion } from '../src/native.js';
import type { BenchCase, Measurement, PeerMeasurement, Timing } from './harness.js';

/** Up to here data can stay in the caches of the cores, and in a shared one, between two calls. */
const coreCacheBytes = 2 * 2 ** 20;
const sharedCacheBytes = 64 * 2 ** 20;

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
  peers?: PeerMeasurement[];
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
  /** Before the run and after it. */
  loadAverage: [number, number];
}

export function machineFacts(): MachineFacts {
  const facts = native().facts();
  return {
    belfry: packageVersion(),
    commit: commit(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    instructions: facts.cpuLevel,
    threads: facts.threads,
    node: process.versions.node,
    os: `${process.platform}-${process.arch}`,
    compiler: facts.compiler,
    date: new Date().toISOString(),
    loadAverage: [load(), load()],
  };
}

export function load(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
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

export function makeRow(
  bench: BenchCase,
  measured: Measurement,
  peers: PeerMeasurement[],
  limits: MachineLimits,
): BenchRow {
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
  if (peers.length > 0) row.peers = peers;
  if (bench.flops > 0) row.gigaflopsPerSecond = bench.flops / seconds.median / 1e9;
  if (bench.reference !== undefined && measured.speedup !== undefined) {
    row.reference = bench.reference.name;
    row.speedup = measured.speedup;
  }
  return row;
}

/** The time this machine's own limits allow: the slowest of what has to be done. */
function leastSeconds(bench: BenchCase, limits: MachineLimits): { limit: string; least: number } {
  const wide = bench.dtype === 'float64';
  const gatherRate = wide ? limits.gathersPerSecond : limits.gathersF32PerSecond;
  const { memory, bytesPerSecond } = memoryRate(bench, limits);
  const terms = [
    { limit: memory, least: bench.bytes / bytesPerSecond },
    { limit: 'FMA', least: bench.flops / (wide ? limits.fmaF64PerSecond : limits.fmaF32PerSecond) },
    { limit: 'gathers', least: (bench.gathers ?? 0) / (gatherRate ?? limits.gathersPerSecond) },
  ];
  return terms.reduce((slowest, term) => (term.least > slowest.least ? term : slowest));
}

/** The rate of the cache that can hold the case's arrays. */
function memoryRate(
  { bytes, readsOnly, cold }: BenchCase,
  limits: MachineLimits,
): { memory: string; bytesPerSecond: number } {
  const { copyBytesPerSecond: copy, readBytesPerSecond: read } = limits;
  if (readsOnly) return { memory: 'read', bytesPerSecond: read };
  if (cold && limits.coldBytesPerSecond !== undefined) {
    return { memory: 'memory, cold', bytesPerSecond: limits.coldBytesPerSecond };
  }
  const { coreCacheCopyBytesPerSecond: core, sharedCacheCopyBytesPerSecond: shared } = limits;
  if (core !== undefined && bytes <= coreCacheBytes)
    return { memory: 'core cache', bytesPerSecond: core };
  if (shared !== undefined && bytes <= sharedCacheBytes)
    return { memory: 'cache', bytesPerSecond: shared };
  return { memory: 'memory', bytesPerSecond: Math.max(copy, read) };
}

export function limitsText(limits: MachineLimits): string {
  const giga = (x: number): string => (x / 1e9).toPrecision(3);
  const {
    coldBytesPerSecond: cold,
    sharedCacheCopyBytesPerSecond: shared,
    coreCacheCopyBytesPerSecond: core,
  } = limits;
  const cached = (where: string, x?: number): string =>
    x === undefined ? '' : `${where} ${giga(x)} GB/s, `;
  return (
    `this machine, measured now: copy ${giga(limits.copyBytesPerSecond)} GB/s, read ${giga(limits.readBytesPerSecond)} GB/s, ` +
    `${cached('12 MB after other work', cold)}${cached('copy in cache', shared)}${cached("in each core's", core)}` +
    `gathers ${(limits.gathersPerSecond / 1e6).toFixed(0)} M/s, FMA ${giga(limits.fmaF32PerSecond)} GFLOP/s float32, ` +
    `${giga(limits.fmaF64PerSecond)} float64`
  );
}

export function resultTable(rows: readonly BenchRow[], previous?: BenchResult): string {
  const before = new Map(
    previous?.rows.map((row) => [`${row.op} ${row.name}`, row.seconds.median]),
  );
  const hasPeers = rows.some((row) => row.peers !== undefined);
  const header = ['op', 'size', 'median', 'p10–p90', 'GB/s', 'GFLOP/s', 'of limit'];
  header.push('vs plain loop');
  if (hasPeers) header.push('vs peer');
  if (previous !== undefined) header.push('vs previous');
  const body = rows.map((row) => {
    const cells = rowCells(row);
    const old = before.get(`${row.op} ${row.name}`);
    if (hasPeers) cells.push(peersText(row));
    if (previous !== undefined)
      cells.push(old === undefined ? 'new' : ratio(old / row.seconds.median));
    return cells;
  });
  return formatTable(header, body);
}

/** The cells of a row up to the plain loop's. */
export function rowCells(row: BenchRow): string[] {
  return [
    `${row.family}/${row.op}`,
    row.name,
    formatSeconds(row.seconds.median),
    `${formatSeconds(row.seconds.p10)}–${formatSeconds(row.seconds.p90)}`,
    row.gigabytesPerSecond > 0 ? row.gigabytesPerSecond.toPrecision(3) : '',
    row.gigaflopsPerSecond?.toPrecision(3) ?? '',
    row.share > 0 ? `${(100 * row.share).toFixed(0)} % ${row.limit}` : '',
    row.speedup === undefined ? '' : ratio(row.speedup),
  ];
}

export function peersText(row: BenchRow): string {
  return (row.peers ?? []).map(({ peer, speedup }) => `${ratio(speedup)} ${peer}`).join(', ');
}

function ratio(value: number): string {
  return `${value.toPrecision(3)} x`;
}
