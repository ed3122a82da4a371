import { argumentError } from '../errors.js';
import { categoricalProjection } from '../generated/fitted-q.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import { Batch, gatherRows } from './batches.js';
import { NetworkFile } from './network-file.js';
import {
  type NeuralRegressorOptions,
  RefittedNetwork,
  regressorDefaults,
  regressorOptions,
} from './neural-regressor.js';
import type { QNetwork } from './q-network.js';
import type { DistributionalRegressor, RegressorState, ReturnAtoms } from './regressor.js';
import { atomMeans, returnAtoms, toDistributions } from './return-atoms.js';
import type { TransitionDataset } from './transitions.js';

export interface CategoricalRegressorOptions
  extends Omit<NeuralRegressorOptions, 'loss'>,
    Partial<ReturnAtoms> {
  /** Return of the first atom. */
  vMin: number;
  /** Return of the last atom, above `vMin`. */
  vMax: number;
}

/**
 * A network with a distribution of returns over fixed atoms for each action, trained by
 * cross-entropy at the actions taken. Its Q-values are the means.
 *
 * Source: Bellemare, Dabney & Munos, A Distributional Perspective on Reinforcement Learning, arXiv
 * 1707.06887.
 */
export class CategoricalRegressor implements DistributionalRegressor {
  readonly kind = 'categorical';
  readonly atoms: Readonly<ReturnAtoms>;
  readonly options: Readonly<Required<NeuralRegressorOptions>>;
  readonly #fitted: RefittedNetwork;

  constructor(options: CategoricalRegressorOptions) {
    const known = regressorOptions.filter((name) => name !== 'loss');
    checkOptions('CategoricalRegressor', options, [...known, 'count', 'vMin', 'vMax']);
    const { count, vMin, vMax, ...rest } = options;
    this.atoms = returnAtoms('CategoricalRegressor', options);
    this.options = regressorDefaults('CategoricalRegressor', rest);
    this.#fitted = new RefittedNetwork('CategoricalRegressor', this.options);
  }

  /** Fits distributions with all mass at the targets. */
  fit(data: TransitionDataset, targets: Float32Array, run: AsyncOptions = {}): Promise<void> {
    const { count, vMin, vMax } = this.atoms;
    const { target } = categoricalProjection<Float32Array>({
      nextProb: new Tensor(new Float32Array(targets.length * count), [targets.length, count]),
      rewards: targets,
      terminated: new Uint8Array(targets.length).fill(1),
      gamma: 1,
      vMin,
      vMax,
    });
    return this.fitDistribution(data, target, run);
  }

  async fitDistribution(
    data: TransitionDataset,
    targets: Tensor<Float32Array>,
    run: AsyncOptions = {},
  ): Promise<void> {
    const { numActions } = data;
    const step = new CategoricalStep(data, targets, this.atoms, this.#fitted.batchSize(data));
    await this.#fitted.fit(data, numActions * this.atoms.count, run, (network, rows) => {
      step.run(network, rows);
    });
  }

  predictDistribution(states: Tensor<Float32Array>): Tensor<Float32Array> {
    const { count } = this.atoms;
    const { data, shape } = this.#fitted.network.predict(states);
    toDistributions(data, count);
    return new Tensor(data, [shape[0] as number, (shape[1] as number) / count, count]);
  }

  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    const { data, shape } = this.predictDistribution(states);
    return new Tensor(atomMeans(data, this.atoms), shape.slice(0, 2));
  }

  save(): RegressorState {
    return this.#fitted.save(this.kind);
  }

  load(state: RegressorState): void {
    this.#fitted.load(this.kind, state);
  }

  /**
   * As that of `NeuralRegressor`: the outputs are [A · count], action by action.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT before a fit
   */
  toSafetensors(): Uint8Array {
    const { loss: _, ...options } = this.options;
    return this.#fitted.toSafetensors({ ...options, ...this.atoms });
  }

  /**
   * From the bytes of `toSafetensors`, or of a file of weights alone where `options` has the atoms.
   * Options given win over the file's.
   * @throws BelfryError BELFRY_BAD_FILE naming what is malformed, missing, of another class or of
   * other widths; BELFRY_INVALID_ARGUMENT naming an option
   */
  static fromSafetensors(
    bytes: Uint8Array,
    options: Partial<CategoricalRegressorOptions> = {},
  ): CategoricalRegressor {
    const owner = 'CategoricalRegressor';
    const read = (saved: Partial<CategoricalRegressorOptions>) =>
      new CategoricalRegressor({ vMin: 0, vMax: (saved.vMin ?? 0) + 1, ...saved });
    const file = new NetworkFile<Partial<CategoricalRegressorOptions>>(owner, bytes, read, options);
    const regressor = new CategoricalRegressor(file.options as CategoricalRegressorOptions);
    const { count } = regressor.atoms;
    if (file.outputs % count !== 0) {
      const [received, expected] = [`has ${file.outputs} outputs`, `a multiple of ${count} atoms`];
      throw argumentError('BELFRY_BAD_FILE', owner, 'q', received, expected);
    }
    regressor.#fitted.read(file);
    return regressor;
  }

  /** Gives back the memory of a GPU, and forgets the fit. */
  dispose(): void {
    this.#fitted.dispose();
  }
}

/** One step on the cross-entropy at the actions taken; its arrays serve every step. */
class CategoricalStep {
  readonly #batch: Batch;
  readonly #logits: Tensor<Float32Array>;
  readonly #target: Tensor<Float32Array>;
  readonly #gradient: Tensor<Float32Array>;
  readonly #zeros: Float32Array;
  readonly #stay: Uint8Array;

  constructor(
    data: TransitionDataset,
    readonly targets: Tensor<Float32Array>,
    readonly atoms: ReturnAtoms,
    size: number,
  ) {
    const { count } = atoms;
    const matrix = (width: number): Tensor<Float32Array> =>
      new Tensor(new Float32Array(size * width), [size, width]);
    this.#batch = new Batch(data, size);
    this.#logits = matrix(count);
    this.#target = matrix(count);
    this.#gradient = matrix(data.numActions * count);
    this.#zeros = new Float32Array(size);
    this.#stay = new Uint8Array(size);
  }

  run(network: QNetwork, rows: Int32Array): void {
    const { count, vMin, vMax } = this.atoms;
    const { x, actions, weight } = this.#batch.take(rows);
    const { data: logits, shape } = network.predict(x);
    const width = shape[1] as number;
    gatherRows(this.targets.data, count, rows, this.#target.data);
    for (let i = 0; i < rows.length; i++) {
      const at = i * width + (actions[i] as number) * count;
      this.#logits.data.set(logits.subarray(at, at + count), i * count);
    }
    // No reward and no discount: the projection leaves the target as it is.
    const { gradLogits } = categoricalProjection<Float32Array>({
      nextProb: this.#target,
      rewards: this.#zeros,
      terminated: this.#stay,
      logits: this.#logits,
      gamma: 1,
      vMin,
      vMax,
      outputs: ['gradLogits'],
    });
    const gradient = this.#gradient.data.fill(0);
    const own = (gradLogits as Tensor<Float32Array>).data;
    for (let i = 0; i < rows.length; i++) {
      const at = i * width + (actions[i] as number) * count;
      for (let j = 0; j < count; j++) {
        gradient[at + j] = (weight[i] as number) * (own[i * count + j] as number);
      }
    }
    network.gradientStep(x, this.#gradient);
  }
}
