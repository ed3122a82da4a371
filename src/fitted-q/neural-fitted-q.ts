import { BelfryError } from '../errors.js';
import { fqiTarget } from '../generated/fitted-q.js';
import { OneAtATime } from '../one-at-a-time.js';
import { checkOptions, checkRules, type OptionRule, rules, withDefaults } from '../options.js';
import { checkEngine } from '../placement.js';
import type { AsyncOptions } from '../tasks.js';
import { type ArrayLike, Tensor } from '../tensor.js';
import { Batch, gatherRows, Pauses } from './batches.js';
import { greedyActions, largest } from './greedy.js';
import { NetworkFile, writeNetworkFile } from './network-file.js';
import {
  type BatchArrays,
  networkDefaults,
  networkOptions,
  networkRules,
  QNetwork,
  type QNetworkOptions,
  type QNetworkState,
} from './q-network.js';
import { RandomStream } from './random-stream.js';
import { notFitted } from './regressor.js';
import { checkSavedNetwork } from './saved-network.js';
import { type DataSizes, sizesOf, statesOf } from './states.js';
import type { TransitionDataset } from './transitions.js';

export interface NeuralFittedQOptions extends QNetworkOptions {
  /** Discount γ in [0, 1]. */
  discount: number;
  /** Steps of the optimiser in one call of `fit`. Default 10 000. */
  steps?: number;
  /** Rows of a step of adam, drawn with replacement; rprop takes all rows. Default 256. */
  batchSize?: number;
  /** 'double': the network chooses the next action, its target evaluates it. Default 'max'. */
  operator?: 'max' | 'double';
  /** The target network becomes a copy of the network after so many steps. Default 250. */
  targetEvery?: number;
  /** In place of that, it follows by this share in every step. Default null: it does not. */
  targetRate?: number | null;
  /** New weights whenever the target network was renewed: each regression is made anew. Default false. */
  restart?: boolean;
  /** Rewards are costs: the smallest Q is the best one. Default false. */
  minimize?: boolean;
  /** Give up when a target is this many times the largest return there can be, or 1. Default 10. */
  divergenceFactor?: number;
  /** Of the first weights and of the rows drawn. Default 0. */
  seed?: number;
}

export interface NeuralFittedQReport {
  /** Steps made in all, those before a checkpoint included. */
  steps: number;
  /** Loss before the last step of this call. */
  loss: number;
}

/** What `resume` needs, for structured clone. */
export interface NeuralFittedQCheckpoint {
  steps: number;
  network: QNetworkState;
  target: QNetworkState;
  /** Sizes of a state and of the actions. */
  sizes: [inputs: number, outputs: number];
  random: number;
}

const defaults = {
  steps: 10_000,
  batchSize: 256,
  operator: 'max',
  targetEvery: 250,
  targetRate: null,
  restart: false,
  minimize: false,
  divergenceFactor: 10,
  seed: 0,
} as const;

const optionRules: Readonly<Record<string, OptionRule>> = {
  ...networkRules,
  discount: rules.share,
  steps: rules.count,
  operator: [(x) => x === 'max' || x === 'double', "'max' or 'double'"],
  targetEvery: rules.count,
  targetRate: [(x) => x === null || (rules.share[0](x) && x !== 0), 'in (0, 1], or null'],
  minimize: rules.flag,
  divergenceFactor: rules.positive,
};

/** Steps between two looks at all parameters, which are then the ones to fall back to. */
const keepEvery = 100;

/**
 * Q-learning with a network from a fixed set of transitions. With adam it is DQN without an
 * environment: batches, a target network, the double estimator. With rprop it is neural fitted
 * Q-iteration: all rows in every step, regressions of `targetEvery` steps.
 *
 * ```ts
 * const learner = new NeuralFittedQ({ discount: 0.99, hidden: [128, 128], operator: 'double' });
 * await learner.fit(data, { onProgress: ({ iteration, residual }) => log(iteration, residual) });
 * const actions = learner.act(states);
 * ```
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005; Mnih et al., Nature 2015; van Hasselt,
 * Guez & Silver, arXiv 1509.06461.
 */
export class NeuralFittedQ {
  readonly options: Readonly<Required<NeuralFittedQOptions>>;
  readonly #random: RandomStream;
  readonly #fitting = new OneAtATime('NeuralFittedQ');
  #networks: { online: QNetwork; target: QNetwork } | undefined;
  #steps = 0;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is unknown or out of range */
  constructor(options: NeuralFittedQOptions) {
    const known = [...networkOptions, ...Object.keys(defaults), 'discount'];
    checkOptions('NeuralFittedQ', options, known);
    const start = { discount: options.discount, ...networkDefaults(options), ...defaults };
    const all = withDefaults(start, options);
    checkRules('NeuralFittedQ', all, optionRules);
    this.options = all as Required<NeuralFittedQOptions>;
    checkEngine('NeuralFittedQ', this.options.engine);
    this.#random = new RandomStream(this.options.seed);
  }

  /** Steps made so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Goes on from the last fit (or checkpoint), for `steps` steps.
   * @throws BelfryError BELFRY_BAD_VALUE when it diverges: it names the step, and the parameters are
   * those of at most 100 steps before; BELFRY_BAD_SHAPE when the data do not fit the network;
   * BELFRY_BUFFER_IN_USE while another `fit` goes on; the signal's reason when stopped: the steps
   * made stay
   */
  fit(data: TransitionDataset, run: AsyncOptions = {}): Promise<NeuralFittedQReport> {
    return this.#fitting.run('fit', () => this.#fit(data, run));
  }

  async #fit(data: TransitionDataset, run: AsyncOptions): Promise<NeuralFittedQReport> {
    const { online, target } = this.#networksFor(data);
    const { steps } = this.options;
    const pauses = new Pauses(run);
    const training = new Training(this.options, data, online, target, this.#random);
    let kept = this.checkpoint();
    let loss = Number.NaN;
    for (let i = 0; i < steps; i++) {
      if (i > 0 && i % keepEvery === 0) kept = this.#keep(kept);
      try {
        loss = training.step(this.#steps);
      } catch (error) {
        throw this.#diverged(kept, error);
      }
      this.#steps += 1;
      await pauses.pause(i + 1, steps, loss);
    }
    this.#keep(kept);
    pauses.report(steps, steps, loss);
    return { steps: this.#steps, loss };
  }

  #networksFor(data: TransitionDataset) {
    const sizes = sizesOf('NeuralFittedQ.fit', data, this.#sizes);
    this.#networks ??= this.#newNetworks(...sizes);
    return this.#networks;
  }

  get #sizes(): DataSizes | undefined {
    const online = this.#networks?.online;
    return online && [online.inputs, online.outputs];
  }

  #newNetworks(inputs: number, outputs: number) {
    const online = new QNetwork(this.options, inputs, outputs, this.#random.next);
    const target = new QNetwork(this.options, inputs, outputs, () => 0);
    target.copyFrom(online);
    return { online, target };
  }

  /** Parameters worth falling back to. */
  #keep(kept: NeuralFittedQCheckpoint): NeuralFittedQCheckpoint {
    if (this.#networks?.online.isFinite) return this.checkpoint();
    throw this.#diverged(kept, new Divergence('parameters that are not finite'));
  }

  #diverged(kept: NeuralFittedQCheckpoint, error: unknown): unknown {
    if (!(error instanceof Divergence)) return error;
    const at = this.#steps + 1;
    this.#restore(kept);
    const message = `NeuralFittedQ: step ${at} diverges: ${error.message}. The parameters are those after step ${kept.steps}. A smaller learningRate, a slower target network or 'double' may help.`;
    return new BelfryError('BELFRY_BAD_VALUE', message, { op: 'NeuralFittedQ' });
  }

  /**
   * [M, A] Q-values of states [M, stateSize], or of a bare array of them.
   * @throws BelfryError before a fit; BELFRY_BAD_SHAPE, BELFRY_BAD_DTYPE
   */
  qValues(states: ArrayLike<Float32Array>): Tensor<Float32Array> {
    return this.#predict('qValues', states);
  }

  #predict(method: string, states: ArrayLike<Float32Array>): Tensor<Float32Array> {
    if (this.#networks === undefined) throw notFitted('NeuralFittedQ');
    const { online } = this.#networks;
    return online.predict(statesOf(`NeuralFittedQ.${method}`, states, online.inputs));
  }

  /** [M] greedy actions, the lowest of equals. @throws as `qValues` does */
  act(states: ArrayLike<Float32Array>): Int32Array {
    const q = this.#predict('act', states);
    if (this.options.minimize) negate(q.data);
    return greedyActions(q);
  }

  /** @throws BelfryError before a fit */
  checkpoint(): NeuralFittedQCheckpoint {
    if (this.#networks === undefined) throw notFitted('NeuralFittedQ');
    const { online, target } = this.#networks;
    return {
      steps: this.#steps,
      network: online.save(),
      target: target.save(),
      sizes: [online.inputs, online.outputs],
      random: this.#random.state,
    };
  }

  /**
   * The next `fit` goes on from there, to the same bits.
   * @throws BelfryError BELFRY_BAD_SHAPE for networks of other widths than the options say; nothing
   * has changed then. BELFRY_BUFFER_IN_USE while `fit` goes on
   */
  resume(checkpoint: NeuralFittedQCheckpoint): void {
    this.#fitting.check('resume');
    const { sizes = [0, 0], network, target } = checkpoint;
    const widths = [sizes[0], ...this.options.hidden, sizes[1]];
    for (const saved of [network, target]) {
      checkSavedNetwork('NeuralFittedQ.resume', saved, widths);
    }
    if (String(this.#sizes) !== String(sizes)) this.#networks = undefined;
    this.#restore(checkpoint);
  }

  #restore({ sizes, network, target, steps, random }: NeuralFittedQCheckpoint): void {
    this.#networks ??= this.#newNetworks(...sizes);
    this.#networks.online.load(network);
    this.#networks.target.load(target);
    this.#steps = steps;
    this.#random.state = random;
  }

  /**
   * All that the next `fit` needs to go on to the same bits: the network as `q.0.weight`, `q.0.bias`,
   * `q.2.weight` ..., as `torch.nn.Sequential` names them, its target (`target.0.weight` ...), the
   * state of the optimiser (`q_first.0.weight`, `q_second.0.weight` ...), class, options and counts.
   * @throws BelfryError BELFRY_INVALID_ARGUMENT before a fit; BELFRY_BUFFER_IN_USE while one goes on
   */
  toSafetensors(): Uint8Array {
    this.#fitting.check('toSafetensors');
    const { steps, network, target, random } = this.checkpoint();
    const networks = { q: [...network.weights, ...network.state], target: target.weights };
    const counts = { steps, optimizer_steps: network.steps, random };
    return writeNetworkFile('NeuralFittedQ', this.options, networks, counts);
  }

  /**
   * From the bytes of `toSafetensors`. Options given win over the file's. A file of weights alone
   * will do where `options` has the discount: the hidden layers are the file's then, a target
   * network that is missing is a copy, and without its state (or with another `optimizer`) the
   * optimiser begins anew.
   * @throws BelfryError BELFRY_BAD_FILE naming what is malformed, missing, of another class or of
   * other widths; BELFRY_INVALID_ARGUMENT naming an option
   */
  static fromSafetensors(
    bytes: Uint8Array,
    options: Partial<NeuralFittedQOptions> = {},
  ): NeuralFittedQ {
    const read = (saved: Partial<NeuralFittedQOptions>) =>
      new NeuralFittedQ({ discount: 0, ...saved });
    const file = new NetworkFile('NeuralFittedQ', bytes, read, options);
    const learner = new NeuralFittedQ(file.options as NeuralFittedQOptions);
    learner.#read(file);
    return learner;
  }

  #read(file: NetworkFile<NeuralFittedQOptions>): void {
    const random = file.random(this.#random.state);
    const networks = this.#newNetworks(file.inputs, file.outputs);
    file.restore(networks.online, 'q');
    file.restore(networks.target, file.has('target') ? 'target' : 'q');
    this.#steps = file.count('steps');
    this.#networks = networks;
    this.#random.state = random;
  }

  /**
   * Gives back the memory of a GPU, and forgets the fit. Without a call the garbage collector does
   * it eventually. On the CPU there is nothing to give back.
   */
  dispose(): void {
    this.#networks?.online.dispose();
    this.#networks?.target.dispose();
    this.#networks = undefined;
    this.#steps = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

class Divergence extends Error {}

function negate(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = -(values[i] as number);
  return values;
}

interface NextRows {
  nextStates: Tensor<Float32Array>;
  rewards: Float32Array;
  terminated: Uint8Array;
  nextActionMask: Tensor<Uint8Array>;
}

/** The steps over one data set. */
class Training {
  readonly #whole: boolean;
  readonly #rows: Int32Array;
  readonly #batch: Batch;
  readonly #next: NextRows;
  readonly #limit: number;
  /** Of all rows, as long as the target network stays. */
  #targets: Float32Array | undefined;

  constructor(
    readonly options: Required<NeuralFittedQOptions>,
    readonly data: TransitionDataset,
    readonly online: QNetwork,
    readonly target: QNetwork,
    readonly random: RandomStream,
  ) {
    const { optimizer, batchSize, discount, divergenceFactor } = options;
    const { length, stateSize, numActions } = data;
    this.#whole = optimizer === 'rprop';
    const size = this.#whole ? length : batchSize;
    this.#rows = Int32Array.from({ length: size }, (_, i) => i);
    this.#batch = new Batch(data, size);
    this.#next = {
      nextStates: new Tensor(new Float32Array(size * stateSize), [size, stateSize]),
      rewards: new Float32Array(size),
      terminated: new Uint8Array(size),
      nextActionMask: new Tensor(new Uint8Array(size * numActions), [size, numActions]),
    };
    const reward = largest(data.rewards);
    const most = reward === 0 ? 0 : reward / (1 - discount);
    this.#limit = divergenceFactor * Math.max(1, most);
    if (this.#whole) this.#batch.take(this.#rows);
  }

  /** Step number `done` + 1; returns the loss before it. @throws Divergence */
  step(done: number): number {
    const { targetRate, targetEvery, restart } = this.options;
    if (targetRate === null && done > 0 && done % targetEvery === 0) {
      this.target.copyFrom(this.online);
      if (restart) this.online.begin(this.random.next);
      this.#targets = undefined;
    }
    const rows = this.#take();
    const size = largest(rows.target);
    if (!(size <= this.#limit)) {
      throw new Divergence(`a target has the size ${size}, the limit is ${this.#limit}`);
    }
    const loss = this.online.step(rows);
    if (!Number.isFinite(loss)) throw new Divergence(`the loss is ${loss}`);
    if (targetRate !== null) this.target.follow(this.online, targetRate);
    return loss;
  }

  #take(): BatchArrays {
    if (!this.#whole) {
      for (let i = 0; i < this.#rows.length; i++)
        this.#rows[i] = this.random.integer(this.data.length);
    }
    if (this.#keepsTargets) {
      this.#targets ??= this.#targetsOf(this.data);
      return this.#batch.take(this.#rows, this.#targets);
    }
    const rows = this.#batch.take(this.#rows);
    rows.target.set(this.#targetsOf(this.#gathered()));
    return rows;
  }

  /** Whether targets of all rows, made once, serve every step until the target network changes. */
  get #keepsTargets(): boolean {
    const { operator, targetRate, targetEvery, batchSize } = this.options;
    if (targetRate !== null || operator === 'double') return false;
    return this.#whole || this.data.length <= targetEvery * batchSize;
  }

  #gathered(): NextRows {
    if (this.#whole) return this.data;
    const { data } = this;
    const { nextStates, rewards, terminated, nextActionMask } = this.#next;
    gatherRows(data.nextStates.data, data.stateSize, this.#rows, nextStates.data);
    gatherRows(data.rewards, 1, this.#rows, rewards);
    gatherRows(data.terminated, 1, this.#rows, terminated);
    gatherRows(data.nextActionMask.data, data.numActions, this.#rows, nextActionMask.data);
    return this.#next;
  }

  #targetsOf(next: NextRows): Float32Array {
    const { discount, operator, minimize } = this.options;
    const predict = (network: QNetwork): Tensor<Float32Array> => {
      const q = network.predict(next.nextStates);
      // The smallest is the largest of the negatives.
      if (minimize) negate(q.data);
      return q;
    };
    const { target } = fqiTarget<Float32Array>({
      nextQValues: predict(this.target),
      ...(operator === 'double' ? { nextQSelect: predict(this.online) } : {}),
      rewards: minimize ? negate(next.rewards.slice()) : next.rewards,
      terminated: next.terminated,
      nextActionMask: next.nextActionMask,
      gamma: discount,
      operator,
    });
    return minimize ? negate(target.data) : target.data;
  }
}
