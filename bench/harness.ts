/** Times the engine and others in turn, A B A B, so that a busy machine slows both alike. */
import { median, quantileSorted } from 'simple-statistics';

import type { PeerAnswer, PeerRequest } from './peers.js';

export interface BenchCase {
  family: string;
  op: string;
  /** Sizes in words. */
  name: string;
  /** Least bytes the mathematics must move, and floating-point operations; both 0: no limit applies. */
  bytes: number;
  flops: number;
  /** Random reads of a table that no cache of one core holds. */
  gathers?: number;
  /** What is written is small beside what is read. */
  readsOnly?: boolean;
  /**
   * Its data are in memory and the threads asleep when its turn comes again: the limit is what the
   * machine moves then, as many bytes in all, two read for each written.
   */
  cold?: boolean;
  /** Default float32. */
  dtype?: 'float32' | 'float64';
  run: () => unknown;
  /** `calls`: how many such runs the job takes, where one is long enough to time. Default 1. */
  reference?: { name: string; run: () => unknown; calls?: number };
  /** Throws when the result is wrong: a wrong kernel has no speed. */
  check?: () => void;
  peers?: PeerCase | readonly PeerCase[];
}

/** A workload is built when its turn comes: together they would not fit in memory. */
export type Workload = () => BenchCase[];

/** The same job for the programs of bench/peers. */
export interface PeerCase {
  programs: readonly ('python' | 'onnx' | 'tfjs')[];
  workload: string;
  sizes?: readonly number[];
  /** The first results of the last run, as the peer's sample has them. */
  sample: () => ArrayLike<number>;
  tolerance: number;
}

export interface Timing {
  /** Seconds a call: median and spread. */
  median: number;
  p10: number;
  p90: number;
  samples: number;
}

export interface Measurement {
  engine: Timing;
  reference?: Timing;
  /** Median over the pairs of reference time / engine time. */
  speedup?: number;
}

export interface PeerMeasurement {
  peer: string;
  engine: Timing;
  seconds: Timing;
  /** Median over the pairs of the peer's time / engine time. */
  speedup: number;
}

export interface Effort {
  minSamples: number;
  maxSeconds: number;
  /** Seconds after which three samples have to do instead of seven. */
  patience: number;
}

export const quick: Effort = { minSamples: 30, maxSeconds: 1, patience: 8 };
const thorough: Effort = { minSamples: 30, maxSeconds: 2, patience: 40 };

export function measure(bench: BenchCase, effort: Effort = quick): Measurement {
  bench.check?.();
  const engineBatch = batchSize(bench.run);
  const referenceBatch = bench.reference === undefined ? 1 : batchSize(bench.reference.run);
  const engine: number[] = [];
  const reference: number[] = [];
  const more = lasts(effort);
  while (more(engine.length)) {
    engine.push(time(bench.run, engineBatch));
    if (bench.reference !== undefined) {
      const { run, calls = 1 } = bench.reference;
      reference.push(calls * time(run, referenceBatch));
    }
  }
  const result: Measurement = { engine: summarise(engine) };
  if (reference.length > 0) {
    result.reference = summarise(reference);
    result.speedup = medianRatio(reference, engine);
  }
  return result;
}

/** A program of bench/peers, already started. */
export interface Peer {
  ask(request: PeerRequest): Promise<PeerAnswer>;
  /** Resolves when its threads have stopped looking for work. */
  settle(): Promise<void>;
}

/** @returns the measurement, or why there is none */
export async function measurePeer(
  bench: BenchCase,
  peerCase: PeerCase,
  peer: Peer,
  effort: Effort = thorough,
): Promise<PeerMeasurement | string> {
  const { workload, sizes = [] } = peerCase;
  const first = await peer.ask({ workload, sizes, first: true, repeat: 1 });
  if (first.missing !== undefined) return first.missing;
  bench.run();
  compare(bench, peerCase, first);
  // Samples of equal length: on a busy machine the longer one is interrupted more often. Long enough
  // that waking up, after the pause between the two, is a small part of them.
  const span = Math.min(0.1, Math.max(50e-3, first.seconds as number));
  const request = { workload, sizes, repeat: Math.ceil(span / (first.seconds as number)) };
  const engineBatch = Math.ceil(span / time(bench.run, batchSize(bench.run)));
  const engine: number[] = [];
  const seconds: number[] = [];
  const more = lasts(effort);
  while (more(engine.length)) {
    await peer.settle();
    // As the peer does before it times: wakes the threads, fills the caches.
    bench.run();
    engine.push(time(bench.run, engineBatch));
    seconds.push((await peer.ask(request)).seconds as number);
  }
  return {
    peer: first.peer as string,
    engine: summarise(engine),
    seconds: summarise(seconds),
    speedup: medianRatio(seconds, engine),
  };
}

function compare(bench: BenchCase, { sample, tolerance }: PeerCase, first: PeerAnswer): void {
  const ours = sample();
  if (first.sample === undefined) throw new Error(`bench: no sample of ${first.peer}`);
  first.sample.forEach((theirs, i) => {
    if (!(Math.abs(theirs - (ours[i] as number)) <= tolerance)) {
      throw new Error(
        `${bench.op} ${bench.name}: result ${i} is ${ours[i]}, ${first.peer} has ${theirs}`,
      );
    }
  });
}

/** Few samples of a slow case are better than none. */
function lasts({ minSamples, maxSeconds, patience }: Effort): (samples: number) => boolean {
  const started = performance.now();
  return (samples) => {
    const seconds = (performance.now() - started) / 1000;
    if (seconds > patience) return samples < 3;
    return samples < 7 || (samples < minSamples && seconds < maxSeconds);
  };
}

function time(run: () => unknown, batch: number): number {
  const started = process.hrtime.bigint();
  for (let i = 0; i < batch; i++) run();
  return Number(process.hrtime.bigint() - started) / 1e9 / batch;
}

/** Calls per sample: enough for 0.2 ms, after a warm-up that lets the engine and V8 settle. */
function batchSize(run: () => unknown): number {
  const first = time(run, 1);
  if (first > 2e-3) return 1;
  const warm = time(run, Math.ceil(5e-3 / Math.max(first, 1e-7)));
  return Math.max(1, Math.ceil(2e-4 / Math.max(warm, 1e-8)));
}

function medianRatio(slow: readonly number[], fast: readonly number[]): number {
  return median(slow.map((seconds, i) => seconds / (fast[i] as number)));
}

function summarise(seconds: readonly number[]): Timing {
  const sorted = [...seconds].sort((a, b) => a - b);
  return {
    median: quantileSorted(sorted, 0.5),
    p10: quantileSorted(sorted, 0.1),
    p90: quantileSorted(sorted, 0.9),
    samples: sorted.length,
  };
}
