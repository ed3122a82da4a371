import { linearFqiAsync } from '../generated/fitted-q.js';
import { checkOptions, checkRules, rules, withDefaults } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import { linearColumns, withConstant } from './linear-values.js';
import { fieldsOf, notFitted, type QRegressor, type RegressorState } from './regressor.js';
import type { TransitionDataset } from './transitions.js';

export interface LinearRegressorOptions {
  /** [M, k] features of states [M, stateSize]. Default: the state and a constant 1. */
  features?: (states: Tensor<Float32Array>) => Tensor<Float32Array>;
  /** Added to the diagonal of each Gram matrix. Default 1e-6. */
  ridge?: number;
}

/** Ridge regression with weights of its own for each action. */
export class LinearRegressor implements QRegressor {
  readonly kind = 'linear';
  readonly options: Readonly<Required<LinearRegressorOptions>>;
  #weights: Tensor<Float32Array>[] = [];

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: LinearRegressorOptions = {}) {
    checkOptions('LinearRegressor', options, ['features', 'ridge']);
    const all = withDefaults({ features: withConstant, ridge: 1e-6 }, options);
    this.options = all as Required<LinearRegressorOptions>;
    checkRules('LinearRegressor', all, { features: rules.call, ridge: rules.notNegative });
  }

  /** An action without transitions has the value 0. */
  async fit(data: TransitionDataset, targets: Float32Array, run: AsyncOptions = {}): Promise<void> {
    const phi = this.options.features(data.states);
    const weights: Tensor<Float32Array>[] = [];
    for (let action = 0; action < data.numActions; action++) {
      weights.push(await this.#fitAction(phi, data, targets, action, run));
    }
    this.#weights = weights;
  }

  async #fitAction(
    phi: Tensor<Float32Array>,
    data: TransitionDataset,
    targets: Float32Array,
    action: number,
    { signal }: AsyncOptions,
  ): Promise<Tensor<Float32Array>> {
    const width = phi.shape[1] as number;
    const { actions, weights } = data;
    const own = [...actions.keys()].filter((row) => actions[row] === action);
    const features = new Float32Array(own.length * width);
    const rewards = new Float32Array(own.length);
    own.forEach((row, i) => {
      const root = Math.sqrt(weights[row] as number);
      for (let j = 0; j < width; j++) {
        features[i * width + j] = root * (phi.data[row * width + j] as number);
      }
      rewards[i] = root * (targets[row] as number);
    });
    if (own.length === 0) return new Tensor(new Float32Array(width));
    // Without a discount one regression on the rewards is all that linear_fqi does.
    const { w } = await linearFqiAsync({
      phi: new Tensor(features, [own.length, width]),
      nextPhi: new Tensor(new Float32Array(0), [own.length, 0, width]),
      rewards,
      terminated: new Uint8Array(own.length),
      gamma: 0,
      ridge: this.options.ridge,
      numIterations: 1,
      outputs: ['w'],
      ...(signal === undefined ? {} : { signal }),
    });
    return w;
  }

  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    const numActions = this.#weights.length;
    if (numActions === 0) throw notFitted('LinearRegressor');
    const phi = this.options.features(states);
    const count = phi.shape[0] as number;
    const out = linearColumns(phi, this.#weights, new Float32Array(count * numActions));
    return new Tensor(out, [count, numActions]);
  }

  save(): RegressorState {
    if (this.#weights.length === 0) throw notFitted('LinearRegressor');
    return { kind: this.kind, fields: { weights: this.#weights.map((w) => w.data.slice()) } };
  }

  load(state: RegressorState): void {
    const fields = fieldsOf('LinearRegressor', this.kind, state);
    this.#weights = (fields['weights'] as Float32Array[]).map((w) => new Tensor(w));
  }
}
