/**
 * Q* search on the 2×3 sliding puzzle (arXiv 2102.04518): with Q-values it evaluates a state once
 * where A* evaluates every child. Costs are checked against exact ones.
 */
import {
  bellmanBackupDeterministic,
  enumerateMdp,
  type QstarSearchAstarResult,
  type QstarSearchQstarResult,
  qstarSearch,
} from 'belfry/bellman';

const solved = '123450';
const neighbours = [
  [-1, 3, -1, 1],
  [-1, 4, 0, 2],
  [-1, 5, 1, -1],
  [0, -1, -1, 4],
  [1, -1, 3, 5],
  [2, -1, 4, -1],
];

const { mdp, states, indexOf } = enumerateMdp<string>({
  start: [solved],
  numActions: 4,
  outcomes: (board, action) => {
    const hole = board.indexOf('0');
    const from = neighbours[hole]![action]!;
    if (from < 0) return undefined;
    const tile = board[from]!;
    return [
      {
        probability: 1,
        next: board.replace(tile, '_').replace('0', tile).replace('_', '0'),
        reward: 1,
      },
    ];
  },
});
const S = mdp.numStates;
const shape = [S, 4];
const goal = Uint8Array.from(states, (board) => (board === solved ? 1 : 0));
const nextStates = Int32Array.from({ length: S * 4 }, (_, row) =>
  mdp.rowPtr[row] === mdp.rowPtr[row + 1] ? -1 : mdp.col[mdp.rowPtr[row]!]!,
);

/** Exact cost to go: minimising backups, zero at the solved board, until nothing changes. */
let exact: Float64Array = new Float64Array(S);
let qValues: Float64Array = new Float64Array(S * 4);
for (let sweep = 0; sweep < 30; sweep++) {
  const backup = bellmanBackupDeterministic({
    nextStates: { data: nextStates, shape },
    rewards: { data: mdp.rewards, shape },
    actionMask: { data: mdp.actionMask!, shape },
    values: exact,
    gamma: 1,
    mode: 'min',
  });
  qValues = backup.qValues.data;
  exact = backup.values.data.map((v, s) => (goal[s] === 1 ? 0 : v));
}

/** A Q-function as a network would give it: never above the true one, and not exact. */
const manhattan = Float64Array.from(states, (board) =>
  Array.from(board).reduce((sum, tile, at) => {
    const home = solved.indexOf(tile);
    const away =
      Math.abs((home % 3) - (at % 3)) + Math.abs(Math.floor(home / 3) - Math.floor(at / 3));
    return tile === '0' ? sum : sum + away;
  }, 0),
);
const estimate = Float64Array.from(nextStates, (next) => (next < 0 ? 0 : 1 + manhattan[next]!));

const problem = (board: string) => ({
  nextStates: { data: nextStates, shape },
  cost: { data: mdp.rewards, shape },
  goal,
  start: indexOf(board) as number,
});
const starts = states.filter((_, s) => s % 12 === 5);
/** Each start with its exact cost, and the searches by the estimate, by the exact Q, and by A*. */
export const results: {
  exact: number;
  qstar: QstarSearchQstarResult;
  sharp: QstarSearchQstarResult;
  astar: QstarSearchAstarResult;
}[] = starts.map((board) => ({
  exact: exact[indexOf(board) as number]!,
  qstar: qstarSearch({ ...problem(board), algorithm: 'qstar', qValues: { data: estimate, shape } }),
  sharp: qstarSearch({
    ...problem(board),
    algorithm: 'qstar',
    qValues: { data: qValues.map((q) => (Number.isFinite(q) ? q : 0)), shape },
  }),
  astar: qstarSearch({ ...problem(board), algorithm: 'astar', h: manhattan }),
}));
export const hardest: number = Math.max(...exact);
/** Times a network would be run, over all searches: per popped edge, or per generated child. */
export const evaluations: { qstar: number; astar: number } = {
  qstar: results.reduce((sum, { qstar }) => sum + qstar.numPopped, 0),
  astar: results.reduce((sum, { astar }) => sum + astar.numGenerated, 0),
};
console.log(
  `${S} boards, hardest ${hardest} moves; ${results.length} searches took ${evaluations.qstar} ` +
    `evaluations by Q*, ${evaluations.astar} by A*`,
);
