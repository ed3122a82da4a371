import { checkFinite, checkFlags, wholeRows } from '../dataset-checks.js';
import { argumentError } from '../errors.js';
import { allocated } from '../memory.js';
import { checkOptions, checkRules, rules } from '../options.js';
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

const appends = 'TransitionDataset.append';
const requiredArrays = ['actions', 'states', 'rewards', 'nextStates', 'terminated'] as const;
const flagArrays: readonly string[] = ['terminated', 'truncated', 'nextActionMask'];
const chunkArrays = [
  ...requiredArrays,
  ...(['truncated', 'weights', 'nextActionMask'] as const),
] as const;

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
    const { stateSize, numActions, capacity } = options;
    const { count } = rules;
    const sizes = { stateSize, numActions, capacity };
    checkRules('TransitionDataset', sizes, {
      stateSize: count,
      numActions: count,
      capacity: count,
    });
    this.stateSize = stateSize;
    this.numActions = numActions;
    this.capacity = capacity;
    const take = <T>(make: () => T): T =>
      allocated('TransitionDataset', 'capacity', capacity, make);
    const floats = (width: number) => take(() => new Float32Array(capacity * width));
    const flags = (width: number) => take(() => new Uint8Array(capacity * width));
    this.#states = floats(stateSize);
    this.#actions = take(() => new Int32Array(capacity));
    this.#rewards = floats(1);
    this.#nextStates = floats(stateSize);
    this.#terminated = flags(1);
    this.#truncated = flags(1);
    this.#weights = floats(1);
    this.#nextActionMask = flags(numActions);
  }

  /** Transitions held. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends a chunk.
   * @throws BelfryError BELFRY_MISSING_OPERAND for an array that is not there, BELFRY_BAD_SHAPE when
   * one has another length or the data set is full, BELFRY_BAD_VALUE for an action out of range, a
   * number that is not finite, a flag that is neither 0 nor 1 and a weight below 0; nothing is then
   * appended
   */
  append(chunk: TransitionChunk): void {
    const count = this.#checkChunk(chunk);
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

  /** The number of its transitions. */
  #checkChunk(chunk: TransitionChunk): number {
    const [states, numActions] = [this.stateSize, this.numActions];
    const widths = { states, nextStates: states, nextActionMask: numActions };
    checkOptions(appends, chunk, chunkArrays);
    for (const name of requiredArrays) {
      if (typeof chunk[name]?.length === 'number') continue;
      throw argumentError('BELFRY_MISSING_OPERAND', appends, name, 'is missing', 'an array');
    }
    const count = chunk.actions.length;
    for (const name of chunkArrays) {
      const [array, width] = [chunk[name], widths[name as keyof typeof widths] ?? 1];
      if (array === undefined) continue;
      if (array.length !== count * width) {
        const found = `has length ${array.length}`;
        throw this.#error('BELFRY_BAD_SHAPE', name, found, `${count * width}`);
      }
      if (name === 'actions') continue;
      if (flagArrays.includes(name)) checkFlags(appends, name, array);
      else checkFinite(appends, name, array, width);
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
    const { weights = [] } = chunk;
    for (let i = 0; i < weights.length; i++) {
      if ((weights[i] as number) >= 0) continue;
      const found = `holds ${weights[i]} at ${i}`;
      throw this.#error('BELFRY_BAD_VALUE', 'weights', found, 'at least 0');
    }
    return count;
  }

  #error(code: 'BELFRY_BAD_SHAPE' | 'BELFRY_BAD_VALUE', name: string, got: string, want: string) {
    return argumentError(code, appends, name, got, want);
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
 * @throws BelfryError BELFRY_BAD_SHAPE for goals that are no whole number of states
 */
export function hintToGoal(
  goals: ArrayLike<number>,
  sizes: { stateSize: number; numActions: number },
  value = 0,
): TransitionChunk {
  const { stateSize, numActions } = sizes;
  const count = wholeRows('hintToGoal', 'goals', goals, stateSize) * numActions;
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
