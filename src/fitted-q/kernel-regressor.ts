import { kernelFqi } from '../generated/fitted-q.js';
import { checkOptions, checkRules, type OptionRule, rules, withDefaults } from '../options.js';
import { Tensor } from '../tensor.js';
import { fieldsOf, notFitted, type QRegressor, type RegressorState } from './regressor.js';
import type { TransitionDataset } from './transitions.js';

export interface KernelRegressorOptions {
  /** Weights by distance, or the nearest neighbours alone. Default 'gaussian'. */
  kernel?: 'gaussian' | 'knn';
  /** h of the gaussian kernel. Default 1. */
  bandwidth?: number;
  /** Neighbours of 'knn'. Default 1. */
  neighbours?: number;
}

const optionRules: Readonly<Record<string, OptionRule>> = {
  kernel: [(x) => x === 'gaussian' || x === 'knn', "'gaussian' or 'knn'"],
  bandwidth: rules.positive,
  neighbours: rules.count,
};

interface Samples {
  states: Tensor<Float32Array>;
  actions: Int32Array;
  targets: Float32Array;
  weights: Float32Array;
  numActions: number;
}

/**
 * A weighted mean over the samples of an action: an averager, with which fitted-Q iteration always
 * converges. Weights of the data set multiply those of the distance.
 *
 * Source: Ormoneit & Sen, Kernel-Based Reinforcement Learning, 2002.
 */
export class KernelRegressor implements QRegressor {
  readonly kind = 'kernel';
  readonly options: Readonly<Required<KernelRegressorOptions>>;
  #samples: Samples | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: KernelRegressorOptions = {}) {
    checkOptions('KernelRegressor', options, Object.keys(optionRules));
    const defaults = { kernel: 'gaussian', bandwidth: 1, neighbours: 1 } as const;
    this.options = withDefaults(defaults, options) as Required<KernelRegressorOptions>;
    checkRules('KernelRegressor', this.options, optionRules);
  }

  async fit(data: TransitionDataset, targets: Float32Array): Promise<void> {
    const { states, actions, weights, numActions } = data;
    this.#samples = { states, actions, targets: targets.slice(), weights, numActions };
  }

  /** −Infinity for an action without samples. */
  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    if (this.#samples === undefined) throw notFitted('KernelRegressor');
    const { states: known, actions, targets, weights, numActions } = this.#samples;
    const { kernel, bandwidth, neighbours } = this.options;
    // Without a discount the values are the weighted means of the targets.
    const { qQuery } = kernelFqi({
      states: known,
      nextStates: known,
      actions,
      rewards: targets,
      terminated: new Uint8Array(actions.length),
      weight: weights,
      queryStates: states,
      gamma: 0,
      kernel,
      bandwidth,
      k: neighbours,
      numActions,
      outputs: ['qQuery'],
    });
    return qQuery;
  }

  save(): RegressorState {
    if (this.#samples === undefined) throw notFitted('KernelRegressor');
    const { states, actions, targets, weights, numActions } = this.#samples;
    const fields = {
      states: states.data.slice(),
      width: states.shape[1],
      actions: actions.slice(),
      targets,
      weights: weights.slice(),
      numActions,
    };
    return { kind: this.kind, fields };
  }

  load(state: RegressorState): void {
    const fields = fieldsOf('KernelRegressor', this.kind, state);
    const actions = fields['actions'] as Int32Array;
    const shape = [actions.length, fields['width'] as number];
    this.#samples = {
      states: new Tensor(fields['states'] as Float32Array, shape),
      actions,
      targets: fields['targets'] as Float32Array,
      weights: fields['weights'] as Float32Array,
      numActions: fields['numActions'] as number,
    };
  }
}
