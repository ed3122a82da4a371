/** The rows of training steps, and the event loop between them. */
import { setImmediate } from 'node:timers/promises';
import type { AsyncOptions } from '../tasks.js';
import { Tensor } from '../tensor.js';
import type { BatchArrays } from './q-network.js';
import type { RandomStream } from './random-stream.js';
import type { TransitionDataset } from './transitions.js';

/** Milliseconds of training between two looks at the event loop. */
const slice = 8;
/** Milliseconds between two reports of progress. */
const reportEvery = 100;

/** Lets the event loop have its turn now and then; throws the signal's reason. */
export class Pauses {
  readonly #run: AsyncOptions;
  readonly #started = performance.now();
  #since = this.#started;
  #reported = this.#started;

  constructor(run: AsyncOptions) {
    run.signal?.throwIfAborted();
    this.#run = run;
  }

  /** Call between two steps. */
  async pause(iteration: number, total: number, residual: number): Promise<void> {
    this.#run.signal?.throwIfAborted();
    const now = performance.now();
    if (now - this.#since < slice) return;
    if (now - this.#reported >= reportEvery) this.report(iteration, total, residual);
    await setImmediate();
    this.#run.signal?.throwIfAborted();
    this.#since = performance.now();
  }

  report(iteration: number, total: number, residual: number): void {
    this.#reported = performance.now();
    const elapsedMs = this.#reported - this.#started;
    this.#run.onProgress?.({ iteration, total, residual, elapsedMs });
  }
}

/** step(rows) for every batch of each pass over `count` rows, in random order. */
export async function eachBatch(
  count: number,
  settings: { epochs: number; size: number; random: RandomStream; signal?: AbortSignal },
  step: (rows: Int32Array) => void,
): Promise<void> {
  const { epochs, size, random, signal } = settings;
  const pauses = new Pauses(signal === undefined ? {} : { signal });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.shuffled(count);
    for (let at = 0; at + size <= order.length && size > 0; at += size) {
      step(order.subarray(at, at + size));
      await pauses.pause(epoch, epochs, Number.NaN);
    }
  }
}

/** Rows [count, width] of `from`, gathered into `to`. */
export function gatherRows<A extends Float32Array | Uint8Array>(
  from: A,
  width: number,
  rows: Int32Array,
  to: A,
): void {
  for (let i = 0; i < rows.length; i++) {
    const source = (rows[i] as number) * width;
    for (let j = 0; j < width; j++) to[i * width + j] = from[source + j] as number;
  }
}

/** The rows of one step, gathered into the same arrays every time. */
export class Batch {
  readonly #arrays: BatchArrays;

  constructor(
    readonly data: TransitionDataset,
    size: number,
  ) {
    this.#arrays = {
      x: new Tensor(new Float32Array(size * data.stateSize), [size, data.stateSize]),
      actions: new Int32Array(size),
      target: new Float32Array(size),
      weight: new Float32Array(size),
    };
  }

  /** `targets` of all transitions; without them the targets of the last call stay. */
  take(rows: Int32Array, targets?: Float32Array): BatchArrays {
    const { states, stateSize, actions, weights } = this.data;
    const { x, actions: own, target, weight } = this.#arrays;
    gatherRows(states.data, stateSize, rows, x.data);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      own[i] = actions[row] as number;
      weight[i] = weights[row] as number;
    }
    if (targets !== undefined) gatherRows(targets, 1, rows, target);
    return this.#arrays;
  }
}
