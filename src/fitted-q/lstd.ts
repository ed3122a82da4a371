import { argumentError, type BelfryError, show } from '../errors.js';
import { lstdLspiAsync } from '../generated/fitted-q.js';
import { checkOptions, checkRules, type OptionRule, rules, withDefaults } from '../options.js';
import { countOfFile, optionsOver } from '../saved-options.js';
import type { AsyncOptions } from '../tasks.js';
import { type ArrayLike, type RealArray, Tensor } from '../tensor.js';
import { readLinear, writeLinear } from './linear-file.js';
import { linearColumns, withConstant } from './linear-values.js';
import {
  featuresOf,
  givenOutputs,
  type LstdTransitions,
  type NextPolicy,
  rowsOfDataset,
  rowsOfFeatures,
  type StateFeatures,
  type SystemRows,
  withTracesCut,
} from './lstd-system.js';
import { notFitted } from './regressor.js';
import { sizesOf, statesOf } from './states.js';
import type { TransitionDataset } from './transitions.js';

const methods = ['lstd', 'lstd_lambda', 'lstdq', 'bellman_residual'] as const;

/** How the weights are found. */
export type LstdMethod = (typeof methods)[number];

export interface LstdOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
  /**
   * 'lstd': values of the policy that acted; 'lstd_lambda': the same with traces; 'lstdq': Q of
   * `policy`; 'bellman_residual': the smallest residual in place of the fixed point, of Q with a
   * policy and of values without. Default 'lstd'.
   */
  method?: LstdMethod;
  /** λ in [0, 1], decay of the traces of 'lstd_lambda'. Default 0. */
  lambda?: number;
  /** Added to the diagonal of the system. Default 1e-6. */
  ridge?: number;
  /** [M, k] features of states [M, stateSize]. Default: the state and a constant 1. */
  features?: StateFeatures;
  /**
   * The policy whose Q is wanted: [M, A] π(a|s), or [M] actions as `act` of a learner gives them. It
   * says what is allowed: `nextActionMask` of the data is not read.
   */
  policy?: NextPolicy;
}

export interface LstdReport {
  /** [outputs, k] */
  weights: Tensor<Float64Array>;
  /** ‖(Φ − γ Φ') w − r‖, of 'bellman_residual' alone. */
  residualNorm?: number;
}

const optionRules: Readonly<Record<string, OptionRule>> = {
  discount: rules.share,
  method: [(x) => methods.includes(x as LstdMethod), `one of ${methods.join(', ')}`],
  lambda: rules.share,
  ridge: rules.notNegative,
  features: rules.call,
  policy: rules.call,
};

/** What the weights are of: features of a state, of a state for each action, of pairs (s, a). */
type Kind = (typeof kinds)[number];
const kinds = ['values', 'actions', 'given values', 'given pairs'] as const;

interface Fitted {
  kind: Kind;
  /** [outputs, k] */
  weights: Tensor<Float64Array>;
  /** 0 where features were given, or nothing says it. */
  stateSize: number;
}

type Settings = Required<Omit<LstdOptions, 'policy'>> & Pick<LstdOptions, 'policy'>;

/**
 * Values of a policy by least squares, linear in features: LSTD, LSTD(λ), LSTDQ, or the smallest
 * Bellman residual, which is biased where transitions are random. All is float64.
 *
 * ```ts
 * const lstd = new Lstd({ discount: 0.9, method: 'lstd_lambda', lambda: 0.8 });
 * await lstd.fit(data);
 * const values = lstd.values(states); // [M]
 * ```
 *
 * Source: Bradtke & Barto, 1996; Boyan, 2002; Lagoudakis & Parr, JMLR 2003; Baird, ICML 1995.
 */
export class Lstd {
  readonly options: Readonly<Settings>;
  #fitted: Fitted | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown, out of range or idle */
  constructor(options: LstdOptions) {
    checkOptions('Lstd', options, Object.keys(optionRules));
    const { discount } = options;
    const defaults = {
      discount,
      method: 'lstd' as const,
      lambda: 0,
      ridge: 1e-6,
      features: withConstant as StateFeatures,
    };
    this.options = withDefaults(defaults, options);
    checkRules('Lstd', this.options, optionRules);
    const { method, lambda, policy } = this.options;
    if (lambda !== 0 && method !== 'lstd_lambda') {
      throw idle('lambda', `is ${lambda}`, `0 with method '${method}'`);
    }
    if (policy !== undefined && (method === 'lstd' || method === 'lstd_lambda')) {
      throw idle('policy', 'is given', `none with method '${method}', which values the acting one`);
    }
  }

  /** [1, k], or [A, k] of Q-values by action. @throws BelfryError before a fit */
  get weights(): Tensor<Float64Array> {
    return this.#known().weights;
  }

  #known(): Fitted {
    if (this.#fitted === undefined) throw notFitted('Lstd');
    return this.#fitted;
  }

  /**
   * Fits from scratch, on states or on features that are given (then Q needs `nextPolicy`). For
   * 'lstd_lambda' rows are in the order of time, and an episode ends at `terminated` or `truncated`.
   * @throws BelfryError BELFRY_BAD_VALUE when the system is singular, naming the ridge, or for a
   * policy that is none, numbers that are not finite, weights of transitions but 1 with traces;
   * BELFRY_BAD_SHAPE for data that are empty or do not fit; BELFRY_MISSING_OPERAND without a policy
   * where one is needed. The fit before is kept
   */
  async fit(
    data: TransitionDataset | LstdTransitions,
    run: AsyncOptions = {},
  ): Promise<LstdReport> {
    const ofStates = isDataset(data);
    const kind = ofStates ? this.#kindOfStates() : this.#kindOfFeatures(data);
    const rows = ofStates ? this.#rowsOfStates(data) : rowsOfFeatures(data, kind === 'given pairs');
    if (rows.count === 0) {
      throw argumentError('BELFRY_BAD_SHAPE', 'Lstd.fit', 'data', 'is empty', 'transitions');
    }
    const { w, residualNorm } = await this.#solve(rows, run);
    const outputs = ofStates && kind === 'actions' ? data.numActions : 1;
    const weights = new Tensor(w.data, [outputs, rows.width / outputs]);
    this.#fitted = { kind, weights, stateSize: ofStates ? data.stateSize : 0 };
    return { weights, ...(residualNorm === undefined ? {} : { residualNorm }) };
  }

  #kindOfStates(): Kind {
    const { method, policy } = this.options;
    if (method !== 'lstdq') return policy === undefined ? 'values' : 'actions';
    if (policy !== undefined) return 'actions';
    const expected = "a function, which method 'lstdq' needs for a TransitionDataset";
    throw argumentError('BELFRY_MISSING_OPERAND', 'Lstd.fit', 'policy', 'is missing', expected);
  }

  #kindOfFeatures(data: LstdTransitions): Kind {
    const { method } = this.options;
    const given = data?.nextPolicy !== undefined;
    if (method === 'lstdq' && !given) {
      const expected = "[N, A] probabilities or [N] actions, which method 'lstdq' needs";
      const [code, name] = ['BELFRY_MISSING_OPERAND', 'nextPolicy'] as const;
      throw argumentError(code, 'Lstd.fit', name, 'is missing', expected);
    }
    if (given && (method === 'lstd' || method === 'lstd_lambda')) {
      throw idle('nextPolicy', 'is given', `none with method '${method}'`);
    }
    return given ? 'given pairs' : 'given values';
  }

  #rowsOfStates(data: TransitionDataset): SystemRows {
    const { method, features, policy } = this.options;
    sizesOf('Lstd.fit', data);
    const row = data.weights.findIndex((weight) => weight !== 1);
    if (method === 'lstd_lambda' && row >= 0) {
      const found = `holds ${data.weights[row]} in row ${row}`;
      const expected = "1 everywhere with method 'lstd_lambda'";
      throw argumentError('BELFRY_BAD_VALUE', 'Lstd.fit', 'weights', found, expected);
    }
    return rowsOfDataset(data, features, policy);
  }

  async #solve(
    own: SystemRows,
    run: AsyncOptions,
  ): Promise<{ w: Tensor<Float64Array>; residualNorm?: number }> {
    const { method, discount, lambda, ridge } = this.options;
    const rows = method === 'lstd_lambda' ? withTracesCut(own) : own;
    const { count, width, rewards, terminated } = rows;
    const [phi, next] = [rows.phi, rows.next].map((data) => new Tensor(data, [count, width])) as [
      Tensor<Float64Array>,
      Tensor<Float64Array>,
    ];
    const common = { ...run, rewards, terminated, gamma: discount, ridge };
    if (method === 'lstd_lambda') {
      const op = 'lstd_lambda';
      return lstdLspiAsync({ ...common, op, x: phi, nextX: next, lambda, outputs: ['w'] });
    }
    const both = { ...common, phi, nextPhiPi: next };
    if (method === 'bellman_residual') return lstdLspiAsync({ ...both, op: 'brm' });
    return lstdLspiAsync({ ...both, op: 'lstdq', outputs: ['w'] });
  }

  /**
   * [M] values of states [M, stateSize], or of features [M, k] after a fit on features.
   * @throws BelfryError before a fit, or after one of Q-values; BELFRY_BAD_SHAPE, BELFRY_BAD_DTYPE
   */
  values(given: ArrayLike<RealArray>): Tensor<Float64Array> {
    const { kind } = this.#known();
    if (kind === 'actions' || kind === 'given pairs') {
      throw idle('values', 'are not known after a fit of Q-values', 'qValues()');
    }
    const { data } = this.#outputs('Lstd.values', given);
    return new Tensor(data);
  }

  /**
   * [M, A] Q-values of states [M, stateSize], or of features [M, A, k] after a fit on features.
   * @throws BelfryError before a fit, or after one of values; BELFRY_BAD_SHAPE, BELFRY_BAD_DTYPE
   */
  qValues(given: ArrayLike<RealArray>): Tensor<Float64Array> {
    const { kind } = this.#known();
    if (kind === 'values' || kind === 'given values') {
      throw idle('qValues', 'are not known after a fit of values', 'values()');
    }
    return this.#outputs('Lstd.qValues', given);
  }

  #outputs(op: string, given: ArrayLike<RealArray>): Tensor<Float64Array> {
    const { kind, weights } = this.#known();
    const [outputs, width] = weights.shape as [number, number];
    if (kind.startsWith('given')) return givenOutputs(op, given, weights, kind === 'given pairs');
    const states = statesOf(op, given as Float32Array, this.#stateSize(given));
    const found = featuresOf(op, this.options.features, states);
    if (found.width !== width) {
      const [received, expected] = [`gives ${found.width} a state`, `${width}, as the fit had`];
      throw argumentError('BELFRY_BAD_SHAPE', op, 'features', received, expected);
    }
    const count = states.shape[0] as number;
    const phi = new Tensor(Float64Array.from(found.data), [count, width]);
    const byOutput = Array.from({ length: outputs }, (_, i) => {
      return new Tensor(weights.data.subarray(i * width, (i + 1) * width));
    });
    const out = linearColumns(phi, byOutput, new Float64Array(count * outputs));
    return new Tensor(out, [count, outputs]);
  }

  /** Of the fit; after a file that does not say it, that of the states given. */
  #stateSize(given: ArrayLike<RealArray>): number {
    const { stateSize } = this.#known();
    if (stateSize > 0) return stateSize;
    const { shape, dims } = (given ?? {}) as {
      shape?: readonly number[];
      dims?: readonly number[];
    };
    return (shape ?? dims)?.[1] ?? 1;
  }

  /**
   * The weights as `weight` [1 or A, k], which `torch.nn.Linear(k, A, bias=False)` loads, and the
   * options but the functions.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT before a fit
   */
  toSafetensors(): Uint8Array {
    const { kind, weights, stateSize } = this.#known();
    const features = this.options.features === withConstant ? 'state and constant' : 'own';
    const more = { kind, features, state_size: String(stateSize) };
    return writeLinear('Lstd', weights, this.options, more);
  }

  /**
   * From the bytes of `toSafetensors`, or of any file with `weight` [1 or A, k]: then `options` must
   * have the discount, and the weights are Q-values with method 'lstdq' or a policy. Options given win
   * over the file's; `features` of one's own are given again.
   * @throws BelfryError BELFRY_BAD_FILE naming what is malformed, missing or of another class;
   * BELFRY_MISSING_OPERAND without the features; BELFRY_INVALID_ARGUMENT naming an option
   */
  static fromSafetensors(bytes: Uint8Array, options: Partial<LstdOptions> = {}): Lstd {
    const read = (saved: Partial<LstdOptions>) => new Lstd({ discount: 0, ...saved });
    const { weight, options: saved, metadata } = readLinear<LstdOptions>('Lstd', bytes, read);
    const made = new Lstd(optionsOver('Lstd', saved, options) as LstdOptions);
    if (metadata['features'] === 'own' && options.features === undefined) {
      const [name, expected] = ['features', 'the function that the file was fitted with'];
      throw argumentError('BELFRY_MISSING_OPERAND', 'Lstd', name, 'is missing', expected);
    }
    const weights = new Tensor(Float64Array.from(weight.data), weight.shape);
    made.#fitted = fittedOf(weights, metadata, made.options);
    return made;
  }
}

/** The fit that a file holds. @throws BelfryError BELFRY_BAD_FILE when the weights do not go with it */
function fittedOf(
  weights: Tensor<Float64Array>,
  metadata: Readonly<Record<string, string>>,
  { method, policy, features }: Settings,
): Fitted {
  const [outputs, width] = weights.shape as [number, number];
  const ofActions = method === 'lstdq' || policy !== undefined;
  const kind = (metadata['kind'] ?? (ofActions ? 'actions' : 'values')) as Kind;
  const fail = (name: string, found: string, expected: string) =>
    argumentError('BELFRY_BAD_FILE', 'Lstd', name, found, expected);
  if (!kinds.includes(kind)) throw fail('kind', `is ${show(kind)}`, `one of ${kinds.join(', ')}`);
  if (outputs < 1 || (kind !== 'actions' && outputs !== 1)) {
    const expected = kind === 'actions' ? '[A, k]' : '[1, k]';
    throw fail('weight', `has shape [${weights.shape}]`, expected);
  }
  const stateSize = countOfFile('Lstd', metadata, 'state_size');
  if (kind.startsWith('given') || features !== withConstant) return { kind, weights, stateSize };
  if (width < 1 || (stateSize > 0 && stateSize !== width - 1)) {
    const expected = `[${outputs}, ${stateSize + 1}], for the state and a constant`;
    throw fail('weight', `has shape [${weights.shape}]`, expected);
  }
  return { kind, weights, stateSize: width - 1 };
}

/** Whatever has no features is taken for one, and found out where its sizes are asked for. */
function isDataset(data: TransitionDataset | LstdTransitions): data is TransitionDataset {
  const names = Object.keys(data ?? {});
  return !names.includes('phi') && !names.includes('nextPhi');
}

/** An option or a method that has no meaning here. */
function idle(name: string, found: string, expected: string): BelfryError {
  return argumentError('BELFRY_INVALID_ARGUMENT', 'Lstd', name, found, expected);
}
