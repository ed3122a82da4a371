/** Backups on a grid, a cell and a move at a time. */
import { seeded } from '../../../examples/lib/random.js';
import { flags, integers, type Reference, type ReferenceCase, reals } from '../golden.js';

interface Map {
  height: number;
  width: number;
  values: number[];
  terminal: number[];
  blocked?: number[];
  cellRewards?: number[];
}

interface Options {
  gamma: number;
  moves: 'four' | 'eight';
  mode: 'max' | 'min';
  move_reward: number;
  diagonal_reward: number;
  sweeps?: number;
}

const offsets = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
] as const;

function qValues(map: Map, options: Options, row: number, column: number): number[] {
  return offsets.slice(0, options.moves === 'four' ? 4 : 8).map(([down, right], move) => {
    const [y, x] = [row + down, column + right];
    const inside = y >= 0 && y < map.height && x >= 0 && x < map.width;
    const moves = inside && map.blocked?.[y * map.width + x] !== 1;
    const to = moves ? y * map.width + x : row * map.width + column;
    const next = map.terminal[to] === 1 ? 0 : options.gamma * (map.values[to] as number);
    const reward = move < 4 ? options.move_reward : options.diagonal_reward;
    return reward + (map.cellRewards?.[to] ?? 0) + next;
  });
}

function backup(map: Map, options: Options) {
  const values: number[] = [];
  const policy: number[] = [];
  for (let cell = 0; cell < map.height * map.width; cell++) {
    const fixed = map.terminal[cell] === 1 || map.blocked?.[cell] === 1;
    const q = qValues(map, options, Math.floor(cell / map.width), cell % map.width);
    const best = options.mode === 'max' ? Math.max(...q) : Math.min(...q);
    values.push(fixed ? 0 : best);
    policy.push(fixed ? -1 : q.indexOf(best));
  }
  const changes = values.map((value, cell) => Math.abs(value - (map.values[cell] as number)));
  return { values, policy, residual: Math.max(0, ...changes) };
}

function goldenCase(name: string, map: Map, options: Options): ReferenceCase {
  const shape = [map.height, map.width];
  let { values, policy, residual } = backup(map, options);
  for (let sweep = 1; sweep < (options.sweeps ?? 1); sweep++) {
    ({ values, policy, residual } = backup({ ...map, values }, options));
  }
  return {
    name,
    inputs: {
      values: reals(shape, map.values),
      terminal: flags(shape, map.terminal),
      ...(map.blocked ? { blocked: flags(shape, map.blocked) } : {}),
      ...(map.cellRewards ? { cell_rewards: reals(shape, map.cellRewards) } : {}),
    },
    params: { ...options },
    expected: {
      values: reals(shape, values),
      policy: integers(shape, policy),
      residual_inf: reals([], [residual]),
    },
    atol: 1e-12,
    rtol: 1e-12,
  };
}

function randomMap(seed: number, height: number, width: number, walls: number): Map {
  const random = seeded(seed);
  const draw = (make: () => number): number[] => Array.from({ length: height * width }, make);
  const terminal = draw(() => 0);
  terminal[height * width - 1] = 1;
  const map: Map = {
    height,
    width,
    values: draw(() => Math.round(400 * random()) / 100),
    terminal,
  };
  if (walls > 0) {
    map.blocked = draw(() => (random() < walls ? 1 : 0));
    map.cellRewards = draw(() => Math.round(-100 * random()) / 100);
  }
  return map;
}

const usual: Options = {
  gamma: 0.9,
  moves: 'four',
  mode: 'max',
  move_reward: -1,
  diagonal_reward: -Math.SQRT2,
};

export const reference: Reference = {
  family: 'bellman',
  op: 'bellman_backup_grid',
  cases: [
    goldenCase('open map 5x7', randomMap(1, 5, 7, 0), usual),
    goldenCase('walls and rewards of cells 6x5', randomMap(2, 6, 5, 0.3), usual),
    goldenCase('eight moves 6x9', randomMap(3, 6, 9, 0.2), { ...usual, moves: 'eight' }),
    goldenCase('costs, 4x20', randomMap(4, 4, 20, 0.2), {
      ...usual,
      mode: 'min',
      gamma: 1,
      move_reward: 1,
    }),
    goldenCase(
      'a tie goes to the lowest move',
      { ...randomMap(5, 3, 3, 0), values: Array(9).fill(2) },
      usual,
    ),
    goldenCase('20 sweeps of an open map 5x7', randomMap(6, 5, 7, 0), { ...usual, sweeps: 20 }),
    goldenCase('9 sweeps, walls and rewards of cells 6x21', randomMap(7, 6, 21, 0.3), {
      ...usual,
      sweeps: 9,
    }),
    goldenCase('3 sweeps, eight moves, costs 9x5', randomMap(8, 9, 5, 0.2), {
      ...usual,
      moves: 'eight',
      mode: 'min',
      move_reward: 1,
      diagonal_reward: 1.5,
      sweeps: 3,
    }),
    goldenCase('one cell', { height: 1, width: 1, values: [3], terminal: [0] }, usual),
    goldenCase(
      '40 sweeps of one cell',
      { height: 1, width: 1, values: [3], terminal: [0] },
      { ...usual, sweeps: 40 },
    ),
  ],
};
