/** Times the engine and a reference in turn, A B A B, so that a busy machine slows both alike. */
import { median, quantileSorted } from 'simple-statistics';

export interface BenchCase {
  family: string;
  op: string;
  /** Sizes in words. */
  name: string;
  /** Least bytes the mathematics must move, and floating-point operations. */
  bytes: number;
  flops: number;
  /** Which limit of the machine it runs into; gathers per call for 'gathers'. */
  bound: 'memory' | 'flops' | 'gathers';
  gathers?: number;
  dtype?: 'float32' | 'float64';
  run: () => unknown;
  reference?: { name: string; run: () => unknown };
  /** Throws when the result is wrong: a wrong kernel has no speed. */
  check?: () => void;
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

export interface Effort {
  minSamples: number;
  maxSeconds: number;
}

export const quick: Effort = { minSamples: 30, maxSeconds: 1.2 };

export function measure(bench: BenchCase, effort: Effort = quick): Measurement {
  bench.check?.();
  const engineBatch = batchSize(bench.run);
  const referenceBatch = bench.reference === undefined ? 1 : batchSize(bench.reference.run);
  const engine: number[] = [];
  const reference: number[] = [];
  const deadline = performance.now() + effort.maxSeconds * 1000;
  // Few samples of a slow case are better than none: at least seven of each, as long as it takes.
  while (engine.length < 7 || (engine.length < effort.minSamples && performance.now() < deadline)) {
    engine.push(time(bench.run, engineBatch));
    if (bench.reference !== undefined) reference.push(time(bench.reference.run, referenceBatch));
    if (engine.length >= 3 && performance.now() > deadline + 10 * effort.maxSeconds * 1000) break;
  }
  const result: Measurement = { engine: summarise(engine) };
  if (reference.length > 0) {
    result.reference = summarise(reference);
    result.speedup = median(reference.map((seconds, i) => seconds / (engine[i] as number)));
  }
  return result;
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

function summarise(seconds: number[]): Timing {
  const sorted = [...seconds].sort((a, b) => a - b);
  return {
    median: quantileSorted(sorted, 0.5),
    p10: quantileSorted(sorted, 0.1),
    p90: quantileSorted(sorted, 0.9),
    samples: sorted.length,
  };
}
