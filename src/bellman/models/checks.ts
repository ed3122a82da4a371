/** The one check of every kind of MDP: sizes, offsets, columns, probability mass, rewards. */
import { argumentError, type BelfryError, type BelfryErrorCode, show } from '../../errors.js';
import type { RealArray, TypedArray } from '../../tensor.js';

/** Rows may exceed a probability mass of one by this much. */
export const massTolerance = 1e-6;

/** The ops count states, rows and entries in int32. */
export const indexLimit: number = 2 ** 31 - 1;

type ArrayType<T> = abstract new (...args: never[]) => T;

/**
 * The rows of a model, row = state · numActions + action, as its errors name them.
 *
 * @param op what the user called, such as 'Mdp.dense'
 * @param where added to every place, such as 'step 3'
 * @param locate for a batch: the model and the state in it that a row's state stands for
 */
export class Rows {
  readonly numRows: number;

  constructor(
    readonly op: string,
    readonly numStates: number,
    readonly numActions: number,
    private readonly where: string = '',
    private readonly locate?: (state: number) => { state: number; model: number },
  ) {
    this.#requireCount('numStates', numStates);
    this.#requireCount('numActions', numActions);
    this.numRows = numStates * numActions;
    if (this.numRows >= indexLimit) {
      const received = `numStates · numActions is ${this.numRows}`;
      throw this.error('BELFRY_BAD_VALUE', '', received, `at most ${indexLimit - 1} rows`);
    }
  }

  error(code: BelfryErrorCode, argument: string, received: string, expected: string): BelfryError {
    return argumentError(code, this.op, argument, received, expected);
  }

  /** `row 5 (state 2, action 1, model 3)` */
  place(row: number): string {
    const index = Math.floor(row / this.numActions);
    const { state, model } = this.locate?.(index) ?? { state: index, model: undefined };
    const parts = [`state ${state}`, `action ${row % this.numActions}`];
    if (model !== undefined) parts.push(`model ${model}`);
    if (this.where !== '') parts.push(this.where);
    return `row ${row} (${parts.join(', ')})`;
  }

  #requireCount(argument: string, value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < indexLimit) return;
    const expected = `an integer in [0, ${indexLimit})`;
    throw this.error('BELFRY_BAD_VALUE', argument, `is ${show(value)}`, expected);
  }

  /** Type and length of an array. */
  requireArray<T extends TypedArray>(
    argument: string,
    array: T,
    types: readonly ArrayType<T>[],
    length: number,
  ): void {
    if (!types.some((type) => (array as unknown) instanceof type)) {
      const names = types.map((type) => type.name).join(' or ');
      throw this.error('BELFRY_BAD_DTYPE', argument, `is ${show(array)}`, names);
    }
    if (array.length !== length) {
      const received = `has ${array.length} elements`;
      throw this.error('BELFRY_BAD_SHAPE', argument, received, String(length));
    }
  }

  /** Probabilities and rewards, of one precision; finite rewards. */
  requireRewards<A extends RealArray>(prob: A | undefined, rewards: A, numFunctions = 1): void {
    const type = prob === undefined ? [] : [prob.constructor as ArrayType<RealArray>];
    const types = type.length > 0 ? type : [Float32Array, Float64Array];
    this.requireArray('rewards', rewards as RealArray, types, numFunctions * this.numRows);
    for (let i = 0; i < rewards.length; i++) {
      const reward = rewards[i] as number;
      if (Number.isFinite(reward)) continue;
      const of = numFunctions > 1 ? ` of reward function ${Math.floor(i / this.numRows)}` : '';
      const received = `holds ${reward} for ${this.place(i % this.numRows)}${of}`;
      throw this.error('BELFRY_BAD_VALUE', 'rewards', received, 'a finite number');
    }
  }

  requireMask(mask: Uint8Array | undefined): void {
    if (mask !== undefined) this.requireArray('actionMask', mask, [Uint8Array], this.numRows);
  }

  /** Offsets as the ops take them; 64-bit ones are narrowed where the entries fit. */
  offsets(rowPtr: Int32Array | BigInt64Array, numEntries: number): Int32Array {
    if (rowPtr instanceof BigInt64Array) return this.offsets(this.#narrow(rowPtr), numEntries);
    this.requireArray('rowPtr', rowPtr, [Int32Array], this.numRows + 1);
    if (rowPtr[0] !== 0 || rowPtr[this.numRows] !== numEntries) {
      const received = `runs from ${rowPtr[0]} to ${rowPtr[this.numRows]}`;
      throw this.error('BELFRY_BAD_VALUE', 'rowPtr', received, `0 to ${numEntries}`);
    }
    for (let row = 0; row < this.numRows; row++) {
      if ((rowPtr[row + 1] as number) >= (rowPtr[row] as number)) continue;
      const received = `falls after ${this.place(row)}`;
      throw this.error('BELFRY_BAD_VALUE', 'rowPtr', received, 'offsets that never fall');
    }
    return rowPtr;
  }

  #narrow(rowPtr: BigInt64Array): Int32Array {
    const narrow = new Int32Array(rowPtr.length);
    for (let i = 0; i < rowPtr.length; i++) {
      const offset = rowPtr[i] as bigint;
      if (offset < 0n || offset > BigInt(indexLimit)) {
        const expected = `offsets in [0, ${indexLimit}]: the ops count transitions in int32`;
        throw this.error('BELFRY_BAD_VALUE', 'rowPtr', `holds ${offset}`, expected);
      }
      narrow[i] = Number(offset);
    }
    return narrow;
  }

  /** Successors of sparse rows; `size(row)` states of each row's own model where there are many. */
  requireColumns(rowPtr: Int32Array, col: Int32Array, size?: (row: number) => number): void {
    this.requireArray('col', col, [Int32Array], col.length);
    for (let row = 0; row < this.numRows; row++) {
      const below = size === undefined ? this.numStates : size(row);
      const end = rowPtr[row + 1] as number;
      for (let entry = rowPtr[row] as number; entry < end; entry++) {
        const state = col[entry] as number;
        if (state >= 0 && state < below) continue;
        const received = `holds ${state} in ${this.place(row)}`;
        throw this.error('BELFRY_BAD_VALUE', 'col', received, `a state in [0, ${below})`);
      }
    }
  }

  /**
   * Entries begin(row) … begin(row + 1) of `prob` are probabilities of mass at most one.
   * @param onLeak called with every row whose mass is below one
   * @returns whether there is such a row
   */
  requireMass(
    prob: RealArray,
    begin: (row: number) => number,
    onLeak?: (row: number) => void,
  ): boolean {
    let leaks = false;
    for (let row = 0; row < this.numRows; row++) {
      const mass = this.#mass(prob, begin(row), begin(row + 1), row);
      if (!(mass < 1 - massTolerance)) continue;
      leaks = true;
      onLeak?.(row);
    }
    return leaks;
  }

  #mass(prob: RealArray, begin: number, end: number, row: number): number {
    let mass = 0;
    for (let entry = begin; entry < end; entry++) {
      const p = prob[entry] as number;
      if (!(p >= 0)) {
        const received = `holds ${p} in ${this.place(row)}`;
        throw this.error('BELFRY_BAD_VALUE', 'prob', received, 'a probability');
      }
      mass += p;
    }
    if (mass <= 1 + massTolerance) return mass;
    const received = `has mass ${mass} in ${this.place(row)}`;
    throw this.error('BELFRY_BAD_VALUE', 'prob', received, `at most 1 (+${massTolerance})`);
  }
}
