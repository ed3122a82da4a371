import type { Engine } from '../engine.js';
import { BelfryError } from '../errors.js';
import { linearFqiAsync, linearQValues } from '../generated/fitted-q.js';
import { checkOptions, checkRules, rules, withDefaults } from '../options.js';
import { optionsOver } from '../saved-options.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike, RealArray, Tensor } from '../tensor.js';
import { readLinearRow, writeLinear } from './linear-file.js';
import { notFitted } from './regressor.js';

export interface LinearFqiOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
  /** Added to the diagonal of the Gram matrix. Default 1e-6. */
  ridge?: number;
  /** Regressions made. Default 100. */
  iterations?: number;
  /** Where to compute. Default: the CPU. */
  engine?: Engine;
}

/** Transitions with features, structure of arrays. */
export interface FeatureTransitions<A extends RealArray> {
  /** [N, k] features of (s, a). */
  phi: ArrayLike<A>;
  /** [N, A, k] features of (s', a') for every action. */
  nextPhi: ArrayLike<A>;
  /** [N] rewards. */
  rewards: ArrayLike<A>;
  /** [N] 1 = the episode ended in a terminal state: nothing is bootstrapped. */
  terminated: ArrayLike<Uint8Array | Int32Array>;
  /** [N] 1 = cut by a time limit: bootstrapped as usual. */
  truncated?: ArrayLike<Uint8Array | Int32Array>;
  /** [N, A] 1 = the action is allowed in s'. */
  nextActionMask?: ArrayLike<Uint8Array | Int32Array>;
}

/**
 * Fitted-Q iteration with linear features.
 *
 * ```ts
 * const fqi = new LinearFqi({ discount: 0.99, ridge: 1e-3 });
 * await fqi.fit({ phi, nextPhi, rewards, terminated, truncated });
 * const { actions } = fqi.predict(features); // [M, A, k]
 * ```
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005.
 */
export class LinearFqi<A extends RealArray = Float64Array> {
  readonly options: Readonly<Required<Omit<LinearFqiOptions, 'engine'>>>;
  readonly #engine: Engine | undefined;
  #weights: Tensor<A> | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: LinearFqiOptions) {
    checkOptions('LinearFqi', options, ['discount', 'ridge', 'iterations', 'engine']);
    const { engine, ...rest } = options;
    this.options = withDefaults({ discount: rest.discount, ridge: 1e-6, iterations: 100 }, rest);
    const { share: discount, notNegative: ridge, count: iterations } = rules;
    checkRules('LinearFqi', this.options, { discount, ridge, iterations });
    this.#engine = engine;
  }

  /** [k] weights of the last fit. @throws BelfryError BELFRY_INVALID_ARGUMENT before a fit */
  get weights(): Tensor<A> {
    if (this.#weights === undefined) throw notFitted('LinearFqi');
    return this.#weights;
  }

  /**
   * Fits from scratch and keeps the weights.
   * @returns `rmse` [iterations] of each regression against its targets
   * @throws BelfryError BELFRY_BAD_VALUE when the iteration diverged (the weights are then not kept)
   */
  async fit(data: FeatureTransitions<A>, run: AsyncOptions = {}): Promise<{ rmse: Tensor<A> }> {
    const { discount, ridge, iterations } = this.options;
    const args: Parameters<typeof linearFqiAsync<A>>[0] = {
      ...data,
      ...run,
      gamma: discount,
      ridge,
      numIterations: iterations,
      outputs: ['w', 'rmse', 'diverged'],
    };
    if (this.#engine !== undefined) args.engine = this.#engine;
    const { w, rmse, diverged } = await linearFqiAsync(args);
    if (diverged === 1) {
      throw new BelfryError(
        'BELFRY_BAD_VALUE',
        'LinearFqi: the weights grew by more than 1e6: off-policy linear fitted Q diverges on this data. A larger ridge or other features may help.',
        { op: 'LinearFqi' },
      );
    }
    this.#weights = w;
    return { rmse };
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
    return writeLinear('LinearFqi', this.weights, this.options);
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
    options: Partial<LinearFqiOptions> = {},
  ): LinearFqi<A> {
    const read = (saved: Partial<LinearFqiOptions>) => new LinearFqi({ discount: 0, ...saved });
    const file = readLinearRow<LinearFqiOptions>('LinearFqi', bytes, read);
    const all = optionsOver('LinearFqi', file.options, options) as LinearFqiOptions;
    const made = new LinearFqi<A>(all);
    made.#weights = file.weight as Tensor<A>;
    return made;
  }
}
