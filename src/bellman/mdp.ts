import { argumentError, type BelfryError } from '../errors.js';
import type { RealArray } from '../tensor.js';
import { foldTerminations, type GridLayout, type MdpTables } from './problems/csr-builder.js';

/** Rows may exceed a probability mass of one by this much. */
export const massTolerance = 1e-6;

/** The tables of a sparse MDP in either precision. Row r = state · numActions + action. */
export interface CsrTables<A extends RealArray = RealArray> {
  numStates: number;
  numActions: number;
  /** [S·A + 1] bounds of each row's entries. */
  rowPtr: Int32Array;
  /** [N] successor states. */
  col: Int32Array;
  /** [N] probabilities. */
  prob: A;
  /** [S·A] expected immediate rewards. */
  rewards: A;
  /** [S·A] 1 = allowed; absent: all actions are. */
  actionMask?: Uint8Array;
  /** How the states lie on a board, for pictures. */
  layout?: GridLayout;
}

/**
 * A finite Markov decision process, checked once: offsets, columns, probability mass (a row's mass
 * below one ends the episode with the missing probability) and rewards. It keeps the arrays it is
 * given; do not write to them afterwards.
 *
 * ```ts
 * const mdp = Mdp.fromTables(frozenLake({ map: '8x8' }));
 * ```
 *
 * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_VALUE naming the first row at fault
 */
export class Mdp<A extends RealArray = RealArray> {
  readonly numStates: number;
  readonly numActions: number;
  readonly rowPtr: Int32Array;
  readonly col: Int32Array;
  readonly prob: A;
  readonly rewards: A;
  readonly actionMask?: Uint8Array;
  readonly layout?: GridLayout;
  /** True when some row has a mass below one: the episode can end. */
  readonly canEnd: boolean;

  constructor(tables: CsrTables<A>) {
    const { numStates, numActions, rowPtr, col, prob, rewards, actionMask, layout } = tables;
    requireLength('rowPtr', rowPtr, numStates * numActions + 1);
    requireLength('prob', prob, col.length);
    requireLength('rewards', rewards, numStates * numActions);
    if (actionMask !== undefined) requireLength('actionMask', actionMask, numStates * numActions);
    if (prob.constructor !== rewards.constructor) {
      throw bad(
        'BELFRY_BAD_DTYPE',
        'rewards',
        `is ${rewards.constructor.name}`,
        prob.constructor.name,
      );
    }
    checkOffsets(rowPtr, col.length);
    checkColumns(rowPtr, col, numStates, numActions);
    this.canEnd = checkMass(rowPtr, prob, numActions);
    rewards.forEach((reward, row) => {
      if (!Number.isFinite(reward)) {
        throw bad(
          'BELFRY_BAD_VALUE',
          'rewards',
          `holds ${reward} for ${place(row, numActions)}`,
          'a finite number',
        );
      }
    });
    this.numStates = numStates;
    this.numActions = numActions;
    this.rowPtr = rowPtr;
    this.col = col;
    this.prob = prob;
    this.rewards = rewards;
    if (actionMask !== undefined) this.actionMask = actionMask;
    if (layout !== undefined) this.layout = layout;
  }

  /** From the tables of a generator or a file; transitions that end the episode lose their mass. */
  static fromTables(tables: MdpTables): Mdp<Float64Array> {
    return new Mdp<Float64Array>(
      tables.continues === undefined ? tables : foldTerminations(tables),
    );
  }

  /** The same process in float32. */
  toFloat32(): Mdp<Float32Array> {
    const { prob, rewards, ...rest } = this.tables();
    return new Mdp({ ...rest, prob: Float32Array.from(prob), rewards: Float32Array.from(rewards) });
  }

  tables(): CsrTables<A> {
    const { numStates, numActions, rowPtr, col, prob, rewards } = this;
    const tables: CsrTables<A> = { numStates, numActions, rowPtr, col, prob, rewards };
    if (this.actionMask !== undefined) tables.actionMask = this.actionMask;
    if (this.layout !== undefined) tables.layout = this.layout;
    return tables;
  }

  /** Number of stored transitions. */
  get numTransitions(): number {
    return this.col.length;
  }

  /** @internal the operands every op on this model takes */
  operands(): ModelOperands<A> {
    const shape = [this.numStates, this.numActions];
    const operands: ModelOperands<A> = {
      rowPtr: this.rowPtr,
      col: this.col,
      prob: this.prob,
      rewards: { data: this.rewards, shape },
    };
    if (this.actionMask !== undefined) operands.actionMask = { data: this.actionMask, shape };
    return operands;
  }
}

export interface ModelOperands<A extends RealArray> {
  rowPtr: Int32Array;
  col: Int32Array;
  prob: A;
  rewards: { data: A; shape: number[] };
  actionMask?: { data: Uint8Array; shape: number[] };
}

function bad(
  code: BelfryError['code'],
  argument: string,
  received: string,
  expected: string,
): BelfryError {
  return argumentError(code, 'Mdp', argument, received, expected);
}

function place(row: number, numActions: number): string {
  return `row ${row} (state ${Math.floor(row / numActions)}, action ${row % numActions})`;
}

function requireLength(name: string, array: { length: number }, length: number): void {
  if (array.length !== length) {
    throw bad('BELFRY_BAD_SHAPE', name, `has ${array.length} elements`, `${length}`);
  }
}

function checkOffsets(rowPtr: Int32Array, numEntries: number): void {
  const rows = rowPtr.length - 1;
  if (rowPtr[0] !== 0 || rowPtr[rows] !== numEntries) {
    throw bad(
      'BELFRY_BAD_VALUE',
      'rowPtr',
      `runs from ${rowPtr[0]} to ${rowPtr[rows]}`,
      `0 to ${numEntries}`,
    );
  }
  for (let row = 0; row < rows; row++) {
    if ((rowPtr[row + 1] as number) < (rowPtr[row] as number)) {
      throw bad('BELFRY_BAD_VALUE', 'rowPtr', `falls after row ${row}`, 'offsets that never fall');
    }
  }
}

function checkColumns(
  rowPtr: Int32Array,
  col: Int32Array,
  numStates: number,
  numActions: number,
): void {
  for (let entry = 0; entry < col.length; entry++) {
    const state = col[entry] as number;
    if (state >= 0 && state < numStates) continue;
    const row = rowPtr.findIndex((bound) => bound > entry) - 1;
    throw bad(
      'BELFRY_BAD_VALUE',
      'col',
      `holds ${state} in ${place(row, numActions)}`,
      `a state in [0, ${numStates})`,
    );
  }
}

/** Whether some row's mass is below one. */
function checkMass(rowPtr: Int32Array, prob: RealArray, numActions: number): boolean {
  let canEnd = false;
  for (let row = 0; row + 1 < rowPtr.length; row++) {
    let mass = 0;
    const end = rowPtr[row + 1] as number;
    for (let entry = rowPtr[row] as number; entry < end; entry++) {
      const p = prob[entry] as number;
      if (!(p >= 0)) {
        throw bad(
          'BELFRY_BAD_VALUE',
          'prob',
          `holds ${p} in ${place(row, numActions)}`,
          'a probability',
        );
      }
      mass += p;
    }
    if (mass > 1 + massTolerance) {
      throw bad(
        'BELFRY_BAD_VALUE',
        'prob',
        `has mass ${mass} in ${place(row, numActions)}`,
        `at most 1 (+${massTolerance})`,
      );
    }
    if (mass < 1 - massTolerance) canEnd = true;
  }
  return canEnd;
}
