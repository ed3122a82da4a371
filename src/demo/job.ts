/** What one job of the demo hands to the table and to the report. */
import type { Section } from './report.js';

export interface JobRow {
  /** What was computed. */
  job: string;
  size: string;
  /** Median seconds of the engine. */
  seconds: number;
  /** Share of this machine's measured limit, and which limit; absent where neither says anything. */
  share?: number;
  limit?: string;
  /** Plain TypeScript loop doing the same, same run: its seconds over the engine's. */
  speedup?: number;
  /** What was checked, in words. */
  checked: string;
}

export interface JobResult {
  rows: JobRow[];
  sections: Section[];
}

/** Median seconds of a few calls, the first one left out. */
export function medianSeconds(repeats: number, run: () => unknown): number {
  run();
  const seconds: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    run();
    seconds.push((performance.now() - started) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return seconds[Math.floor(seconds.length / 2)] as number;
}

/** Thrown when a result is not what it must be: the demo then fails. */
export function requireNear(got: number, want: number, tolerance: number, what: string): void {
  if (Math.abs(got - want) <= tolerance) return;
  throw new Error(`demo: ${what} is ${got}, expected ${want} ± ${tolerance}`);
}
