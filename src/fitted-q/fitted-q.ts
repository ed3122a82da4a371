import { argumentError, BelfryError } from '../errors.js';
import { fqiTarget } from '../generated/fitted-q.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import { distributionalTargets } from './distributional.js';
import { greedyActions, largest } from './greedy.js';
import {
  type DistributionalRegressor,
  isDistributional,
  notFitted,
  type QRegressor,
  type RegressorState,
} from './regressor.js';
import type { TransitionDataset } from './transitions.js';

/** How the value of the next state is made of its Q-values. */
export type FittedQOperator =
  | 'max'
  | 'double'
  | 'clipped'
  | 'soft'
  | 'mellowmax'
  | 'policy'
  | 'expectile'
  | 'distributional';

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
  /** Give up when a target is this many times the largest return there can be. Default 10. */
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
  #iterations = 0;
  #targets: Float32Array | undefined;

  constructor(options: FittedQOptions) {
    const known = ['discount', 'iterations', 'regressor', 'operator', 'tau', 'lambda', 'policy'];
    checkOptions('FittedQ', options, [...known, 'tolerance', 'divergenceFactor']);
    const operator = options.operator ?? 'max';
    const needsPolicy = operator === 'policy' || operator === 'expectile';
    if (needsPolicy && options.policy === undefined) {
      const expected = `a function, which operator '${operator}' needs`;
      throw argumentError('BELFRY_MISSING_OPERAND', 'FittedQ', 'policy', 'is missing', expected);
    }
    this.options = { iterations: 50, ...options, operator };
    const count = operator === 'double' || operator === 'clipped' ? 2 : 1;
    this.#regressors = Array.from({ length: count }, (_, i) => options.regressor(i));
    if (operator === 'distributional') this.#distributional();
  }

  /**
   * Goes on from the last fit (or checkpoint), for `iterations` regressions.
   * @throws BelfryError BELFRY_BAD_VALUE when the targets diverge; the signal's reason when stopped.
   * The regressors then hold the last finished fit
   */
  async fit(data: TransitionDataset, run: AsyncOptions = {}): Promise<FittedQReport> {
    const { iterations, tolerance = 0 } = this.options;
    const started = performance.now();
    const changes: number[] = [];
    let converged = false;
    for (let i = 0; i < iterations && !converged; i++) {
      run.signal?.throwIfAborted();
      const targets = this.#nextTargets(data);
      const change = largestChange(this.#targets, targets);
      changes.push(change);
      converged = this.#iterations > 0 && change <= tolerance && tolerance > 0;
      await this.#regress(data, targets, run);
      this.#targets = targets;
      this.#iterations += 1;
      run.onProgress?.({
        iteration: i + 1,
        total: iterations,
        residual: change,
        elapsedMs: performance.now() - started,
      });
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
    const limit = divergenceFactor * steps * (largest(data.rewards) + bonus);
    const size = largest(targets);
    if (size <= limit) return;
    throw new BelfryError(
      'BELFRY_BAD_VALUE',
      `FittedQ: the targets diverge: after ${this.#iterations} iterations one has the size ${size}, where returns are at most ${limit / divergenceFactor}. Averagers (TreeRegressor, KernelRegressor) or more regularisation may help.`,
      { op: 'FittedQ' },
    );
  }

  /** [M, A] Q-values of states; of two regressors, the first's. */
  qValues(states: Tensor<Float32Array>): Tensor<Float32Array> {
    if (this.#iterations === 0) throw notFitted('FittedQ');
    return (this.#regressors[0] as QRegressor).predict(states);
  }

  /** [M] greedy actions, the lowest of equals. */
  act(states: Tensor<Float32Array>): Int32Array {
    return greedyActions(this.qValues(states));
  }

  /** @throws BelfryError before a fit */
  checkpoint(): FittedQCheckpoint {
    if (this.#targets === undefined) throw notFitted('FittedQ');
    return {
      iterations: this.#iterations,
      targets: this.#targets.slice(),
      regressors: this.#regressors.map((regressor) => regressor.save()),
    };
  }

  /** The next `fit` goes on from there. @throws BelfryError when the regressors are of other kinds */
  resume(checkpoint: FittedQCheckpoint): void {
    const { regressors } = checkpoint;
    if (regressors.length !== this.#regressors.length) {
      const [got, want] = [regressors.length, this.#regressors.length];
      const name = 'FittedQ.resume';
      throw argumentError('BELFRY_INVALID_ARGUMENT', name, 'checkpoint', `has ${got}`, `${want}`);
    }
    this.#regressors.forEach((regressor, i) => {
      regressor.load(regressors[i] as RegressorState);
    });
    this.#targets = checkpoint.targets.slice();
    this.#iterations = checkpoint.iterations;
  }
}

function largestChange(before: Float32Array | undefined, after: Float32Array): number {
  if (before === undefined || before.length !== after.length) return largest(after);
  return largest(after.map((value, i) => value - (before[i] as number)));
}
