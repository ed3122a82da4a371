/**
 * Q* search without tables (arXiv 2102.04518): the eight-puzzle, one of its hardest boards, with a
 * Q-function called on batches of boards. A network's forward pass goes where `qValues` is.
 */
import { QStarSearch } from 'belfry/bellman';

const solved = '123456780';
const shifts = [-3, 3, -1, 1]; // the hole goes up, down, left, right

/** Moves the hole; undefined at an edge. */
function slide(board: string, action: number): string | undefined {
  const hole = board.indexOf('0');
  const from = hole + shifts[action]!;
  const sameRow = Math.floor(hole / 3) === Math.floor(from / 3);
  if (from < 0 || from > 8 || (action >= 2 && !sameRow)) return undefined;
  const tile = board[from]!;
  return board.replace(tile, '_').replace('0', tile).replace('_', '0');
}

/** Distance of all tiles from home: never more than the moves that are left. */
function distance(board: string): number {
  let sum = 0;
  for (let at = 0; at < 9; at++) {
    if (board[at] === '0') continue;
    const home = solved.indexOf(board[at]!);
    sum += Math.abs((home % 3) - (at % 3)) + Math.abs(Math.floor(home / 3) - Math.floor(at / 3));
  }
  return sum;
}

let calls = 0;
const search = new QStarSearch<string>(
  {
    numActions: 4,
    step: (board, action) => {
      const next = slide(board, action);
      return next === undefined ? undefined : { next, cost: 1 };
    },
    isGoal: (board) => board === solved,
    actions: (board) => [0, 1, 2, 3].filter((action) => slide(board, action) !== undefined),
    qValues: (boards) => {
      calls += 1;
      return boards.flatMap((board) =>
        shifts.map((_, action) => 1 + distance(slide(board, action) ?? board)),
      );
    },
    key: (board) => board,
  },
  { batch: 100 },
);

const { pathCost, states, numEvaluated } = await search.solve('867254301');
export const moves: number = pathCost;
export const last: string | undefined = states.at(-1);
export const evaluated: number = numEvaluated;
export const batches: number = calls;
console.log(`solved in ${moves} moves; ${evaluated} boards evaluated in ${batches} batches`);
