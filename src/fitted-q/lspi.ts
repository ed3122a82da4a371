import { linearQValues, lstdLspiAsync } from '../generated/fitted-q.js';
import { checkOptions, checkRules, rules, withDefaults } from '../options.js';
import { optionsOver } from '../saved-options.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike, RealArray, Tensor } from '../tensor.js';
import { readLinearRow, writeLinear } from './linear-file.js';
import type { FeatureTransitions } from './linear-fqi.js';
import { notFitted } from './regressor.js';

export interface LspiOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
  /** Added to the diagonal of each system. Default 1e-6. */
  ridge?: number;
  /** Stop when the weights move by less than this. Default 1e-6. */
  tolerance?: number;
  /** Policies evaluated at most. Default 30. */
  maxIterations?: number;
}

const optionRules = {
  discount: rules.share,
  ridge: rules.notNegative,
  tolerance: rules.notNegative,
  maxIterations: rules.count,
};

export interface LspiReport<A extends RealArray> {
  /** [k] */
  weights: Tensor<A>;
  /** Policies evaluated. */
  iterations: number;
  /** False: the policies went round in a circle, or `maxIterations` came first. */
  converged: boolean;
}

/**
 * Least-squares policy iteration.
 *
 * ```ts
 * const lspi = new Lspi({ discount: 0.9, ridge: 1e-3 });
 * const { converged } = await lspi.fit({ phi, nextPhi, rewards, terminated });
 * const { actions } = lspi.predict(features); // [M, A, k]
 * ```
 *
 * Source: Lagoudakis & Parr, JMLR 2003.
 */
export class Lspi<A extends RealArray = Float64Array> {
  readonly options: Readonly<Required<LspiOptions>>;
  #weights: Tensor<A> | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: LspiOptions) {
    checkOptions('Lspi', options, Object.keys(optionRules));
    const { discount } = options;
    const defaults = { discount, ridge: 1e-6, tolerance: 1e-6, maxIterations: 30 };
    this.options = withDefaults(defaults, options);
    checkRules('Lspi', this.options, optionRules);
  }

  /** [k] weights of the last fit. @throws BelfryError BELFRY_INVALID_ARGUMENT before a fit */
  get weights(): Tensor<A> {
    if (this.#weights === undefined) throw notFitted('Lspi');
    return this.#weights;
  }

  /** Fits from scratch. @throws BelfryError BELFRY_BAD_VALUE when a system is singular */
  async fit(data: FeatureTransitions<A>, run: AsyncOptions = {}): Promise<LspiReport<A>> {
    const { discount, ridge, tolerance, maxIterations } = this.options;
    const { truncated: _, ...transitions } = data;
    const { w, numIterations, converged } = await lstdLspiAsync({
      ...transitions,
      ...run,
      op: 'lspi',
      gamma: discount,
      ridge,
      tol: tolerance,
      maxIter: maxIterations,
      outputs: ['w', 'numIterations', 'converged'],
    });
    this.#weights = w;
    return { weights: w, iterations: numIterations, converged: converged === 1 };
  }

  /** Q-values [M, A] and greedy actions [M] for features [M, A, k] of every action. */
  predict(phi: ArrayLike<A>): { qValues: Tensor<A>; actions: Tensor<Int32Array> } {
    return linearQValues({ phi, w: this.weights });
  }

  /**
   * The weights as `weight` [1, k], which `torch.nn.Linear(k, 1, bias=False)` loads, and the options.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT before a fit
   */
  toSafetensors(): Uint8Array {
    return writeLinear('Lspi', this.weights, this.options);
  }

  /**
   * From the bytes of `toSafetensors`, or of any file with `weight` [1, k]: then `options` must have
   * the discount. Options given win over the file's. The weights have the file's dtype (BF16 becomes
   * float32), and so must the features to predict from.
   * @throws BelfryError BELFRY_BAD_FILE naming what is malformed, missing or of another class;
   * BELFRY_INVALID_ARGUMENT naming an option
   */
  static fromSafetensors<A extends RealArray = Float64Array>(
    bytes: Uint8Array,
    options: Partial<LspiOptions> = {},
  ): Lspi<A> {
    const read = (saved: Partial<LspiOptions>) => new Lspi({ discount: 0, ...saved });
    const file = readLinearRow<LspiOptions>('Lspi', bytes, read);
    const all = optionsOver('Lspi', file.options, options) as LspiOptions;
    const made = new Lspi<A>(all);
    made.#weights = file.weight as Tensor<A>;
    return made;
  }
}
