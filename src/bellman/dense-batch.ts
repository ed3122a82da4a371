import type { Engine } from '../engine.js';
import { argumentError } from '../errors.js';
import {
  type ValueIterationDenseResult,
  valueIterationDense,
  valueIterationDenseAsync,
} from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import type { RealArray, Tensor } from '../tensor.js';
import { sweepDefaults, type ValueIterationOptions } from './value-iteration.js';

/** Dense models of one size, one after the other. Row = (model · S + state) · A + action. */
export interface DenseModels<A extends RealArray = RealArray> {
  numModels: number;
  numStates: number;
  numActions: number;
  /** [M, S, A, S] P_m(s'|s,a). A row's mass below one ends the episode with what is missing. */
  prob: A;
  /** [M, S, A] expected immediate rewards. */
  rewards: A;
  /** [M, S, A] 1 = allowed; absent: all actions are. */
  actionMask?: Uint8Array;
}

export interface DenseBatchSolution<A extends RealArray> {
  /** [M, S] V*, within the tolerance where converged. */
  values: Tensor<A>;
  /** [M, S] certified bounds on V*; infinite when γ = 1. */
  lower: Tensor<A>;
  upper: Tensor<A>;
  /** [M, S] greedy action, −1 where none is allowed. */
  policy: Tensor<Int32Array>;
  /** [M] 1 where the stop rule was met. */
  converged: Tensor<Uint8Array>;
  /** [M] sweeps each model took. */
  iterations: Tensor<Int32Array>;
  elapsedMs: number;
}

const outputs = [
  'vStar',
  'vStarLower',
  'vStarUpper',
  'policyStar',
  'converged',
  'iterations',
] as const;

/**
 * Value iteration with certified bounds over many small models at once: each is solved to its end
 * while it is in the cache, and threads take models.
 *
 * ```ts
 * const solver = new DenseBatchValueIteration({ numModels, numStates, numActions, prob, rewards }, { discount: 0.99 });
 * const { values, policy, converged } = await solver.solve();
 * ```
 *
 * Source: Puterman, Markov Decision Processes (1994), sections 6.3 and 6.6.
 */
export class DenseBatchValueIteration<A extends RealArray> {
  readonly models: DenseModels<A>;
  readonly options: Readonly<
    Required<Omit<ValueIterationOptions, 'engine' | 'variant' | 'checkpoint'>>
  >;
  readonly #engine: Engine | undefined;

  /**
   * @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option, BELFRY_BAD_SHAPE for an array
   * of another length than the sizes say
   */
  constructor(models: DenseModels<A>, options: ValueIterationOptions) {
    checkOptions('DenseBatchValueIteration', options, [
      'discount',
      'engine',
      ...Object.keys(sweepDefaults),
    ]);
    const { numModels, numStates, numActions, prob, rewards, actionMask } = models;
    const rows = numModels * numStates * numActions;
    requireLength('prob', prob, rows * numStates);
    requireLength('rewards', rewards, rows);
    if (actionMask !== undefined) requireLength('actionMask', actionMask, rows);
    const { engine, ...rest } = options;
    this.models = models;
    this.options = { ...sweepDefaults, ...rest };
    this.#engine = engine;
  }

  /**
   * Solves on the engine's own threads.
   * @param run `initialValues` [M, S] starts warm; `signal` stops; `onProgress` counts models
   */
  async solve(run: AsyncOptions & { initialValues?: A } = {}): Promise<DenseBatchSolution<A>> {
    const started = performance.now();
    const { initialValues, ...task } = run;
    return solution(
      await valueIterationDenseAsync({ ...this.#arguments(initialValues), ...task }),
      started,
    );
  }

  /** Solves on this thread. */
  solveSync(run: { initialValues?: A } = {}): DenseBatchSolution<A> {
    const started = performance.now();
    return solution(valueIterationDense(this.#arguments(run.initialValues)), started);
  }

  #arguments(initialValues: A | undefined): Parameters<typeof valueIterationDense<A>>[0] {
    const { discount, ...rest } = this.options;
    const { numModels, numStates, numActions, prob, rewards, actionMask } = this.models;
    const shape = [numModels, numStates, numActions];
    const args: Parameters<typeof valueIterationDense<A>>[0] = {
      prob: { data: prob, shape: [...shape, numStates] },
      rewards: { data: rewards, shape },
      gamma: discount,
      ...rest,
      outputs,
    };
    if (actionMask !== undefined) args.actionMask = { data: actionMask, shape };
    if (initialValues !== undefined) {
      requireLength('initialValues', initialValues, numModels * numStates);
      args.initialValues = { data: initialValues, shape: [numModels, numStates] };
    }
    if (this.#engine !== undefined) args.engine = this.#engine;
    return args;
  }
}

function requireLength(name: string, array: { length: number }, length: number): void {
  if (array.length === length) return;
  throw argumentError(
    'BELFRY_BAD_SHAPE',
    'DenseBatchValueIteration',
    name,
    `has ${array.length} elements`,
    `${length}`,
  );
}

function solution<A extends RealArray>(
  result: ValueIterationDenseResult<A>,
  started: number,
): DenseBatchSolution<A> {
  return {
    values: result.vStar,
    lower: result.vStarLower,
    upper: result.vStarUpper,
    policy: result.policyStar,
    converged: result.converged,
    iterations: result.iterations,
    elapsedMs: performance.now() - started,
  };
}
