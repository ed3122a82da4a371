import { CsrBuilder, type MdpTables } from './csr-builder.js';

const ROWS = 4;
const COLS = 12;
const START = 36;
const GOAL = 47;

/** Row and column change of the actions up, right, down, left. */
const MOVES = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const;

export interface CliffWalkingOptions {
  /** The move goes left or right of the wanted one, one third each. Default false. */
  slippery?: boolean;
}

/**
 * CliffWalking as published by Gymnasium (toy_text; Sutton and Barto, example 6.6): 4 x 12 cells,
 * start 36, goal 47, cliff between them. Every step costs 1; stepping off the cliff costs 100 and
 * leads back to the start; entering the goal ends the episode. Actions 0 up, 1 right, 2 down, 3 left.
 */
export function cliffWalking(options: CliffWalkingOptions = {}): MdpTables {
  const builder = new CsrBuilder(ROWS * COLS, MOVES.length);
  for (let state = 0; state < ROWS * COLS; state++) {
    for (let action = 0; action < MOVES.length; action++) {
      const directions = options.slippery ? [action + 3, action, action + 1] : [action];
      for (const direction of directions) {
        const cell = move(state, direction % 4);
        const fell = isCliff(cell);
        const next = fell ? START : cell;
        builder.add(state, action, next, 1 / directions.length, fell ? -100 : -1, next === GOAL);
      }
    }
  }
  return {
    ...builder.build(),
    startStates: Int32Array.of(START),
    layout: { rows: ROWS, cols: COLS, glyphs: Array.from({ length: ROWS * COLS }, glyphOf) },
  };
}

function isCliff(cell: number): boolean {
  return cell > START && cell < GOAL;
}

function glyphOf(_: unknown, cell: number): string {
  if (cell === START) return 'S';
  if (cell === GOAL) return 'G';
  return isCliff(cell) ? 'C' : '.';
}

function move(state: number, direction: number): number {
  const [dr, dc] = MOVES[direction]!;
  const row = Math.min(Math.max(Math.floor(state / COLS) + dr, 0), ROWS - 1);
  const col = Math.min(Math.max((state % COLS) + dc, 0), COLS - 1);
  return row * COLS + col;
}
