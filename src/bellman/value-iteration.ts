import type { Engine } from '../engine.js';
import { argumentError, show } from '../errors.js';
import {
  actionElimination,
  actionEliminationAsync,
  andersonValueIteration,
  andersonValueIterationAsync,
  inPlaceValueIteration,
  inPlaceValueIterationAsync,
  topologicalValueIteration,
  topologicalValueIterationAsync,
  type ValueIterationResult,
  valueIteration,
  valueIterationAsync,
} from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { type RealArray, Tensor } from '../tensor.js';
import { type CheckpointOptions, checkCheckpointOptions, type SolverState } from './checkpoint.js';
import type { Mdp, SingleMdp } from './mdp.js';
import { requireKind, singleKinds } from './models/model.js';
import { narrowed, type Slice, sharedModel, solveInSlices, widenedModel } from './slices.js';
import { runOptions, type SolverRun } from './solver-progress.js';

/** How value iteration sweeps. */
export type ValueIterationVariant =
  | 'synchronous'
  | 'in_place'
  | 'topological'
  | 'anderson'
  | 'elimination';

export interface ValueIterationOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
  /** The answer is certified to be this close to V*. Default 1e-6. */
  tolerance?: number;
  /**
   * 'synchronous' (default), every state from the values of the sweep before; 'in_place', backwards
   * and forwards in turn; 'topological', one strong component after the other; 'anderson',
   * accelerated; 'elimination', which strikes out actions.
   */
  variant?: ValueIterationVariant;
  /**
   * Stop rule: 'span' (default) certifies by the MacQueen–Porteus bounds, 'sup' ('synchronous'
   * alone) by the largest change.
   */
  stop?: 'span' | 'sup';
  /** Sweeps ('topological': rounds) after which the solver gives up. Default 100000. */
  maxIterations?: number;
  /** Maximise reward (default) or minimise cost. */
  mode?: 'max' | 'min';
  /** Where to compute; a GPU makes 'synchronous' sweeps. Default: where the model lies. */
  engine?: Engine;
  /** Write checkpoints, and go on from one. */
  checkpoint?: CheckpointOptions;
}

/** Options left out take these values, in every class that sweeps synchronously. */
export const sweepDefaults: Readonly<{
  tolerance: number;
  stop: 'span' | 'sup';
  maxIterations: number;
  mode: 'max' | 'min';
}> = Object.freeze({ tolerance: 1e-6, stop: 'span', maxIterations: 100_000, mode: 'max' });

/** Options left out take these values. */
export const valueIterationDefaults: typeof sweepDefaults &
  Readonly<{ variant: ValueIterationVariant }> = Object.freeze({
  ...sweepDefaults,
  variant: 'synchronous',
});

export interface Solution<A extends RealArray> {
  /** [S] V*, within the tolerance when `converged`. */
  values: Tensor<A>;
  /** [S] certified bounds on V*; infinite when γ = 1. */
  lower: Tensor<A>;
  upper: Tensor<A>;
  /** [S] greedy action, −1 where none is allowed. */
  policy: Tensor<Int32Array>;
  /** Whether the stop rule was met. False: the answer so far. */
  converged: boolean;
  iterations: number;
  /** Largest change of the last sweep. */
  residual: number;
  elapsedMs: number;
}

type Answer<A extends RealArray> = Pick<
  ValueIterationResult<A>,
  | 'vStar'
  | 'vStarLower'
  | 'vStarUpper'
  | 'policyStar'
  | 'iterations'
  | 'converged'
  | 'residualInf'
  | 'lastValues'
  | 'stopState'
> & { remaining?: Tensor<Uint8Array> };

interface Variant {
  call: (args: never) => unknown;
  callAsync: (args: never) => Promise<unknown>;
  /** A solve goes on with the same bits after a multiple of these sweeps. */
  multiple: number;
  /** Parameter that counts on from solve to solve. */
  counter?: 'firstSweep' | 'firstRound';
}

const variants: Readonly<Record<ValueIterationVariant, Variant>> = {
  // Four: a GPU looks at its sweeps that often.
  synchronous: { call: valueIteration, callAsync: valueIterationAsync, multiple: 4 },
  in_place: {
    call: inPlaceValueIteration,
    callAsync: inPlaceValueIterationAsync,
    multiple: 1,
    counter: 'firstSweep',
  },
  topological: {
    call: topologicalValueIteration,
    callAsync: topologicalValueIterationAsync,
    multiple: 1,
    counter: 'firstRound',
  },
  anderson: { call: andersonValueIteration, callAsync: andersonValueIterationAsync, multiple: 64 },
  elimination: { call: actionElimination, callAsync: actionEliminationAsync, multiple: 4 },
};

const answerOutputs = [
  'vStar',
  'vStarLower',
  'vStarUpper',
  'policyStar',
  'iterations',
  'converged',
  'residualInf',
];

/**
 * Value iteration with certified bounds.
 *
 * ```ts
 * const solver = new ValueIteration(mdp, { discount: 0.99 });
 * const { values, policy, converged } = await solver.solve({ onProgress: (p) => console.log(p) });
 * ```
 *
 * Source: Puterman, Markov Decision Processes (1994), sections 6.3 and 6.6.
 */
export class ValueIteration<A extends RealArray> {
  readonly mdp: SingleMdp<A>;
  readonly options: Readonly<Required<Omit<ValueIterationOptions, 'engine' | 'checkpoint'>>>;
  readonly #engine: Engine | undefined;
  readonly #checkpoint: CheckpointOptions | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option */
  constructor(mdp: SingleMdp<A>, options: ValueIterationOptions) {
    requireKind('ValueIteration', mdp, singleKinds);
    checkOptions('ValueIteration', options, [
      'discount',
      'engine',
      'checkpoint',
      ...Object.keys(valueIterationDefaults),
    ]);
    const { engine, checkpoint, ...rest } = options;
    this.mdp = mdp;
    this.options = { ...valueIterationDefaults, ...rest };
    this.#engine = engine ?? mdp.engine;
    this.#checkpoint = checkpoint && checkCheckpointOptions('ValueIteration', checkpoint);
    checkVariant(this.options);
  }

  /**
   * Solves on the engine's own threads.
   * @param run `initialValues` [S] starts warm; `signal` stops; `onProgress` follows the residual
   */
  async solve(run: SolverRun & { initialValues?: A } = {}): Promise<Solution<A>> {
    const started = performance.now();
    const { discount, variant } = this.options;
    const options = runOptions(run, discount < 1 ? discount / (1 - discount) : Number.NaN);
    if (this.#checkpoint !== undefined) {
      return this.#inSlices(this.#checkpoint, options, run.initialValues, started);
    }
    const args = { ...this.#arguments(this.mdp.toSparse(), run.initialValues), ...options };
    const answer = await variants[variant].callAsync(args as never);
    return solution(answer as Answer<A>, started);
  }

  /**
   * Solves on this thread.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT with a checkpoint, which is written between slices
   */
  solveSync(run: { initialValues?: A } = {}): Solution<A> {
    const started = performance.now();
    if (this.#checkpoint !== undefined) {
      const hint = 'Checkpoints need solve().';
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        'ValueIteration.solveSync',
        'checkpoint',
        'is given',
        'none',
        hint,
      );
    }
    const args = this.#arguments(this.mdp.toSparse(), run.initialValues);
    return solution(variants[this.options.variant].call(args as never) as Answer<A>, started);
  }

  async #inSlices(
    checkpoint: CheckpointOptions,
    run: AsyncOptions,
    initialValues: A | undefined,
    started: number,
  ): Promise<Solution<A>> {
    const { variant, discount, mode, stop, maxIterations } = this.options;
    // Only 'synchronous' computes in the type of the model; the others always in float64.
    const inType = variant === 'synchronous';
    const mdp = this.mdp.toSparse();
    const model = (inType ? sharedModel(mdp) : widenedModel(mdp)) as Mdp<RealArray>;
    const start =
      inType || initialValues === undefined ? initialValues : new Float64Array(initialValues);
    const { result, iterations } = await solveInSlices<Answer<RealArray>>({
      op: 'ValueIteration',
      mdp,
      solver: { class: 'ValueIteration', variant, discount, mode, stop },
      maxIterations,
      multiple: variants[variant].multiple,
      checkpoint,
      run,
      slice: (state, length, options) => this.#slice(model, state, start, length, options),
    });
    return solution(narrowAnswer({ ...result, iterations }, mdp), started);
  }

  async #slice(
    model: Mdp<RealArray>,
    state: SolverState | undefined,
    initialValues: RealArray | undefined,
    maxIterations: number,
    run: AsyncOptions,
  ): Promise<Slice<Answer<RealArray>>> {
    const { variant } = this.options;
    const { callAsync, counter } = variants[variant];
    const values = (state?.arrays['last_values'] as RealArray | undefined) ?? initialValues;
    const args = { ...this.#arguments(model, values), maxIterations, ...run };
    const outputs = [...answerOutputs, 'lastValues', 'stopState'];
    if (variant === 'elimination') outputs.push('remaining');
    if (state !== undefined) {
      const remaining = state.arrays['remaining'] as Uint8Array | undefined;
      Object.assign(args, { stopState: state.arrays['stop_state'] });
      if (remaining !== undefined) {
        const shape = [model.numStates, model.numActions];
        Object.assign(args, { actionMask: { data: remaining, shape } });
      }
      if (counter !== undefined) Object.assign(args, { [counter]: state.iterations + 1 });
    }
    const result = (await callAsync({ ...args, outputs } as never)) as Answer<RealArray>;
    return {
      result,
      iterations: result.iterations,
      ended: result.converged === 1 || result.iterations < maxIterations,
      arrays: {
        last_values: result.lastValues.data,
        stop_state: result.stopState.data,
        policy: result.policyStar.data,
        ...(result.remaining && { remaining: result.remaining.data }),
      },
    };
  }

  #arguments(mdp: Mdp<RealArray>, initialValues: RealArray | undefined): object {
    const { discount, variant, stop, ...rest } = this.options;
    return {
      ...mdp.operands(),
      gamma: discount,
      ...rest,
      ...(variant === 'synchronous' && { stop }),
      outputs: answerOutputs,
      ...(initialValues !== undefined && { initialValues }),
      ...(this.#engine !== undefined && { engine: this.#engine }),
    };
  }
}

function checkVariant({ variant, stop }: { variant: string; stop: string }): void {
  if (!(variant in variants)) {
    const expected = Object.keys(variants).join(', ');
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'ValueIteration',
      'variant',
      `is ${show(variant)}`,
      expected,
    );
  }
  if (variant !== 'synchronous' && stop !== 'span') {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'ValueIteration',
      'stop',
      `is ${show(stop)}`,
      `'span' with variant '${variant}'`,
    );
  }
}

function narrowAnswer<A extends RealArray>(answer: Answer<RealArray>, mdp: Mdp<A>): Answer<A> {
  const narrow = (tensor: Tensor<RealArray>): Tensor<A> =>
    tensor.data.constructor === mdp.prob.constructor
      ? (tensor as Tensor<A>)
      : new Tensor(narrowed(tensor.data, mdp), tensor.shape);
  return {
    ...answer,
    vStar: narrow(answer.vStar),
    vStarLower: narrow(answer.vStarLower),
    vStarUpper: narrow(answer.vStarUpper),
    lastValues: narrow(answer.lastValues),
    stopState: narrow(answer.stopState),
    ...(mdp.prob instanceof Float32Array && { residualInf: Math.fround(answer.residualInf) }),
  };
}

function solution<A extends RealArray>(result: Answer<A>, started: number): Solution<A> {
  return {
    values: result.vStar,
    lower: result.vStarLower,
    upper: result.vStarUpper,
    policy: result.policyStar,
    converged: result.converged === 1,
    iterations: result.iterations,
    residual: Math.abs(result.residualInf),
    elapsedMs: performance.now() - started,
  };
}
