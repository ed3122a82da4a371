import { argumentError, show } from '../errors.js';
import { Mdp } from './mdp.js';

/** One thing that can happen when an action is taken. */
export interface Outcome<S> {
  probability: number;
  /** The state it leads to; absent: the episode ends. */
  next?: S;
  /** Reward received on the way; default 0. */
  reward?: number;
}

export interface EnumerateOptions<S> {
  /** Where the search begins; they get the numbers 0, 1, ... */
  start: readonly S[];
  /** Actions are 0 .. numActions − 1 in every state. */
  numActions: number;
  /** What taking the action may lead to; undefined: it is not allowed there. */
  outcomes: (state: S, action: number) => readonly Outcome<S>[] | undefined;
  /** Tells states apart; default: their JSON. */
  key?: (state: S) => string | number;
  /** More reachable states than this are an error. Default 10 million. */
  maxStates?: number;
}

/** An MDP, and which of the user's states each number stands for. */
export interface EnumeratedMdp<S> {
  mdp: Mdp<Float64Array>;
  /** By number. */
  states: readonly S[];
  /** The number of a state, undefined when it cannot be reached. */
  indexOf: (state: S) => number | undefined;
}

/**
 * The MDP of a transition function: all states that can be reached from `start`, found breadth
 * first and numbered in that order.
 *
 * ```ts
 * const { mdp, indexOf } = enumerateMdp({
 *   start: [0],
 *   numActions: 2,
 *   outcomes: (n, a) => (n === 9 ? [] : [{ probability: 1, next: a ? n + 1 : 0, reward: -1 }]),
 * });
 * ```
 *
 * @throws BelfryError BELFRY_BAD_VALUE naming the state and the action at fault; BELFRY_OUT_OF_MEMORY
 * above `maxStates`
 */
export function enumerateMdp<S>(options: EnumerateOptions<S>): EnumeratedMdp<S> {
  const { start, numActions, outcomes, maxStates = 10_000_000 } = options;
  if (!Number.isInteger(numActions) || numActions < 1) {
    throw bad(
      'BELFRY_INVALID_ARGUMENT',
      'numActions',
      `is ${show(numActions)}`,
      'an integer above 0',
    );
  }
  const states = new Numbering(options.key ?? JSON.stringify, maxStates);
  for (const state of start) states.numberOf(state);
  const rowPtr = [0];
  const col: number[] = [];
  const prob: number[] = [];
  const rewards: number[] = [];
  const mask: number[] = [];
  for (let s = 0; s < states.list.length; s++) {
    const state = states.list[s] as S;
    for (let action = 0; action < numActions; action++) {
      const found = outcomes(state, action);
      mask.push(found === undefined ? 0 : 1);
      let expected = 0;
      for (const outcome of found ?? []) {
        const { probability, next, reward = 0 } = checked(outcome, state, action);
        expected += probability * reward;
        if (next === undefined || probability === 0) continue;
        col.push(states.numberOf(next));
        prob.push(probability);
      }
      rewards.push(expected);
      rowPtr.push(col.length);
    }
  }
  const forbids = mask.includes(0);
  const mdp = new Mdp<Float64Array>({
    numStates: states.list.length,
    numActions,
    rowPtr: Int32Array.from(rowPtr),
    col: Int32Array.from(col),
    prob: Float64Array.from(prob),
    rewards: Float64Array.from(rewards),
    ...(forbids ? { actionMask: Uint8Array.from(mask) } : {}),
  });
  return { mdp, states: states.list, indexOf: (state) => states.find(state) };
}

/** Numbers for states, given in the order in which they are met. */
class Numbering<S> {
  readonly list: S[] = [];
  readonly #numbers = new Map<string | number, number>();
  readonly #key: (state: S) => string | number;
  readonly #most: number;

  constructor(key: (state: S) => string | number, most: number) {
    this.#key = key;
    this.#most = most;
  }

  find(state: S): number | undefined {
    return this.#numbers.get(this.#key(state));
  }

  numberOf(state: S): number {
    const key = this.#key(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.list.length >= this.#most) {
      const expected = `${this.#most} at most (raise maxStates)`;
      throw bad('BELFRY_OUT_OF_MEMORY', 'outcomes', 'reaches more states', expected);
    }
    this.#numbers.set(key, this.list.length);
    return this.list.push(state) - 1;
  }
}

function checked<S>(outcome: Outcome<S>, state: S, action: number): Outcome<S> {
  const { probability, reward = 0 } = outcome;
  if (probability >= 0 && probability <= 1 && Number.isFinite(reward)) return outcome;
  throw bad(
    'BELFRY_BAD_VALUE',
    'outcomes',
    `gives probability ${probability} and reward ${reward} for action ${action} in ${JSON.stringify(state)}`,
    'a probability in [0, 1] and a finite reward',
  );
}

function bad(
  code: 'BELFRY_BAD_VALUE' | 'BELFRY_INVALID_ARGUMENT' | 'BELFRY_OUT_OF_MEMORY',
  argument: string,
  received: string,
  expected: string,
): Error {
  return argumentError(code, 'enumerateMdp', argument, received, expected);
}
