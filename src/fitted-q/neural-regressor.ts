import { setImmediate } from 'node:timers/promises';
import { neuralFqiStep } from '../generated/fitted-q.js';
import { mlp } from '../generated/flow.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import { fieldsOf, notFitted, type QRegressor, type RegressorState } from './regressor.js';
import type { TransitionDataset } from './transitions.js';

export interface NeuralRegressorOptions {
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
  /** Rows of a step of adam. Default 256. */
  batchSize?: number;
  /** Passes over the data in one fit. Default 10. */
  epochs?: number;
  /** Begin every fit from new weights. Default false: go on from the last fit's. */
  restart?: boolean;
  /** Of the first weights and of the order of the rows. Default 0. */
  seed?: number;
}

type Arrays = Record<string, Tensor<Float32Array>>;
type StepArguments = Parameters<typeof neuralFqiStep<Float32Array>>[0];

/** Milliseconds of training between two looks at the event loop. */
const slice = 8;

/**
 * A network with an output for each action, trained at the actions taken.
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005.
 */
export class NeuralRegressor implements QRegressor {
  readonly kind = 'neural';
  readonly options: Readonly<Required<NeuralRegressorOptions>>;
  #weights: Arrays = {};
  #state: Arrays = {};
  #steps = 0;
  #random: () => number;

  constructor(options: NeuralRegressorOptions = {}) {
    const known = ['hidden', 'activation', 'loss', 'optimizer', 'learningRate'];
    checkOptions('NeuralRegressor', options, [...known, 'batchSize', 'epochs', 'restart', 'seed']);
    this.options = {
      hidden: [64, 64],
      activation: 'relu',
      loss: 'huber',
      optimizer: 'adam',
      learningRate: options.optimizer === 'rprop' ? 1e-2 : 1e-3,
      batchSize: 256,
      epochs: 10,
      restart: false,
      seed: 0,
      ...options,
    };
    this.#random = uniformStream(this.options.seed);
  }

  get #numLayers(): number {
    return this.options.hidden.length + 1;
  }

  /** New weights, uniform within ±√(6/(in + out)), and states of the optimiser. */
  #begin(widths: readonly number[]): void {
    const { optimizer, learningRate } = this.options;
    this.#weights = {};
    this.#state = {};
    this.#steps = 0;
    widths.slice(1).forEach((outputs, i) => {
      const inputs = widths[i] as number;
      const scale = Math.sqrt(6 / (inputs + outputs));
      const draw = (): number => scale * (2 * this.#random() - 1);
      const w = Float32Array.from({ length: inputs * outputs }, draw);
      this.#weights[`w${i}`] = new Tensor(w, [outputs, inputs]);
      this.#weights[`b${i}`] = new Tensor(new Float32Array(outputs));
      const step = optimizer === 'rprop' ? learningRate : 0;
      for (const [name, value] of [
        ['first', 0],
        ['second', step],
      ] as const) {
        const filled = (length: number): Float32Array => new Float32Array(length).fill(value);
        this.#state[`${name}W${i}`] = new Tensor(filled(w.length), [outputs, inputs]);
        this.#state[`${name}B${i}`] = new Tensor(filled(outputs));
      }
    });
  }

  async fit(data: TransitionDataset, targets: Float32Array, run: AsyncOptions = {}): Promise<void> {
    const { hidden, restart, epochs, optimizer, batchSize } = this.options;
    if (restart || this.#steps === 0) this.#begin([data.stateSize, ...hidden, data.numActions]);
    const size = optimizer === 'rprop' ? data.length : Math.min(batchSize, data.length);
    const batch = new Batch(data, targets, size);
    let since = performance.now();
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = shuffled(data.length, this.#random);
      for (let at = 0; at + size <= order.length && size > 0; at += size) {
        this.#step(batch.take(order.subarray(at, at + size)));
        if (performance.now() - since < slice) continue;
        await setImmediate();
        run.signal?.throwIfAborted();
        since = performance.now();
      }
    }
  }

  #step(rows: BatchArrays): void {
    const { activation, loss, optimizer, learningRate } = this.options;
    this.#steps += 1;
    neuralFqiStep({
      ...rows,
      ...this.#weights,
      ...this.#state,
      activation,
      loss,
      optimizer,
      lr: learningRate,
      step: this.#steps,
      outputs: ['newW', 'newB', 'newFirstW', 'newFirstB', 'newSecondW', 'newSecondB'],
      out: { ...inPlace(this.#weights), ...inPlace(this.#state) },
    } as unknown as StepArguments);
  }

  predict(states: Tensor<Float32Array>): Tensor<Float32Array> {
    if (this.#steps === 0) throw notFitted('NeuralRegressor');
    const layers = Array.from({ length: this.#numLayers }, (_, i) => [
      [`weight${i}`, this.#weights[`w${i}`]],
      [`bias${i}`, this.#weights[`b${i}`]],
    ]).flat();
    const activations = Array.from({ length: this.#numLayers }, (_, i) =>
      i + 1 < this.#numLayers ? this.options.activation : 'identity',
    );
    const call = { x: states, ...Object.fromEntries(layers), activations, outputs: ['y'] };
    return mlp(call as unknown as Parameters<typeof mlp<Float32Array>>[0]).y;
  }

  save(): RegressorState {
    const copy = (arrays: Arrays) =>
      Object.entries(arrays).map(([name, { data, shape }]) => [name, data.slice(), shape]);
    const fields = { weights: copy(this.#weights), state: copy(this.#state), steps: this.#steps };
    return { kind: this.kind, fields };
  }

  load(state: RegressorState): void {
    const fields = fieldsOf('NeuralRegressor', this.kind, state);
    const read = (arrays: unknown): Arrays =>
      Object.fromEntries(
        (arrays as [string, Float32Array, number[]][]).map(([name, values, shape]) => [
          name,
          new Tensor(values.slice(), shape),
        ]),
      );
    this.#weights = read(fields['weights']);
    this.#state = read(fields['state']);
    this.#steps = fields['steps'] as number;
  }
}

interface BatchArrays {
  x: Tensor<Float32Array>;
  actions: Int32Array;
  target: Float32Array;
  weight: Float32Array;
}

/** The rows of one step, gathered into the same arrays every time. */
class Batch {
  readonly #arrays: BatchArrays;

  constructor(
    readonly data: TransitionDataset,
    readonly targets: Float32Array,
    size: number,
  ) {
    this.#arrays = {
      x: new Tensor(new Float32Array(size * data.stateSize), [size, data.stateSize]),
      actions: new Int32Array(size),
      target: new Float32Array(size),
      weight: new Float32Array(size),
    };
  }

  take(rows: Int32Array): BatchArrays {
    const { stateSize, actions, weights } = this.data;
    const states = this.data.states.data;
    const { x, actions: own, target, weight } = this.#arrays;
    rows.forEach((row, i) => {
      for (let j = 0; j < stateSize; j++) {
        x.data[i * stateSize + j] = states[row * stateSize + j] as number;
      }
      own[i] = actions[row] as number;
      target[i] = this.targets[row] as number;
      weight[i] = weights[row] as number;
    });
    return this.#arrays;
  }
}

/** The arrays themselves, as the places of their new values. */
function inPlace(arrays: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [
      `new${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      array,
    ]),
  );
}

/** Fisher and Yates. */
function shuffled(count: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

/** mulberry32. */
function uniformStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
