import { extraTreesAsync } from '../generated/fitted-q.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import { ExtraTreesForest, type ForestArrays } from './extra-trees-forest.js';
import { fieldsOf, notFitted, type QRegressor, type RegressorState } from './regressor.js';
import type { TransitionDataset } from './transitions.js';

export interface TreeRegressorOptions {
  /** Trees of the forest. Default 50. */
  numTrees?: number;
  /** A node of fewer rows is a leaf. Default 2. */
  minRows?: number;
  /** Attributes tried at a node. Default 'all'. */
  tried?: number | 'all';
  /** Of the random splits; each fit draws others. Default 0. */
  seed?: number;
}

const forestArrays = ['feature', 'threshold', 'right', 'value', 'treeOffsets'] as const;

/**
 * A forest of extremely randomised trees over (s, a), the action being one more attribute. Weights
 * of the data set enter variances and means.
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005.
 */
export class TreeRegressor implements QRegressor {
  readonly kind = 'trees';
  readonly options: Readonly<Required<TreeRegressorOptions>>;
  #forest: ExtraTreesForest | undefined;
  #numActions = 0;
  #fits = 0;

  constructor(options: TreeRegressorOptions = {}) {
    checkOptions('TreeRegressor', options, ['numTrees', 'minRows', 'tried', 'seed']);
    this.options = { numTrees: 50, minRows: 2, tried: 'all', seed: 0, ...options };
  }

  /** The forest of the last fit, for calls without allocation. @throws BelfryError before a fit */
  get forest(): ExtraTreesForest {
    if (this.#forest === undefined) throw notFitted('TreeRegressor');
    return this.#forest;
  }

  async fit(data: TransitionDataset, targets: Float32Array, run: AsyncOptions = {}): Promise<void> {
    const { numTrees, minRows, tried, seed } = this.options;
    const stop = run.signal === undefined ? {} : { signal: run.signal };
    const grown = await extraTreesAsync({
      x: withAction(data.states, (row) => data.actions[row] as number),
      y: targets,
      ...(isUniform(data.weights) ? {} : { weight: data.weights }),
      numTrees,
      nMin: minRows,
      k: tried,
      seed: seed + 1000 * this.#fits,
      outputs: forestArrays,
      ...stop,
    });
    this.#forest = await ExtraTreesForest.packAsync(grown, data.stateSize + 1, stop);
    this.#numActions = data.numActions;
    this.#fits += 1;
  }

  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    const qValues = this.forest.qValues(states.data, this.#numActions);
    return new Tensor(qValues, [states.shape[0] as number, this.#numActions]);
  }

  save(): RegressorState {
    const { forest } = this;
    const arrays = { ...forest.toArrays(), numFeatures: forest.numFeatures };
    return {
      kind: this.kind,
      fields: { ...arrays, numActions: this.#numActions, fits: this.#fits },
    };
  }

  load(state: RegressorState): void {
    const fields = fieldsOf('TreeRegressor', this.kind, state);
    const arrays = fields as unknown as ForestArrays;
    this.#forest = ExtraTreesForest.pack(arrays, fields['numFeatures'] as number);
    this.#numActions = fields['numActions'] as number;
    this.#fits = fields['fits'] as number;
  }
}

/** Weights that are all 1 need not be looked at. */
function isUniform(weights: Float32Array): boolean {
  return weights.every((weight) => weight === 1);
}

/** The rows with one more column, the action. */
function withAction(
  states: Tensor<Float32Array>,
  actionOf: (row: number) => number,
): Tensor<Float32Array> {
  const [count = 0, width = 0] = states.shape;
  const out = new Float32Array(count * (width + 1));
  for (let row = 0; row < count; row++) {
    out.set(states.data.subarray(row * width, (row + 1) * width), row * (width + 1));
    out[row * (width + 1) + width] = actionOf(row);
  }
  return new Tensor(out, [count, width + 1]);
}
