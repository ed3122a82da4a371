import { argumentError } from '../errors.js';
import { checkOptions } from '../options.js';
import { Tensor } from '../tensor.js';

export interface TransitionDatasetOptions {
  /** Numbers of a state. */
  stateSize: number;
  /** Actions are 0 … numActions − 1. */
  numActions: number;
  /** Most transitions it can hold: its memory is taken once, and nothing is moved later. */
  capacity: number;
}

/** Transitions to append, structure of arrays, n of them. */
export interface TransitionChunk {
  /** [n, stateSize] */
  states: ArrayLike<number>;
  /** [n] */
  actions: ArrayLike<number>;
  /** [n] */
  rewards: ArrayLike<number>;
  /** [n, stateSize] */
  nextStates: ArrayLike<number>;
  /** [n] 1 = the episode ended in a terminal state: nothing is bootstrapped. */
  terminated: ArrayLike<number>;
  /** [n] 1 = cut by a time limit: bootstrapped as usual. Default 0. */
  truncated?: ArrayLike<number>;
  /** [n] weight in a regression. Default 1. */
  weights?: ArrayLike<number>;
  /** [n, numActions] 1 = the action is allowed in the next state. Default 1. */
  nextActionMask?: ArrayLike<number>;
}

/**
 * Transitions as a structure of arrays. A chunk is copied once, to its place; what is read are
 * views, never copies, that end at the transitions there are.
 *
 * ```ts
 * const data = new TransitionDataset({ stateSize: 2, numActions: 3, capacity: 100_000 });
 * data.append({ states, actions, rewards, nextStates, terminated, truncated });
 * ```
 */
export class TransitionDataset {
  readonly stateSize: number;
  readonly numActions: number;
  readonly capacity: number;
  readonly #states: Float32Array;
  readonly #actions: Int32Array;
  readonly #rewards: Float32Array;
  readonly #nextStates: Float32Array;
  readonly #terminated: Uint8Array;
  readonly #truncated: Uint8Array;
  readonly #weights: Float32Array;
  readonly #nextActionMask: Uint8Array;
  #length = 0;

  constructor(options: TransitionDatasetOptions) {
    checkOptions('TransitionDataset', options, ['stateSize', 'numActions', 'capacity']);
    for (const name of ['stateSize', 'numActions', 'capacity'] as const) {
      const value = options[name];
      if (Number.isSafeInteger(value) && value > 0) continue;
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        'TransitionDataset',
        name,
        `is ${value}`,
        'an integer of at least 1',
      );
    }
    const { stateSize, numActions, capacity } = options;
    this.stateSize = stateSize;
    this.numActions = numActions;
    this.capacity = capacity;
    this.#states = new Float32Array(capacity * stateSize);
    this.#actions = new Int32Array(capacity);
    this.#rewards = new Float32Array(capacity);
    this.#nextStates = new Float32Array(capacity * stateSize);
    this.#terminated = new Uint8Array(capacity);
    this.#truncated = new Uint8Array(capacity);
    this.#weights = new Float32Array(capacity);
    this.#nextActionMask = new Uint8Array(capacity * numActions);
  }

  /** Transitions held. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends a chunk.
   * @throws BelfryError BELFRY_BAD_SHAPE when an array has another length or the data set is full,
   * BELFRY_BAD_VALUE for an action out of range; nothing is then appended
   */
  append(chunk: TransitionChunk): void {
    const count = chunk.actions.length;
    this.#checkChunk(chunk, count);
    const at = this.#length;
    this.#states.set(chunk.states, at * this.stateSize);
    this.#actions.set(chunk.actions, at);
    this.#rewards.set(chunk.rewards, at);
    this.#nextStates.set(chunk.nextStates, at * this.stateSize);
    this.#terminated.set(chunk.terminated, at);
    if (chunk.truncated !== undefined) this.#truncated.set(chunk.truncated, at);
    if (chunk.weights !== undefined) this.#weights.set(chunk.weights, at);
    else this.#weights.fill(1, at, at + count);
    const mask = at * this.numActions;
    if (chunk.nextActionMask !== undefined) this.#nextActionMask.set(chunk.nextActionMask, mask);
    else this.#nextActionMask.fill(1, mask, mask + count * this.numActions);
    this.#length += count;
  }

  #checkChunk(chunk: TransitionChunk, count: number): void {
    const lengths: [name: keyof TransitionChunk, each: number][] = [
      ['states', this.stateSize],
      ['rewards', 1],
      ['nextStates', this.stateSize],
      ['terminated', 1],
      ['truncated', 1],
      ['weights', 1],
      ['nextActionMask', this.numActions],
    ];
    for (const [name, each] of lengths) {
      const array = chunk[name];
      if (array === undefined || array.length === count * each) continue;
      throw this.#error('BELFRY_BAD_SHAPE', name, `has length ${array.length}`, `${count * each}`);
    }
    if (this.#length + count > this.capacity) {
      const room = `at most ${this.capacity - this.#length} (the capacity is ${this.capacity})`;
      throw this.#error('BELFRY_BAD_SHAPE', 'actions', `has length ${count}`, room);
    }
    for (let i = 0; i < count; i++) {
      const action = chunk.actions[i] as number;
      if (Number.isInteger(action) && action >= 0 && action < this.numActions) continue;
      const range = `an integer in [0, ${this.numActions})`;
      throw this.#error('BELFRY_BAD_VALUE', 'actions', `holds ${action} at ${i}`, range);
    }
  }

  #error(code: 'BELFRY_BAD_SHAPE' | 'BELFRY_BAD_VALUE', name: string, got: string, want: string) {
    return argumentError(code, 'TransitionDataset.append', name, got, want);
  }

  /** [N, stateSize] s */
  get states(): Tensor<Float32Array> {
    return rows(this.#states, this.#length, this.stateSize);
  }
  /** [N] a */
  get actions(): Int32Array {
    return this.#actions.subarray(0, this.#length);
  }
  /** [N] r */
  get rewards(): Float32Array {
    return this.#rewards.subarray(0, this.#length);
  }
  /** [N, stateSize] s' */
  get nextStates(): Tensor<Float32Array> {
    return rows(this.#nextStates, this.#length, this.stateSize);
  }
  /** [N] 1 = terminal */
  get terminated(): Uint8Array {
    return this.#terminated.subarray(0, this.#length);
  }
  /** [N] 1 = cut by a limit */
  get truncated(): Uint8Array {
    return this.#truncated.subarray(0, this.#length);
  }
  /** [N] */
  get weights(): Float32Array {
    return this.#weights.subarray(0, this.#length);
  }
  /** [N, numActions] 1 = allowed in s' */
  get nextActionMask(): Tensor<Uint8Array> {
    return rows(this.#nextActionMask, this.#length, this.numActions);
  }
}

/**
 * Artificial transitions that tell a regression what goal states are worth: `value` for every
 * action, and nothing follows. Append them to a data set ("hint to goal").
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005.
 */
export function hintToGoal(
  goals: ArrayLike<number>,
  sizes: { stateSize: number; numActions: number },
  value = 0,
): TransitionChunk {
  const { stateSize, numActions } = sizes;
  const count = (goals.length / stateSize) * numActions;
  const states = Float32Array.from({ length: count * stateSize }, (_, i) => {
    const goal = Math.floor(i / (stateSize * numActions));
    return goals[goal * stateSize + (i % stateSize)] as number;
  });
  return {
    states,
    actions: Int32Array.from({ length: count }, (_, i) => i % numActions),
    rewards: new Float32Array(count).fill(value),
    nextStates: states,
    terminated: new Uint8Array(count).fill(1),
  };
}

function rows<A extends Float32Array | Uint8Array>(data: A, count: number, width: number) {
  return new Tensor(data.subarray(0, count * width) as A, [count, width]);
}
