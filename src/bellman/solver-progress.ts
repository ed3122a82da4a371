/** What a solver of discounted models tells while it runs. */
import type { AsyncOptions, Progress } from '../tasks.js';

export interface SolverProgress extends Progress {
  /** V* lies at most this far from the values of the iteration; absent when γ = 1. */
  bound?: number;
}

export interface SolverRun extends Omit<AsyncOptions, 'onProgress'> {
  /** Called at most ten times a second; an exception inside it stops the work and rejects. */
  onProgress?: (progress: SolverProgress) => void;
}

/** The options of an async call; `factor` times the residual bounds the distance to V*. */
export function runOptions(run: SolverRun, factor: number): AsyncOptions {
  const { signal, onProgress } = run;
  return {
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (progress: Progress) => {
        const bound = factor * Math.abs(progress.residual ?? Number.NaN);
        onProgress(Number.isFinite(bound) ? { ...progress, bound } : progress);
      },
    }),
  };
}

/** What an async call takes of the options of a solve. */
export function runOf({ signal, onProgress }: SolverRun): AsyncOptions {
  return { ...(signal && { signal }), ...(onProgress && { onProgress }) };
}
