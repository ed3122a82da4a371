import { BelfryError } from '../errors.js';
import { checkOptions, checkRules, withDefaults } from '../options.js';
import { checkEngine } from '../placement.js';
import type { AsyncOptions } from '../tasks.js';
import type { Tensor } from '../tensor.js';
import { Batch, eachBatch } from './batches.js';
import { NetworkFile, writeNetworkFile } from './network-file.js';
import {
  networkDefaults,
  networkOptions,
  networkRules,
  QNetwork,
  type QNetworkOptions,
  type QNetworkState,
} from './q-network.js';
import { RandomStream } from './random-stream.js';
import { fieldsOf, notFitted, type QRegressor, type RegressorState } from './regressor.js';
import { checkSavedNetwork } from './saved-network.js';
import { sizesOf } from './states.js';
import type { TransitionDataset } from './transitions.js';

export interface NeuralRegressorOptions extends QNetworkOptions {
  /** Rows of a step of adam. Default 256. */
  batchSize?: number;
  /** Passes over the data in one fit. Default 10. */
  epochs?: number;
  /** Begin every fit from new weights. Default false: go on from the last fit's. */
  restart?: boolean;
  /** Of the first weights and of the order of the rows. Default 0. */
  seed?: number;
}

export const regressorOptions: readonly string[] = [
  ...networkOptions,
  'batchSize',
  'epochs',
  'restart',
  'seed',
];

export function regressorDefaults(
  owner: string,
  options: NeuralRegressorOptions,
): Required<NeuralRegressorOptions> {
  const defaults = { batchSize: 256, epochs: 10, restart: false, seed: 0 };
  const all = withDefaults({ ...networkDefaults(options), ...defaults }, options);
  checkRules(owner, all, networkRules);
  return all as Required<NeuralRegressorOptions>;
}

/** A network that is fitted again and again, and the random numbers of its fits. */
export class RefittedNetwork {
  #network: QNetwork | undefined;
  readonly #random: RandomStream;

  constructor(
    readonly owner: string,
    readonly options: Required<NeuralRegressorOptions>,
  ) {
    checkEngine(owner, options.engine);
    this.#random = new RandomStream(options.seed);
  }

  /** @throws BelfryError before a fit */
  get network(): QNetwork {
    if (this.#network === undefined) throw notFitted(this.owner);
    return this.#network;
  }

  /** step(network, rows) for every batch of one fit; what is stopped leaves no trace. */
  async fit(
    data: TransitionDataset,
    outputs: number,
    run: AsyncOptions,
    step: (network: QNetwork, rows: Int32Array) => void,
  ): Promise<void> {
    const { restart, epochs } = this.options;
    const { inputs } = this.#network ?? { inputs: data.stateSize };
    sizesOf(`${this.owner}.fit`, data, [inputs, data.numActions]);
    const before = { network: this.#network, saved: this.#network?.save(), at: this.#random.state };
    const network = this.#network ?? this.#made(data.stateSize, outputs);
    if (restart && network.steps > 0) network.begin(this.#random.next);
    this.#network = network;
    const stop = run.signal === undefined ? {} : { signal: run.signal };
    const settings = { epochs, size: this.batchSize(data), random: this.#random, ...stop };
    try {
      await eachBatch(data.length, settings, (rows) => step(network, rows));
      if (!network.isFinite) throw this.#diverged();
    } catch (error) {
      if (before.saved !== undefined) before.network?.load(before.saved);
      this.#network = before.network;
      this.#random.state = before.at;
      throw error;
    }
  }

  #diverged(): BelfryError {
    const message = `${this.owner}: the training diverges: its parameters are not finite. The fit before is kept. A smaller learningRate may help.`;
    return new BelfryError('BELFRY_BAD_VALUE', message, { op: this.owner });
  }

  batchSize(data: TransitionDataset): number {
    const { optimizer, batchSize } = this.options;
    return optimizer === 'rprop' ? data.length : Math.min(batchSize, data.length);
  }

  #made(inputs: number, outputs: number): QNetwork {
    return new QNetwork(this.options, inputs, outputs, this.#random.next);
  }

  save(kind: string): RegressorState {
    const { inputs, outputs } = this.network;
    const fields = { ...this.network.save(), inputs, outputs, random: this.#random.state };
    return { kind, fields };
  }

  load(kind: string, state: RegressorState): void {
    const fields = fieldsOf(this.owner, kind, state);
    const widths = [fields['inputs'], ...this.options.hidden, fields['outputs']] as number[];
    checkSavedNetwork(`${this.owner}.load`, fields as unknown as QNetworkState, widths);
    this.dispose();
    this.#network = this.#made(fields['inputs'] as number, fields['outputs'] as number);
    this.#network.load(fields as unknown as QNetworkState);
    this.#random.state = fields['random'] as number;
  }

  /** `options` are those of the class, for the metadata. */
  toSafetensors(options: object): Uint8Array {
    const { weights, state, steps } = this.network.save();
    const counts = { optimizer_steps: steps, random: this.#random.state };
    return writeNetworkFile(this.owner, options, { q: [...weights, ...state] }, counts);
  }

  read(file: Pick<NetworkFile<object>, 'random' | 'restore' | 'inputs' | 'outputs'>): void {
    const random = file.random(this.#random.state);
    const network = this.#made(file.inputs, file.outputs);
    file.restore(network, 'q');
    this.dispose();
    this.#network = network;
    this.#random.state = random;
  }

  dispose(): void {
    this.#network?.dispose();
    this.#network = undefined;
  }
}

/**
 * A network with an output for each action, trained at the actions taken.
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005.
 */
export class NeuralRegressor implements QRegressor {
  readonly kind = 'neural';
  readonly options: Readonly<Required<NeuralRegressorOptions>>;
  readonly #fitted: RefittedNetwork;

  constructor(options: NeuralRegressorOptions = {}) {
    checkOptions('NeuralRegressor', options, regressorOptions);
    this.options = regressorDefaults('NeuralRegressor', options);
    this.#fitted = new RefittedNetwork('NeuralRegressor', this.options);
  }

  async fit(data: TransitionDataset, targets: Float32Array, run: AsyncOptions = {}): Promise<void> {
    const batch = new Batch(data, this.#fitted.batchSize(data));
    await this.#fitted.fit(data, data.numActions, run, (network, rows) => {
      network.fitStep(batch.take(rows, targets));
    });
  }

  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    return this.#fitted.network.predict(states);
  }

  save(): RegressorState {
    return this.#fitted.save(this.kind);
  }

  load(state: RegressorState): void {
    this.#fitted.load(this.kind, state);
  }

  /**
   * The network as `q.0.weight`, `q.0.bias`, `q.2.weight` ..., as `torch.nn.Sequential` names them, the
   * state of the optimiser (`q_first.0.weight`, `q_second.0.weight` ...), class and options: the next
   * `fit` goes on to the same bits.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT before a fit
   */
  toSafetensors(): Uint8Array {
    return this.#fitted.toSafetensors(this.options);
  }

  /**
   * From the bytes of `toSafetensors`, or of a file of weights alone, whose hidden layers it then has.
   * Options given win over the file's; the optimiser begins anew without its state or with another
   * `optimizer`.
   * @throws BelfryError BELFRY_BAD_FILE naming what is malformed, missing, of another class or of
   * other widths; BELFRY_INVALID_ARGUMENT naming an option
   */
  static fromSafetensors(bytes: Uint8Array, options: NeuralRegressorOptions = {}): NeuralRegressor {
    const read = (saved: NeuralRegressorOptions) => new NeuralRegressor(saved);
    const file = new NetworkFile<NeuralRegressorOptions>('NeuralRegressor', bytes, read, options);
    const regressor = new NeuralRegressor(file.options);
    regressor.#fitted.read(file);
    return regressor;
  }

  /** Gives back the memory of a GPU, and forgets the fit. */
  dispose(): void {
    this.#fitted.dispose();
  }
}
