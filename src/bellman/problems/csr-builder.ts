import { argumentError, type BelfryError, show } from '../../errors.js';

/** How the states of a problem lie on a board, for pictures: state = row * cols + col. */
export interface GridLayout {
  rows: number;
  cols: number;
  /** One character per cell, row by row, e.g. 'S', 'F', 'H', 'G'. */
  glyphs?: string[];
}

/**
 * A Markov decision process as tables. Row r = state * numActions + action holds the entries
 * rowPtr[r] .. rowPtr[r + 1] of `col` (next state) and `prob`. A row whose mass is below one ends
 * the episode with the missing probability.
 */
export interface MdpTables {
  numStates: number;
  numActions: number;
  /** [S*A + 1] */
  rowPtr: Int32Array;
  /** [N] next states */
  col: Int32Array;
  /** [N] probabilities */
  prob: Float64Array;
  /** [S*A] expected immediate rewards */
  rewards: Float64Array;
  /** [N] reward of each stored transition, where the problem defines it that way */
  transitionRewards?: Float64Array;
  /** [N] 0 = this transition ends the episode */
  continues?: Uint8Array;
  /** [S*A] 1 = allowed; absent = all allowed */
  actionMask?: Uint8Array;
  /** States an episode starts from, all equally likely */
  startStates?: Int32Array;
  /** States that count as reached, where the problem is about reaching them */
  goal?: Int32Array;
  /** Flags of the states by name, [S] each */
  labels?: Readonly<Record<string, Uint8Array>>;
  layout?: GridLayout;
}

/** The error of a generator that was asked for something impossible. */
export function badOption(
  op: string,
  argument: string,
  expected: string,
  received: unknown,
): BelfryError {
  return argumentError('BELFRY_BAD_VALUE', op, argument, `is ${show(received)}`, expected);
}

/** Throws unless `value` is an integer in [low, high]. */
export function requireInteger(
  op: string,
  argument: string,
  value: number,
  low: number,
  high: number = 2 ** 31 - 2,
): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw badOption(op, argument, `an integer in [${low}, ${high}]`, value);
  }
}

/** Throws unless `value` is a number in [0, 1]. */
export function requireProbability(op: string, argument: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw badOption(op, argument, 'a number in [0, 1]', value);
}

/** More transitions than this are too many to collect one by one. */
const collectLimit = 2 ** 26;

/** Throws when a generator would have to collect too many transitions. */
export function requireCollectable(op: string, argument: string, numEntries: number): void {
  if (numEntries <= collectLimit) return;
  throw badOption(op, argument, `sizes of at most ${collectLimit} transitions`, numEntries);
}

/** Collects transitions in any order and writes them as the tables of an MDP. */
export class CsrBuilder {
  readonly #numStates: number;
  readonly #numActions: number;
  readonly #rows: number[] = [];
  readonly #cols: number[] = [];
  readonly #probs: number[] = [];
  readonly #rewards: number[] = [];
  readonly #continues: number[] = [];
  readonly #rowRewards: Float64Array;
  #hasTransitionRewards = false;
  #hasEndings = false;
  #mask: Uint8Array | undefined;

  constructor(numStates: number, numActions: number) {
    this.#numStates = numStates;
    this.#numActions = numActions;
    this.#rowRewards = new Float64Array(numStates * numActions);
  }

  /** Adds one transition; entries of one row keep the order in which they were added. */
  add(state: number, action: number, next: number, prob: number, reward = 0, ends = false): void {
    this.#rows.push(state * this.#numActions + action);
    this.#cols.push(next);
    this.#probs.push(prob);
    this.#rewards.push(reward);
    this.#continues.push(ends ? 0 : 1);
    if (reward !== 0) this.#hasTransitionRewards = true;
    if (ends) this.#hasEndings = true;
  }

  /** Adds a reward that is paid for taking the action, wherever it leads. */
  addReward(state: number, action: number, reward: number): void {
    const row = state * this.#numActions + action;
    this.#rowRewards[row] = this.#rowRewards[row]! + reward;
  }

  /** Takes the action away from the state. */
  forbid(state: number, action: number): void {
    this.#mask ??= new Uint8Array(this.#rowRewards.length).fill(1);
    this.#mask[state * this.#numActions + action] = 0;
  }

  build(): MdpTables {
    const order = this.#sortedOrder();
    const { rowPtr, position } = order;
    const numEntries = this.#rows.length;
    const col = new Int32Array(numEntries);
    const prob = new Float64Array(numEntries);
    const transitionRewards = new Float64Array(numEntries);
    const continues = new Uint8Array(numEntries);
    const rewards = Float64Array.from(this.#rowRewards);
    for (let i = 0; i < numEntries; i++) {
      const e = position[i]!;
      const row = this.#rows[i]!;
      col[e] = this.#cols[i]!;
      prob[e] = this.#probs[i]!;
      continues[e] = this.#continues[i]!;
      transitionRewards[e] = this.#rewards[i]! + this.#rowRewards[row]!;
      rewards[row] = rewards[row]! + this.#probs[i]! * this.#rewards[i]!;
    }
    const tables: MdpTables = {
      numStates: this.#numStates,
      numActions: this.#numActions,
      rowPtr,
      col,
      prob,
      rewards,
    };
    if (this.#hasTransitionRewards) tables.transitionRewards = transitionRewards;
    if (this.#hasEndings) tables.continues = continues;
    if (this.#mask) tables.actionMask = this.#mask;
    return tables;
  }

  /** Stable counting sort by row: where entry i goes, and where each row begins. */
  #sortedOrder(): { rowPtr: Int32Array; position: Int32Array } {
    const rowPtr = new Int32Array(this.#rowRewards.length + 1);
    for (const row of this.#rows) rowPtr[row + 1]!++;
    for (let r = 0; r < this.#rowRewards.length; r++) rowPtr[r + 1]! += rowPtr[r]!;
    const next = rowPtr.slice();
    const position = Int32Array.from(this.#rows, (row) => next[row]!++);
    return { rowPtr, position };
  }
}

/**
 * The same problem without `continues`: transitions that end the episode are left out, so their
 * rows keep the missing mass, and only the expected rewards remain.
 */
export function foldTerminations(mdp: MdpTables): MdpTables {
  const { transitionRewards: _, continues, ...rest } = mdp;
  if (!continues) return rest;
  const rowPtr = new Int32Array(mdp.rowPtr.length);
  const col: number[] = [];
  const prob: number[] = [];
  for (let r = 0; r + 1 < rowPtr.length; r++) {
    for (let e = mdp.rowPtr[r]!; e < mdp.rowPtr[r + 1]!; e++) {
      if (continues[e] === 0) continue;
      col.push(mdp.col[e]!);
      prob.push(mdp.prob[e]!);
    }
    rowPtr[r + 1] = col.length;
  }
  return { ...rest, rowPtr, col: Int32Array.from(col), prob: Float64Array.from(prob) };
}
