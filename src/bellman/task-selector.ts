import { argumentError } from '../errors.js';
import { type MbtlSelectResult, mbtlSelect } from '../generated/bellman.js';
import { checkOptions } from '../options.js';

export interface TaskSelectorOptions {
  /** [n] the contexts, one number per task. */
  contexts: Float64Array;
  /** θ, performance lost per unit of distance between contexts. */
  slope: number;
  /** Weight of the uncertainty with k tasks chosen: 1, 1/(k+1) or √ln(k+1). Default 'one'. */
  betaSchedule?: 'one' | 'inv' | 'log';
  /** Variance of the Gaussian process over the performance at home. Default 1. */
  sigmaF2?: number;
  /** Length of its kernel, in units of the contexts. Default 1. */
  lengthScale?: number;
  /** Deviation of the noise. Default 0.1. */
  noiseStd?: number;
}

const known = ['contexts', 'slope', 'betaSchedule', 'sigmaF2', 'lengthScale', 'noiseStd'];

/**
 * Model-based transfer learning, one task at a time: ask which task to train on, train, tell how
 * the policy does on all tasks, ask again.
 *
 * ```ts
 * const selector = new TaskSelector({ contexts, slope: 0.05 });
 * for (let round = 0; round < 5; round++) selector.observe(await trainAndTest(selector.next()));
 * ```
 *
 * Source: arXiv 2408.04498.
 */
export class TaskSelector {
  readonly options: Readonly<TaskSelectorOptions>;
  readonly #transfer: Float64Array;
  readonly #chosen: number[] = [];

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option */
  constructor(options: TaskSelectorOptions) {
    checkOptions('TaskSelector', options, known);
    this.options = { ...options };
    this.#transfer = new Float64Array(options.contexts.length ** 2);
  }

  /** Tasks trained on, in order. */
  get chosen(): readonly number[] {
    return this.#chosen;
  }

  /** Mean over all tasks of the best policy so far, after each observation. */
  get meanPerformance(): number[] {
    return Array.from(this.#select(this.#chosen.length).meanPerformance.data);
  }

  /**
   * The task to train on next.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT when every task has been trained on
   */
  next(): number {
    const step = this.#chosen.length;
    const numTasks = this.options.contexts.length;
    if (step >= numTasks) {
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        'TaskSelector',
        '',
        `has chosen all ${numTasks} tasks`,
      );
    }
    return this.#select(step + 1).selected.data[step] as number;
  }

  /**
   * Performance on every task, [n], of the policy trained on `next()`.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  observe(performance: ArrayLike<number>): void {
    const numTasks = this.options.contexts.length;
    if (performance.length !== numTasks) {
      const received = `has ${performance.length} elements`;
      throw argumentError(
        'BELFRY_BAD_SHAPE',
        'TaskSelector',
        'performance',
        received,
        `${numTasks}`,
      );
    }
    const task = this.next();
    this.#transfer.set(performance, task * numTasks);
    this.#chosen.push(task);
  }

  /** The op chooses by the rows of tasks chosen before, so that earlier choices come out again. */
  #select(numSteps: number): MbtlSelectResult<Float64Array> {
    const n = this.options.contexts.length;
    return mbtlSelect({
      ...this.options,
      transfer: { data: this.#transfer, shape: [n, n] },
      numSteps,
    });
  }
}
