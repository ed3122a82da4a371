import { alloc } from '../../tensor.js';
import { badOption, type MdpTables, requireInteger, requireProbability } from './csr-builder.js';

export interface GridWorldOptions {
  rows: number;
  cols: number;
  /** Probability that the move goes to the side instead, half each way. Default 0. */
  slip?: number;
  /** Reward of every move. Default -1. */
  stepReward?: number;
  /** Cells (row * cols + col) that end the episode, value 0. Default: the bottom-right one. */
  goals?: readonly number[];
  /** Cells that cannot be entered; moving into one stays. */
  walls?: readonly number[];
}

/** Row and column change of the actions up, down, left, right. */
const MOVES = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
] as const;
/** The two sideways actions of each action. */
const SIDES = [
  [2, 3],
  [2, 3],
  [0, 1],
  [0, 1],
] as const;

/**
 * A rectangular board. Actions 0 up, 1 down, 2 left, 3 right; a move off the board or into a wall
 * stays. Goal and wall cells have no transitions, so their value is 0. Without slip this is the
 * grid of belfry's benchmark W1c.
 */
export function gridWorld(options: GridWorldOptions): MdpTables {
  const { rows, cols, slip = 0, stepReward = -1 } = options;
  requireInteger('gridWorld', 'rows', rows, 1, 2 ** 15);
  requireInteger('gridWorld', 'cols', cols, 1, 2 ** 15);
  requireProbability('gridWorld', 'slip', slip);
  const glyphs = paintCells(options);
  const numStates = rows * cols;
  const perRow = slip > 0 ? 3 : 1;
  // Shared memory: asynchronous solvers read it in place.
  const rowPtr = alloc('int32', numStates * 4 + 1);
  const col = alloc('int32', numStates * 4 * perRow);
  const prob = alloc('float64', col.length);
  const rewards = alloc('float64', numStates * 4);
  let entry = 0;
  for (let row = 0; row < numStates * 4; row++) {
    const state = row >> 2;
    if (glyphs[state] === '.') {
      rewards[row] = stepReward;
      const action = row & 3;
      for (let k = 0; k < perRow; k++) {
        const probability = k === 0 ? 1 - slip : slip / 2;
        if (probability === 0) continue;
        const direction = k === 0 ? action : SIDES[action]![k - 1]!;
        col[entry] = move(state, direction, rows, cols, glyphs);
        prob[entry++] = probability;
      }
    }
    rowPtr[row + 1] = entry;
  }
  const layout = { rows, cols, glyphs };
  const used = { col: col.subarray(0, entry), prob: prob.subarray(0, entry) };
  return { numStates, numActions: 4, rowPtr, ...used, rewards, layout };
}

function paintCells(options: GridWorldOptions): string[] {
  const numStates = options.rows * options.cols;
  const glyphs = new Array<string>(numStates).fill('.');
  const paint = (name: 'goals' | 'walls', cells: readonly number[], glyph: string): void => {
    for (const cell of cells) {
      requireInteger('gridWorld', name, cell, 0, numStates - 1);
      if (glyphs[cell] === 'G') throw badOption('gridWorld', name, 'no cell that is a goal', cell);
      glyphs[cell] = glyph;
    }
  };
  paint('goals', [...new Set(options.goals ?? [numStates - 1])], 'G');
  paint('walls', options.walls ?? [], '#');
  return glyphs;
}

function move(
  state: number,
  direction: number,
  rows: number,
  cols: number,
  glyphs: readonly string[],
): number {
  const [dr, dc] = MOVES[direction]!;
  const row = Math.floor(state / cols) + dr;
  const column = (state % cols) + dc;
  if (row < 0 || row >= rows || column < 0 || column >= cols) return state;
  const next = row * cols + column;
  return glyphs[next] === '#' ? state : next;
}
