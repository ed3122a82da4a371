import type { Engine } from '../engine.js';
import { neuralFqiStep } from '../generated/fitted-q.js';
import { mlp, optimizerStep } from '../generated/flow.js';
import { type InitialWeights, initialLayer, initialWeights } from '../initial-weights.js';
import { type OptionRule, oneOf, rules } from '../options.js';
import { OutputBlock, onCpu, onHost, Placement } from '../placement.js';
import { Tensor } from '../tensor.js';

export interface QNetworkOptions {
  /** Widths of the hidden layers. Default [64, 64]. */
  hidden?: readonly number[];
  /** Default 'relu'. */
  activation?: 'relu' | 'tanh';
  /** Default 'huber', with a bend at 1. */
  loss?: 'mse' | 'huber';
  /** How the weights start; see `InitialWeights`. Default 'fan_avg'. */
  init?: InitialWeights;
  /** 'adam' or 'sgd' on batches, or 'rprop' on all rows at once (as NFQ does). Default 'adam'. */
  optimizer?: 'adam' | 'rprop' | 'sgd';
  /** Learning rate; of rprop the first step size. Default 1e-3 for adam, else 1e-2. */
  learningRate?: number;
  /** Share of the velocity of sgd that stays, in [0, 1). Default 0. */
  momentum?: number;
  /** Decoupled decay of adam (AdamW), L2 penalty of sgd. Default 0. */
  weightDecay?: number;
  /** Largest norm of the gradient of a step. Default null: any. */
  maxGradNorm?: number | null;
  /**
   * Where the network computes; with one that took 'cuda' its parameters and the moments of the
   * optimiser stay on the GPU. Default: the CPU.
   */
  engine?: Engine;
}

export const networkOptions: readonly string[] = [
  'hidden',
  'activation',
  'loss',
  'init',
  'optimizer',
  'learningRate',
  'momentum',
  'weightDecay',
  'maxGradNorm',
  'engine',
];

export const networkRules: Readonly<Record<string, OptionRule>> = {
  hidden: rules.widths,
  init: oneOf(initialWeights),
  optimizer: oneOf(['adam', 'rprop', 'sgd']),
  learningRate: rules.notNegative,
  momentum: [(x) => rules.share[0](x) && x !== 1, 'in [0, 1)'],
  weightDecay: rules.notNegative,
  maxGradNorm: rules.limitOrNull,
  batchSize: rules.count,
  epochs: rules.count,
  restart: rules.flag,
  seed: rules.countOrNone,
};

export function networkDefaults(options: QNetworkOptions): Required<QNetworkOptions> {
  return {
    hidden: [64, 64],
    activation: 'relu',
    loss: 'huber',
    init: 'fan_avg',
    optimizer: 'adam',
    learningRate: (options.optimizer ?? 'adam') === 'adam' ? 1e-3 : 1e-2,
    momentum: 0,
    weightDecay: 0,
    maxGradNorm: null,
    engine: onCpu,
  };
}

export interface BatchArrays {
  x: Tensor<Float32Array>;
  actions: Int32Array;
  target: Float32Array;
  weight: Float32Array;
}

type Arrays = Record<string, Tensor<Float32Array>>;
type SavedArrays = [name: string, values: Float32Array, shape: readonly number[]][];

/** Parameters, state of the optimiser and its count of steps, for structured clone. */
export interface QNetworkState {
  weights: SavedArrays;
  state: SavedArrays;
  steps: number;
}

/** A multi-layer perceptron and its optimiser. A step is one native call, in place. */
export class QNetwork {
  readonly #placement: Placement;
  readonly #loss: OutputBlock;
  #weights: Arrays = {};
  #state: Arrays = {};
  #steps = 0;

  constructor(
    readonly options: Required<QNetworkOptions>,
    readonly inputs: number,
    readonly outputs: number,
    random: () => number,
  ) {
    this.#placement = new Placement('QNetwork', options.engine);
    this.#loss = new OutputBlock(this.#placement, { loss: [] });
    this.begin(random);
  }

  /** New weights and states of the optimiser. */
  begin(random: () => number): void {
    const { hidden, init, optimizer, learningRate } = this.options;
    const widths = [this.inputs, ...hidden, this.outputs];
    const weights: Arrays = {};
    const state: Arrays = {};
    const second = optimizer === 'rprop' ? learningRate : 0;
    widths.slice(1).forEach((outputs, i) => {
      const inputs = widths[i] as number;
      const { weight, bias } = initialLayer(init, inputs, outputs, random);
      weights[`w${i}`] = new Tensor(Float32Array.from(weight), [outputs, inputs]);
      weights[`b${i}`] = new Tensor(Float32Array.from(bias));
      for (const [name, value] of Object.entries({ first: 0, second })) {
        const filled = (length: number): Float32Array => new Float32Array(length).fill(value);
        state[`${name}W${i}`] = new Tensor(filled(weight.length), [outputs, inputs]);
        state[`${name}B${i}`] = new Tensor(filled(outputs));
      }
    });
    this.#become(weights, state, 0);
  }

  #become(weights: Arrays, state: Arrays, steps: number): void {
    const before = [...Object.values(this.#weights), ...Object.values(this.#state)];
    this.#weights = this.#placement.keepAll(weights);
    this.#state = this.#placement.keepAll(state);
    this.#steps = steps;
    const now = new Set([...Object.values(this.#weights), ...Object.values(this.#state)]);
    this.#placement.release(before.filter((array) => !now.has(array)));
  }

  get steps(): number {
    return this.#steps;
  }

  /** A step on the regression loss; returns the loss before it. */
  step(rows: BatchArrays): number {
    this.#train({ ...rows, loss: this.options.loss }, ['loss']);
    return this.#loss.readSync()['loss']?.[0] as number;
  }

  /** The same without the loss, for which a GPU would have to be waited for. */
  fitStep(rows: BatchArrays): void {
    this.#train({ ...rows, loss: this.options.loss }, []);
  }

  /** A step on any loss, of which `gradOutputs` [B, outputs] is the gradient at the outputs. */
  gradientStep(x: Tensor<Float32Array>, gradOutputs: Tensor<Float32Array>): void {
    this.#train({ x, gradOutputs }, []);
  }

  #train(operands: Record<string, unknown>, outputs: readonly string[]): void {
    const { activation, optimizer, learningRate, momentum, weightDecay, maxGradNorm } =
      this.options;
    this.#steps += 1;
    const call = {
      ...this.#placement.feed('QNetwork', operands),
      ...this.#weights,
      ...this.#state,
      activation,
      optimizer,
      lr: learningRate,
      momentum,
      weightDecay,
      maxGradNorm,
      step: this.#steps,
      outputs: [...outputs, ...newArrays],
      out: {
        ...inPlace(this.#weights),
        ...inPlace(this.#state),
        ...(outputs.length > 0 ? this.#loss.out : {}),
      },
    };
    type Call = Parameters<typeof neuralFqiStep<Float32Array>>[0];
    neuralFqiStep(call as unknown as Call);
  }

  /** [M, outputs] of states [M, inputs]. */
  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    const { hidden, activation } = this.options;
    const { where } = this.#placement;
    const call: Record<string, unknown> = { ...where, x: states, outputs: ['y'] };
    for (let i = 0; i <= hidden.length; i++) {
      call[`weight${i}`] = this.#weights[`w${i}`];
      call[`bias${i}`] = this.#weights[`b${i}`];
    }
    call['activations'] = [...hidden.map(() => activation), 'identity'];
    return mlp(call as unknown as Parameters<typeof mlp<Float32Array>>[0]).y;
  }

  /** A copy of the weights alone, to predict with. */
  frozen(): QNetwork {
    const copy = new QNetwork(this.options, this.inputs, this.outputs, () => 0);
    copy.copyFrom(this);
    copy.#become(copy.#weights, {}, 0);
    return copy;
  }

  /** Takes the weights of another network of the same widths; the optimiser stays. */
  copyFrom(other: QNetwork): void {
    for (const [name, source] of Object.entries(other.#weights)) {
      this.#weights[name]?.copyFrom(source);
    }
  }

  /** w ← rate · w of the other + (1 − rate) w. */
  follow(other: QNetwork, rate: number): void {
    for (const [name, source] of Object.entries(other.#weights)) {
      const target = this.#weights[name] as Tensor<Float32Array>;
      optimizerStep<Float32Array>({ target, source, tau: rate, out: { newTarget: target } });
    }
  }

  /** Whether no weight is NaN or infinite. */
  get isFinite(): boolean {
    return Object.values(onHost(this.#weights)).every(({ data }) => data.every(Number.isFinite));
  }

  save(): QNetworkState {
    const copy = (arrays: Arrays): SavedArrays =>
      Object.entries(onHost(arrays)).map(([name, { data, shape }]) => {
        return [name, data.slice(), [...shape]];
      });
    return { weights: copy(this.#weights), state: copy(this.#state), steps: this.#steps };
  }

  load(saved: QNetworkState): void {
    const read = (arrays: SavedArrays): Arrays =>
      Object.fromEntries(
        arrays.map(([name, values, shape]) => [name, new Tensor(values.slice(), [...shape])]),
      );
    this.#become(read(saved.weights), read(saved.state), saved.steps);
  }

  /** Gives back the memory of a GPU. */
  dispose(): void {
    this.#placement.dispose();
  }
}

const newArrays = ['newW', 'newB', 'newFirstW', 'newFirstB', 'newSecondW', 'newSecondB'];

/** The arrays themselves, as the places of their new values. */
function inPlace(arrays: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [
      `new${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      array,
    ]),
  );
}
