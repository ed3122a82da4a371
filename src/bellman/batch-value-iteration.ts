import { argumentError, show } from '../errors.js';
import {
  type ValueIterationResult,
  valueIteration,
  valueIterationAsync,
} from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions, Progress } from '../tasks.js';
import { type RealArray, Tensor } from '../tensor.js';
import { type BackupAnswer, backupCall, inSharedMemory } from './bellman-backup.js';
import { type Calls, callOf, runCalls, runCallsAsync, step } from './calls.js';
import type { MdpBatch } from './models/batch.js';
import { requireKind } from './models/model.js';
import type { SharedMdp } from './models/shared.js';
import { sweepDefaults, type ValueIterationOptions } from './value-iteration.js';

export interface BatchValueIterationOptions
  extends Omit<ValueIterationOptions, 'discount' | 'engine' | 'variant' | 'checkpoint'> {
  /** Discount γ in [0, 1]; for a batch of models also a list, one for each. */
  discount: number | ArrayLike<number>;
}

export interface BatchSolution<A extends RealArray> {
  /** V*: [S] of a batch, one model after the other; [B, S] where reward functions share a model. */
  values: Tensor<A>;
  /** Certified bounds on V*, as `values`; infinite when γ = 1. */
  lower: Tensor<A>;
  upper: Tensor<A>;
  /** Greedy action, −1 where none is allowed, as `values`. */
  policy: Tensor<Int32Array>;
  /** Whether the stop rule was met in every model. */
  converged: boolean;
  /** [B] the same of each model. */
  convergedOf: readonly boolean[];
  /** Sweeps of the model that took the most. */
  iterations: number;
  elapsedMs: number;
}

/**
 * Value iteration of many models, or of many reward functions over one, at once: sweeps of
 * `bellmanBackupBatched` until the bounds of every model are tight, then a certified sweep of each.
 *
 * ```ts
 * const { values } = await new BatchValueIteration(batch, { discount: [0.9, 0.99] }).solve();
 * ```
 *
 * Source: Puterman, Markov Decision Processes (1994), sections 6.3 and 6.6.
 */
export class BatchValueIteration<A extends RealArray> {
  readonly mdp: MdpBatch<A> | SharedMdp<A>;
  readonly options: Readonly<Required<BatchValueIterationOptions>>;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option */
  constructor(mdp: MdpBatch<A> | SharedMdp<A>, options: BatchValueIterationOptions) {
    requireKind('BatchValueIteration', mdp, ['batch', 'shared']);
    checkOptions('BatchValueIteration', options, ['discount', ...Object.keys(sweepDefaults)]);
    this.mdp = mdp;
    this.options = { ...sweepDefaults, ...options };
    const { discount } = options;
    const fits = typeof discount === 'number' || mdp.kind === 'batch';
    if (fits && (typeof discount === 'number' || discount.length === mdp.numModels)) return;
    const expected = mdp.kind === 'batch' ? `one number, or ${mdp.numModels}` : 'one number';
    const received = `is ${show(discount)}`;
    const op = 'BatchValueIteration';
    throw argumentError('BELFRY_INVALID_ARGUMENT', op, 'discount', received, expected);
  }

  /**
   * Solves on the engine's own threads.
   * @param run `initialValues`, as `values`, starts warm; `signal` stops; `onProgress` follows the
   * residual
   */
  async solve(run: AsyncOptions & { initialValues?: A } = {}): Promise<BatchSolution<A>> {
    const { mdp } = this;
    const operands = inSharedMemory(mdp.operands());
    const calls = this.#calls(operands, run.initialValues, run.onProgress);
    return runCallsAsync(calls, run.signal);
  }

  /** Solves on this thread. */
  solveSync(run: { initialValues?: A } = {}): BatchSolution<A> {
    return runCalls(this.#calls(this.mdp.operands(), run.initialValues));
  }

  *#calls(
    operands: object,
    initialValues: A | undefined,
    onProgress?: (progress: Progress) => void,
  ): Calls<BatchSolution<A>> {
    const started = performance.now();
    const { mdp, options } = this;
    const { discount, mode, tolerance, maxIterations } = options;
    const make = mdp.rewards.constructor as new (length: number) => A;
    const models = this.#models();
    let values = initialValues ?? new make(models.at(-1)?.last ?? 0);
    let [sweeps, limit] = [0, models.length > 0 ? maxIterations : 0];
    while (sweeps < limit) {
      const call = backupCall(mdp, { values, discount, mode }, operands);
      const swept: BackupAnswer<A> = yield* step(call);
      const errors = models.map((model) => boundWidth(model, values, swept.values.data));
      values = swept.values.data;
      sweeps++;
      if (sweeps === 1) limit = Math.min(limit, 1 + sweepsNeeded(models, errors, tolerance));
      const residual = errors.reduce((most, error) => (error > most ? error : most), 0);
      onProgress?.({ iteration: sweeps, residual, elapsedMs: performance.now() - started });
      if (!(residual > tolerance)) break;
    }
    return yield* this.#certified(models, values, sweeps, started);
  }

  /** The models and where their values lie. */
  #models(): ModelRange[] {
    const { mdp } = this;
    const { discount } = this.options;
    return Array.from({ length: mdp.numModels }, (_, m) => {
      const [first, last] =
        mdp.kind === 'batch'
          ? [mdp.stateOffsets[m] as number, mdp.stateOffsets[m + 1] as number]
          : [m * mdp.numStates, (m + 1) * mdp.numStates];
      const canEnd = mdp.kind === 'batch' ? mdp.canEndOf[m] === 1 : mdp.canEnd;
      const gamma = typeof discount === 'number' ? discount : (discount[m] as number);
      return { first, last, canEnd, gamma };
    });
  }

  /** The solver of one model finishes each, from values that need a sweep or two. */
  *#certified(
    models: readonly ModelRange[],
    start: A,
    sweeps: number,
    started: number,
  ): Calls<BatchSolution<A>> {
    const { mdp } = this;
    const { mode, tolerance, stop, maxIterations } = this.options;
    const shape = mdp.kind === 'batch' ? [start.length] : [mdp.numModels, mdp.numStates];
    const make = start.constructor as new (length: number) => A;
    const [values, lower, upper] = [start, start, start].map((a) => new make(a.length)) as [
      A,
      A,
      A,
    ];
    const policy = new Int32Array(start.length);
    const convergedOf: boolean[] = [];
    let most = 0;
    for (const [m, { first, last, gamma }] of models.entries()) {
      const found: ValueIterationResult<A> = yield* step(
        callOf<ValueIterationResult<A>>(valueIteration, valueIterationAsync, {
          ...mdp.at(m).operands(),
          gamma,
          mode,
          tolerance,
          stop,
          maxIterations: sweeps === 0 ? maxIterations : Math.max(1, maxIterations - sweeps),
          initialValues: start.subarray(first, last),
          outputs: ['vStar', 'vStarLower', 'vStarUpper', 'policyStar', 'iterations', 'converged'],
        }),
      );
      values.set(found.vStar.data, first);
      lower.set(found.vStarLower.data, first);
      upper.set(found.vStarUpper.data, first);
      policy.set(found.policyStar.data, first);
      convergedOf.push(found.converged === 1);
      most = Math.max(most, found.iterations);
    }
    return {
      values: new Tensor(values, shape),
      lower: new Tensor(lower, shape),
      upper: new Tensor(upper, shape),
      policy: new Tensor(policy, shape),
      converged: convergedOf.every(Boolean),
      convergedOf,
      iterations: sweeps + most,
      elapsedMs: performance.now() - started,
    };
  }
}

/** One model: its part of the values, and what its bounds depend on. */
interface ModelRange {
  first: number;
  last: number;
  canEnd: boolean;
  gamma: number;
}

/** Half the distance of the bounds on V* after a sweep; with γ = 1 the largest change. */
function boundWidth(model: ModelRange, before: RealArray, after: RealArray): number {
  const { first, last, canEnd, gamma } = model;
  let [low, high] = canEnd || gamma === 1 ? [0, 0] : [Infinity, -Infinity];
  for (let s = first; s < last; s++) {
    const change = (after[s] as number) - (before[s] as number);
    low = Math.min(low, change);
    high = Math.max(high, change);
  }
  if (first === last) return 0;
  return gamma === 1 ? Math.max(high, -low) : (gamma / (1 - gamma)) * ((high - low) / 2);
}

/** Sweeps after which γ^n has brought every width below the tolerance, whatever rounding does. */
function sweepsNeeded(
  models: readonly ModelRange[],
  widths: readonly number[],
  tolerance: number,
): number {
  return models.reduce((most, { gamma }, m) => {
    const width = widths[m] as number;
    if (!(width > tolerance)) return most;
    const needed = gamma < 1 ? Math.ceil(Math.log(tolerance / width) / Math.log(gamma)) : Infinity;
    return needed > most ? needed : most;
  }, 0);
}
