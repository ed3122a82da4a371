import { neuralFqiStep } from '../generated/fitted-q.js';
import { mlp, optimizerStep } from '../generated/flow.js';
import { type OptionRule, rules } from '../options.js';
import { Tensor } from '../tensor.js';

export interface QNetworkOptions {
  /** Widths of the hidden layers. Default [64, 64]. */
  hidden?: readonly number[];
  /** Default 'relu'. */
  activation?: 'relu' | 'tanh';
  /** Default 'huber', with a bend at 1. */
  loss?: 'mse' | 'huber';
  /** 'adam' on batches, or 'rprop' on all rows at once (as NFQ does). Default 'adam'. */
  optimizer?: 'adam' | 'rprop';
  /** Learning rate of adam, first step size of rprop. Default 1e-3 and 1e-2. */
  learningRate?: number;
  /** Largest norm of the gradient of a step. Default null: any. */
  maxGradNorm?: number | null;
}

export const networkOptions: readonly string[] = [
  'hidden',
  'activation',
  'loss',
  'optimizer',
  'learningRate',
  'maxGradNorm',
];

export const networkRules: Readonly<Record<string, OptionRule>> = {
  hidden: rules.widths,
  learningRate: rules.notNegative,
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
    optimizer: 'adam',
    learningRate: options.optimizer === 'rprop' ? 1e-2 : 1e-3,
    maxGradNorm: null,
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
  #weights: Arrays = {};
  #state: Arrays = {};
  #steps = 0;

  constructor(
    readonly options: Required<QNetworkOptions>,
    readonly inputs: number,
    readonly outputs: number,
    random: () => number,
  ) {
    this.begin(random);
  }

  /** New weights, uniform within ±√(6/(in + out)), and states of the optimiser. */
  begin(random: () => number): void {
    const { hidden, optimizer, learningRate } = this.options;
    const widths = [this.inputs, ...hidden, this.outputs];
    this.#weights = {};
    this.#state = {};
    this.#steps = 0;
    const second = optimizer === 'rprop' ? learningRate : 0;
    widths.slice(1).forEach((outputs, i) => {
      const inputs = widths[i] as number;
      const scale = Math.sqrt(6 / (inputs + outputs));
      const draw = (): number => scale * (2 * random() - 1);
      const w = Float32Array.from({ length: inputs * outputs }, draw);
      this.#weights[`w${i}`] = new Tensor(w, [outputs, inputs]);
      this.#weights[`b${i}`] = new Tensor(new Float32Array(outputs));
      for (const [name, value] of Object.entries({ first: 0, second })) {
        const filled = (length: number): Float32Array => new Float32Array(length).fill(value);
        this.#state[`${name}W${i}`] = new Tensor(filled(w.length), [outputs, inputs]);
        this.#state[`${name}B${i}`] = new Tensor(filled(outputs));
      }
    });
  }

  get steps(): number {
    return this.#steps;
  }

  /** A step on the regression loss; returns the loss before it. */
  step(rows: BatchArrays): number {
    const { loss } = this.options;
    return this.#train({ ...rows, loss }, ['loss']);
  }

  /** A step on any loss, of which `gradOutputs` [B, outputs] is the gradient at the outputs. */
  gradientStep(x: Tensor<Float32Array>, gradOutputs: Tensor<Float32Array>): void {
    this.#train({ x, gradOutputs }, []);
  }

  #train(operands: object, outputs: readonly string[]): number {
    const { activation, optimizer, learningRate, maxGradNorm } = this.options;
    this.#steps += 1;
    const call = {
      ...operands,
      ...this.#weights,
      ...this.#state,
      activation,
      optimizer,
      lr: learningRate,
      maxGradNorm,
      step: this.#steps,
      outputs: [...outputs, ...newArrays],
      out: { ...inPlace(this.#weights), ...inPlace(this.#state) },
    };
    type Call = Parameters<typeof neuralFqiStep<Float32Array>>[0];
    return (neuralFqiStep(call as unknown as Call) as unknown as { loss: number }).loss;
  }

  /** [M, outputs] of states [M, inputs]. */
  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    const { hidden, activation } = this.options;
    const call: Record<string, unknown> = { x: states, outputs: ['y'] };
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
    copy.#state = {};
    return copy;
  }

  /** Takes the weights of another network of the same widths; the optimiser stays. */
  copyFrom(other: QNetwork): void {
    for (const [name, { data }] of Object.entries(other.#weights)) {
      (this.#weights[name] as Tensor<Float32Array>).data.set(data);
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
    return Object.values(this.#weights).every(({ data }) => data.every(Number.isFinite));
  }

  save(): QNetworkState {
    const copy = (arrays: Arrays): SavedArrays =>
      Object.entries(arrays).map(([name, { data, shape }]) => [name, data.slice(), [...shape]]);
    return { weights: copy(this.#weights), state: copy(this.#state), steps: this.#steps };
  }

  load(saved: QNetworkState): void {
    const read = (arrays: SavedArrays): Arrays =>
      Object.fromEntries(
        arrays.map(([name, values, shape]) => [name, new Tensor(values.slice(), [...shape])]),
      );
    this.#weights = read(saved.weights);
    this.#state = read(saved.state);
    this.#steps = saved.steps;
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
