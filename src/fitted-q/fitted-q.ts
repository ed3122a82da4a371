import { argumentError, BelfryError, show } from '../errors.js';
import { fqiTarget } from '../generated/fitted-q.js';
import { OneAtATime } from '../one-at-a-time.js';
import { checkOptions, checkRules, type OptionRule, rules, withDefaults } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { type ArrayLike, Tensor } from '../tensor.js';
import { Pauses } from './batches.js';
import { distributionalTargets } from './distributional.js';
import { greedyActions, largest } from './greedy.js';
import {
  type DistributionalRegressor,
  isDistributional,
  notFitted,
  type QRegressor,
  type RegressorState,
} from './regressor.js';
import { type DataSizes, sizesOf, statesOf } from './states.js';
import type { TransitionDataset } from './transitions.js';

/** How the value of the next state is made of its Q-values. */
export type FittedQOperator = (typeof operators)[number];

const operators = [
  'max',
  'double',
  'clipped',
  'soft',
  'mellowmax',
  'policy',
  'expectile',
  'distributional',
] as const;

const optionRules: Readonly<Record<string, OptionRule>> = {
  discount: rules.share,
  regressor: [rules.call[0], 'a function that makes one'],
  operator: [(x) => operators.includes(x as FittedQOperator), `one of ${operators.join(', ')}`],
  iterations: rules.countOrNone,
  tau: rules.positive,
  lambda: rules.share,
  policy: rules.call,
  tolerance: rules.notNegative,
  divergenceFactor: rules.positive,
};

interface FittedQSettings {
  /** Discount γ in [0, 1]. */
  discount: number;
  /** Regressions made by one call of `fit`. Default 50. */
  iterations?: number;
  /** Temperature of 'soft' and 'mellowmax'; level in (0, 1) of 'expectile'. Default 1, 0.7. */
  tau?: number;
  /** Weight of the smaller Q in 'clipped'. Default 0.75. */
  lambda?: number;
  /** [M, A] π(a|s) of states [M, stateSize], for 'policy' and 'expectile'. */
  policy?: (states: Tensor<Float32Array>) => Tensor<Float32Array>;
  /** Stop when no target moves by more than this. Default 0: make all iterations. */
  tolerance?: number;
  /** Give up when a target is this many times the largest return there can be, or 1. Default 10. */
  divergenceFactor?: number;
}

/** Makes a regressor; 'double' and 'clipped' have two, numbered 0 and 1. */
type Makes<R extends QRegressor> = (number: number) => R;

export type FittedQOptions = FittedQSettings &
  (
    | {
        regressor: Makes<QRegressor>;
        /** Default 'max'. 'policy' is fitted-Q evaluation. */
        operator?: Exclude<FittedQOperator, 'distributional'>;
      }
    | { regressor: Makes<DistributionalRegressor>; operator: 'distributional' }
  );

export interface FittedQReport {
  /** Regressions made in all, those before a checkpoint included. */
  iterations: number;
  /** Largest change of a target (of 'distributional', a probability) in each iteration of this call. */
  changes: number[];
  /** Whether `tolerance` was met. */
  converged: boolean;
}

/** What `resume` needs, for structured clone. */
export interface FittedQCheckpoint {
  iterations: number;
  targets: Float32Array;
  regressors: RegressorState[];
  /** Sizes of a state and of the actions. */
  sizes: DataSizes;
}

/**
 * Fitted-Q iteration over a data set, with any regressor.
 *
 * ```ts
 * const fqi = new FittedQ({ discount: 0.95, regressor: (i) => new TreeRegressor({ seed: i }) });
 * await fqi.fit(data, { onProgress: ({ iteration, residual }) => console.log(iteration, residual) });
 * const actions = fqi.act(states);
 * ```
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005.
 */
export class FittedQ {
  readonly options: Readonly<
    FittedQSettings & {
      iterations: number;
      operator: FittedQOperator;
      regressor: Makes<QRegressor>;
    }
  >;
  readonly #regressors: QRegressor[];
  readonly #fitting = new OneAtATime('FittedQ');
  readonly #regressing = new OneAtATime('FittedQ');
  #iterations = 0;
  #targets: Float32Array | undefined;
  #sizes: DataSizes | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: FittedQOptions) {
    checkOptions('FittedQ', options, Object.keys(optionRules));
    const { discount, regressor } = options;
    const defaults = { discount, regressor, iterations: 50, operator: 'max' as const };
    this.options = withDefaults(defaults, options);
    checkRules('FittedQ', this.options, optionRules);
    const { operator } = this.options;
    const needsPolicy = operator === 'policy' || operator === 'expectile';
    if (needsPolicy && options.policy === undefined) {
      const expected = `a function, which operator '${operator}' needs`;
      throw argumentError('BELFRY_MISSING_OPERAND', 'FittedQ', 'policy', 'is missing', expected);
    }
    const count = operator === 'double' || operator === 'clipped' ? 2 : 1;
    this.#regressors = Array.from({ length: count }, (_, i) => madeRegressor(options, i));
    if (operator === 'distributional') this.#distributional();
  }

  /**
   * Goes on from the last fit (or checkpoint), for `iterations` regressions.
   * @throws BelfryError BELFRY_BAD_VALUE when the targets diverge; the signal's reason when stopped.
   * The regressors then hold the last finished fit. BELFRY_BAD_SHAPE for data that are empty or of
   * other sizes than before, BELFRY_BUFFER_IN_USE while another `fit` goes on
   */
  fit(data: TransitionDataset, run: AsyncOptions = {}): Promise<FittedQReport> {
    return this.#fitting.run('fit', () => this.#fit(data, run));
  }

  async #fit(data: TransitionDataset, run: AsyncOptions): Promise<FittedQReport> {
    const { iterations, tolerance = 0 } = this.options;
    const sizes = sizesOf('FittedQ.fit', data, this.#sizes);
    const started = performance.now();
    const pauses = new Pauses(run.signal === undefined ? {} : { signal: run.signal });
    const changes: number[] = [];
    let converged = false;
    for (let i = 0; i < iterations && !converged; i++) {
      run.signal?.throwIfAborted();
      const targets = this.#nextTargets(data);
      const change = largestChange(this.#targets, targets);
      changes.push(change);
      converged = this.#iterations > 0 && change <= tolerance && tolerance > 0;
      await this.#regressing.run('a regression', () => this.#regress(data, targets, run));
      this.#targets = targets;
      this.#sizes = sizes;
      this.#iterations += 1;
      run.onProgress?.({
        iteration: i + 1,
        total: iterations,
        residual: change,
        elapsedMs: performance.now() - started,
      });
      await pauses.pause(i + 1, iterations, change);
    }
    return { iterations: this.#iterations, changes, converged };
  }

  /** Of two regressors, both are fitted or none. */
  async #regress(data: TransitionDataset, targets: Float32Array, run: AsyncOptions): Promise<void> {
    const own = run.signal === undefined ? {} : { signal: run.signal };
    if (this.options.operator === 'distributional' && this.#iterations > 0) {
      const regressor = this.#distributional();
      const rows = new Tensor(targets, [data.length, regressor.atoms.count]);
      return regressor.fitDistribution(data, rows, own);
    }
    const [first, second] = this.#regressors as [QRegressor, QRegressor | undefined];
    const before = second !== undefined && this.#iterations > 0 ? first.save() : undefined;
    await first.fit(data, targets, own);
    try {
      await second?.fit(data, targets, own);
    } catch (error) {
      if (before !== undefined) first.load(before);
      throw error;
    }
  }

  #distributional(): DistributionalRegressor {
    const regressor = this.#regressors[0] as QRegressor;
    if (isDistributional(regressor)) return regressor;
    const received = `is of kind '${regressor.kind}', which predicts no distributions`;
    const expected =
      "a DistributionalRegressor (CategoricalRegressor) for operator 'distributional'";
    const code = 'BELFRY_INVALID_ARGUMENT';
    throw argumentError(code, 'FittedQ', 'regressor', received, expected);
  }

  /** The first regression is on the rewards. */
  #nextTargets(data: TransitionDataset): Float32Array {
    if (this.#iterations === 0) return data.rewards.slice();
    if (this.options.operator === 'distributional') {
      return distributionalTargets(this.#distributional(), data, this.options.discount);
    }
    return this.#bootstrapped(data, this.options.operator);
  }

  #bootstrapped(
    data: TransitionDataset,
    operator: Exclude<FittedQOperator, 'distributional'>,
  ): Float32Array {
    const { discount, lambda = 0.75, policy } = this.options;
    const { tau = operator === 'expectile' ? 0.7 : 1 } = this.options;
    const { nextStates } = data;
    const [first, second] = this.#regressors.map((regressor) => regressor.predict(nextStates));
    const { target } = fqiTarget<Float32Array>({
      nextQValues: first as Tensor<Float32Array>,
      rewards: data.rewards,
      terminated: data.terminated,
      truncated: data.truncated,
      nextActionMask: data.nextActionMask,
      gamma: discount,
      operator: operator === 'clipped' ? 'clipped_mix' : operator,
      tau,
      lambda,
      ...(operator === 'double' ? { nextQSelect: second as Tensor<Float32Array> } : {}),
      ...(operator === 'clipped' ? { nextQB: second as Tensor<Float32Array> } : {}),
      ...(policy === undefined ? {} : { nextPolicy: policy(nextStates) }),
    });
    this.#refuseDivergence(data, target.data);
    return target.data;
  }

  /** No return exceeds max |r| / (1 − γ), or the rewards of all iterations where γ is 1. */
  #refuseDivergence(data: TransitionDataset, targets: Float32Array): void {
    const { discount, operator, tau = 1, divergenceFactor = 10 } = this.options;
    const bonus = operator === 'soft' ? tau * Math.log(data.numActions) : 0;
    const steps = Math.min(1 / (1 - discount), this.#iterations + 1);
    // Values that are not learned yet are no divergence, however small the rewards.
    const limit = divergenceFactor * Math.max(1, steps * (largest(data.rewards) + bonus));
    const size = largest(targets);
    if (size <= limit) return;
    throw new BelfryError(
      'BELFRY_BAD_VALUE',
      `FittedQ: the targets diverge: after ${this.#iterations} iterations one has the size ${size}, where returns are at most ${limit / divergenceFactor}. Averagers (TreeRegressor, KernelRegressor) or more regularisation may help.`,
      { op: 'FittedQ' },
    );
  }

  /**
   * [M, A] Q-values of states [M, stateSize], or of a bare array of them; of two regressors, the
   * first's.
   * @throws BelfryError before a fit; BELFRY_BAD_SHAPE, BELFRY_BAD_DTYPE
   */
  qValues(states: ArrayLike<Float32Array>): Tensor<Float32Array> {
    return this.#predict('qValues', states);
  }

  /** [M] greedy actions, the lowest of equals. @throws as `qValues` does */
  act(states: ArrayLike<Float32Array>): Int32Array {
    return greedyActions(this.#predict('act', states));
  }

  #predict(method: string, states: ArrayLike<Float32Array>): Tensor<Float32Array> {
    if (this.#sizes === undefined) throw notFitted('FittedQ');
    const own = statesOf(`FittedQ.${method}`, states, this.#sizes[0]);
    return (this.#regressors[0] as QRegressor).predict(own);
  }

  /** @throws BelfryError before a fit; BELFRY_BUFFER_IN_USE within a regression of `fit` */
  checkpoint(): FittedQCheckpoint {
    this.#regressing.check('checkpoint');
    if (this.#targets === undefined || this.#sizes === undefined) throw notFitted('FittedQ');
    return {
      sizes: this.#sizes,
      iterations: this.#iterations,
      targets: this.#targets.slice(),
      regressors: this.#regressors.map((regressor) => regressor.save()),
    };
  }

  /** The next `fit` goes on from there. @throws BelfryError when the regressors are of other kinds */
  resume(checkpoint: FittedQCheckpoint): void {
    this.#fitting.check('resume');
    const { regressors, targets, sizes, iterations } = checkpoint;
    const fail = (found: string, expected: string): Error => {
      const [code, name] = ['BELFRY_INVALID_ARGUMENT', 'FittedQ.resume'] as const;
      return argumentError(code, name, 'checkpoint', found, expected);
    };
    if (regressors?.length !== this.#regressors.length) {
      const wanted = `${this.#regressors.length}, as the operator needs`;
      throw fail(`has ${regressors?.length} regressors`, wanted);
    }
    const isWhole = targets instanceof Float32Array && sizes?.length === 2;
    if (!isWhole || !rules.count[0](iterations))
      throw fail('is not whole', 'what checkpoint() gave');
    this.#regressors.forEach((regressor, i) => {
      regressor.load(regressors[i] as RegressorState);
    });
    this.#targets = targets.slice();
    this.#sizes = [...sizes];
    this.#iterations = iterations;
  }
}

function madeRegressor({ regressor }: FittedQOptions, number: number): QRegressor {
  const made: QRegressor | undefined = regressor(number);
  if (typeof made?.fit === 'function' && typeof made.predict === 'function') return made;
  const found = `makes ${show(made)}`;
  const code = 'BELFRY_INVALID_ARGUMENT';
  throw argumentError(code, 'FittedQ', 'regressor', found, 'an object with fit and predict');
}

function largestChange(before: Float32Array | undefined, after: Float32Array): number {
  if (before === undefined || before.length !== after.length) return largest(after);
  return largest(after.map((value, i) => value - (before[i] as number)));
}
