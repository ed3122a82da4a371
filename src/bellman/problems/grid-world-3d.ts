import { badOption, type MdpTables, requireInteger, requireProbability } from './csr-builder.js';

export interface GridWorld3dOptions {
  layers: number;
  rows: number;
  cols: number;
  /** Probability that the move goes to a side instead, a quarter each way. Default 0. */
  slip?: number;
  /** Reward of every move. Default -1. */
  stepReward?: number;
  /** Cells ((layer * rows + row) * cols + col) that end the episode. Default: the last one. */
  goals?: readonly number[];
}

/**
 * A box of cells. Actions 0 and 1 move along the layers, 2 and 3 along the rows, 4 and 5 along the
 * columns, back and forth; a move out of the box stays. Goal cells have no transitions, so their
 * value is 0.
 */
export function gridWorld3d(options: GridWorld3dOptions): MdpTables {
  const { layers, rows, cols, slip = 0, stepReward = -1 } = options;
  for (const [name, size] of Object.entries({ layers, rows, cols })) {
    requireInteger('gridWorld3d', name, size, 1, 2 ** 15);
  }
  requireProbability('gridWorld3d', 'slip', slip);
  const sizes = [layers, rows, cols];
  const numStates = layers * rows * cols;
  const perRow = slip > 0 ? 5 : 1;
  if (numStates * 6 * perRow > 2 ** 31 - 2) {
    throw badOption('gridWorld3d', 'layers * rows * cols', 'at most 2^31 - 2 entries', numStates);
  }
  const ends = goalFlags(options, numStates);
  const rowPtr = new Int32Array(numStates * 6 + 1);
  const col = new Int32Array(numStates * 6 * perRow);
  const prob = new Float64Array(col.length);
  const rewards = new Float64Array(numStates * 6);
  let entry = 0;
  for (let row = 0; row < rewards.length; row++) {
    const state = Math.floor(row / 6);
    if (ends[state] === 0) {
      const action = row % 6;
      rewards[row] = stepReward;
      for (let direction = 0; direction < 6; direction++) {
        const probability = direction === action ? 1 - slip : slip / 4;
        // The way back is no side.
        if (probability === 0 || direction === (action ^ 1)) continue;
        col[entry] = move(state, direction, sizes);
        prob[entry++] = probability;
      }
    }
    rowPtr[row + 1] = entry;
  }
  const used = { col: col.slice(0, entry), prob: prob.slice(0, entry) };
  return { numStates, numActions: 6, rowPtr, ...used, rewards };
}

function goalFlags(options: GridWorld3dOptions, numStates: number): Uint8Array {
  const ends = new Uint8Array(numStates);
  for (const cell of options.goals ?? [numStates - 1]) {
    requireInteger('gridWorld3d', 'goals', cell, 0, numStates - 1);
    ends[cell] = 1;
  }
  return ends;
}

function move(state: number, direction: number, sizes: readonly number[]): number {
  const axis = direction >> 1;
  const stride = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
  const size = sizes[axis]!;
  const place = Math.floor(state / stride) % size;
  const moved = place + (direction % 2 === 0 ? -1 : 1);
  return moved < 0 || moved >= size ? state : state + (moved - place) * stride;
}
