import type { Engine } from '../engine.js';
import {
  type ValueIterationResult,
  valueIteration,
  valueIterationAsync,
} from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import type { RealArray, Tensor } from '../tensor.js';
import type { SingleMdp } from './mdp.js';
import { requireKind, singleKinds } from './models/model.js';

export interface ValueIterationOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
  /** The answer is certified to be this close to V*. Default 1e-6. */
  tolerance?: number;
  /** Stop rule: 'span' (default) certifies by the MacQueen–Porteus bounds, 'sup' by the largest change. */
  stop?: 'span' | 'sup';
  /** Sweeps after which the solver gives up. Default 100000. */
  maxIterations?: number;
  /** Maximise reward (default) or minimise cost. */
  mode?: 'max' | 'min';
  /** Where to compute. Default: the CPU. */
  engine?: Engine;
}

/** Options left out take these values. */
export const valueIterationDefaults: Readonly<{
  tolerance: number;
  stop: 'span' | 'sup';
  maxIterations: number;
  mode: 'max' | 'min';
}> = Object.freeze({ tolerance: 1e-6, stop: 'span', maxIterations: 100_000, mode: 'max' });

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
  readonly options: Readonly<Required<Omit<ValueIterationOptions, 'engine'>>>;
  readonly #engine: Engine | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option */
  constructor(mdp: SingleMdp<A>, options: ValueIterationOptions) {
    requireKind('ValueIteration', mdp, singleKinds);
    checkOptions('ValueIteration', options, [
      'discount',
      'engine',
      ...Object.keys(valueIterationDefaults),
    ]);
    const { engine, ...rest } = options;
    this.mdp = mdp;
    this.options = { ...valueIterationDefaults, ...rest };
    this.#engine = engine ?? mdp.engine;
  }

  /**
   * Solves on the engine's own threads.
   * @param run `initialValues` [S] starts warm; `signal` stops; `onProgress` follows the residual
   */
  async solve(run: AsyncOptions & { initialValues?: A } = {}): Promise<Solution<A>> {
    const started = performance.now();
    return solution(
      await valueIterationAsync({ ...this.#arguments(run.initialValues), ...run }),
      started,
    );
  }

  /** Solves on this thread. */
  solveSync(run: { initialValues?: A } = {}): Solution<A> {
    const started = performance.now();
    return solution(valueIteration(this.#arguments(run.initialValues)), started);
  }

  #arguments(initialValues: A | undefined): Parameters<typeof valueIteration<A>>[0] {
    const { discount, ...rest } = this.options;
    const args: Parameters<typeof valueIteration<A>>[0] = {
      ...this.mdp.toSparse().operands(),
      gamma: discount,
      ...rest,
      outputs: [
        'vStar',
        'vStarLower',
        'vStarUpper',
        'policyStar',
        'iterations',
        'converged',
        'residualInf',
      ],
    };
    if (initialValues !== undefined) args.initialValues = initialValues;
    if (this.#engine !== undefined) args.engine = this.#engine;
    return args;
  }
}

function solution<A extends RealArray>(
  result: ValueIterationResult<A>,
  started: number,
): Solution<A> {
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
