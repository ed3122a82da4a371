/** Planning on grids, held to the same models as tables of moves. */
import { expect, test } from 'vitest';
import { seeded } from '../../examples/lib/random.js';
import { bellman } from '../../src/index.js';

const { bellmanBackupDeterministic, bellmanBackupGrid, valueIterationGrid } = bellman;

interface Map {
  shape: [number, number];
  terminal: Uint8Array;
  blocked: Uint8Array;
  cellRewards: Float64Array;
}

const steps = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
] as const;

function randomMap(seed: number, height: number, width: number, walls: number): Map {
  const random = seeded(seed);
  const cells = height * width;
  const blocked = Uint8Array.from({ length: cells }, () => (random() < walls ? 1 : 0));
  const terminal = Uint8Array.from({ length: cells }, () => (random() < 2 / cells ? 1 : 0));
  terminal[cells - 1] = 1;
  blocked[cells - 1] = 0;
  const cellRewards = Float64Array.from({ length: cells }, () => -random());
  return { shape: [height, width], terminal, blocked, cellRewards };
}

/** The same as tables: a pair whose successor is terminal ends. */
function tables(map: Map, moves: number, gamma: number, withRewards: boolean) {
  const [height, width] = map.shape;
  const cells = height * width;
  const nextStates = new Int32Array(cells * moves);
  const rewards = new Float64Array(cells * moves);
  const actionMask = new Uint8Array(cells * moves);
  for (let cell = 0; cell < cells; cell++) {
    for (let a = 0; a < moves; a++) {
      const [rows, columns] = steps[a] as readonly [number, number];
      const [y, x] = [Math.floor(cell / width) + rows, (cell % width) + columns];
      const inside = y >= 0 && y < height && x >= 0 && x < width;
      const to = inside && map.blocked[y * width + x] === 0 ? y * width + x : cell;
      const at = cell * moves + a;
      nextStates[at] = map.terminal[to] === 1 ? -1 : to;
      rewards[at] = (a < 4 ? -1 : -1.5) + (withRewards ? (map.cellRewards[to] as number) : 0);
      actionMask[at] = map.terminal[cell] === 1 || map.blocked[cell] === 1 ? 0 : 1;
    }
  }
  const shape = [cells, moves];
  return {
    nextStates: { data: nextStates, shape },
    rewards: { data: rewards, shape },
    actionMask: { data: actionMask, shape },
    gamma,
  };
}

const cases = [
  { height: 1, width: 1, walls: 0 },
  { height: 1, width: 40, walls: 0.1 },
  { height: 40, width: 1, walls: 0.1 },
  { height: 7, width: 9, walls: 0.3 },
  { height: 33, width: 70, walls: 0 },
  { height: 12, width: 530, walls: 0.1 },
  { height: 6, width: 1100, walls: 0 },
].flatMap((size, seed) =>
  ([4, 8] as const).flatMap((moves) =>
    [false, true].map((withRewards) => ({ ...size, seed, moves, withRewards })),
  ),
);

test.each(cases)(
  'a backup of $height x $width, $moves moves, rewards of cells: $withRewards',
  ({ height, width, walls, seed, moves, withRewards }) => {
    const map = randomMap(seed + 1, height, width, walls);
    const random = seeded(seed + 50);
    const values = Float64Array.from({ length: height * width }, () => 4 * random() - 2);
    const table = tables(map, moves, 0.9, withRewards);
    for (const mode of ['max', 'min'] as const) {
      const want = bellmanBackupDeterministic({ ...table, values, mode });
      const args = {
        values: { data: values, shape: map.shape },
        terminal: { data: map.terminal, shape: map.shape },
        blocked: { data: map.blocked, shape: map.shape },
        ...(withRewards ? { cellRewards: { data: map.cellRewards, shape: map.shape } } : {}),
        gamma: 0.9,
        diagonalReward: -1.5,
        moves: moves === 4 ? ('four' as const) : ('eight' as const),
        mode,
      };
      const got = bellmanBackupGrid(args);
      expect([...got.values.data]).toEqual([...want.values.data].map((v) => expect.closeTo(v, 12)));
      expect([...got.policy.data]).toEqual([...want.policy.data]);
      const change = want.values.data.map((v, i) => Math.abs(v - (values[i] as number)));
      expect(got.residualInf).toBeCloseTo(Math.max(...change), 12);
      // Values alone take another way.
      const alone = bellmanBackupGrid({ ...args, outputs: ['values'] });
      expect(alone.values.data).toEqual(got.values.data);
    }
  },
);

test('a NaN is seen by the cells around it, whatever lies beside them', () => {
  const shape = [30, 40];
  const values = new Float64Array(1200).fill(1);
  values[15 * 40 + 20] = Number.NaN;
  const terminal = { data: new Uint8Array(1200), shape };
  const got = bellmanBackupGrid({ values: { data: values, shape }, terminal, gamma: 0.5 });
  const nan = [...got.values.data].flatMap((v, cell) => (Number.isNaN(v) ? [cell] : []));
  expect(nan).toEqual([14 * 40 + 20, 15 * 40 + 19, 15 * 40 + 21, 16 * 40 + 20]);
  expect(got.residualInf).toBeNaN();
  expect(got.policy.data[14 * 40 + 20]).toBe(1);
});

test.each([
  { gamma: 0.97, moves: 4, mode: 'max' },
  { gamma: 0.9, moves: 8, mode: 'max' },
  { gamma: 1, moves: 4, mode: 'max' },
  { gamma: 1, moves: 8, mode: 'max' },
  { gamma: 0.95, moves: 4, mode: 'min' },
] as const)('a solve with γ = $gamma, $moves moves, $mode', ({ gamma, moves, mode }) => {
  const map = randomMap(9, 31, 47, 0.3);
  const withRewards = gamma < 1;
  const table = tables(map, moves, gamma, withRewards);
  const got = valueIterationGrid({
    terminal: { data: map.terminal, shape: map.shape },
    blocked: { data: map.blocked, shape: map.shape },
    ...(withRewards ? { cellRewards: { data: map.cellRewards, shape: map.shape } } : {}),
    gamma,
    diagonalReward: -1.5,
    moves: moves === 4 ? 'four' : 'eight',
    mode,
    tolerance: 1e-8,
  });
  expect(got.converged).toBe(1);
  // V = TV by tables, and the bounds hold it; the best path where there is no discount.
  const fixed = bellmanBackupDeterministic({ ...table, values: got.vStar.data, mode });
  got.vStar.data.forEach((value, cell) => {
    const want = fixed.values.data[cell] as number;
    if (Number.isFinite(want)) expect(value).toBeCloseTo(want, 7);
    else expect(value).toBe(want);
  });
  if (gamma < 1) {
    const exact = bellman.valueIterationDeterministic({ ...table, mode, tolerance: 1e-12 });
    exact.vStar.data.forEach((value, cell) => {
      expect(got.vStarLower.data[cell]).toBeLessThanOrEqual(value + 1e-12);
      expect(got.vStarUpper.data[cell]).toBeGreaterThanOrEqual(value - 1e-12);
    });
  } else {
    const unreachable = [...got.vStar.data].filter((v) => v === Number.NEGATIVE_INFINITY).length;
    expect(unreachable).toBeGreaterThan(0);
    expect([...got.vStar.data].every((v) => v <= 0)).toBe(true);
    // No bounds, but of cells without a value of their own.
    for (const [bounds, none] of [
      [got.vStarLower, Number.NEGATIVE_INFINITY],
      [got.vStarUpper, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(new Set(bounds.data)).toEqual(new Set([none, 0]));
    }
  }
});

test('an open map takes one sweep from the right corner', () => {
  const shape = [60, 80];
  const terminal = new Uint8Array(4800);
  terminal[4799] = 1;
  const { vStar, iterations, policyStar } = valueIterationGrid({
    terminal: { data: terminal, shape },
    gamma: 0.99,
    tolerance: 1e-6,
  });
  expect(iterations).toBe(1);
  expect(vStar.data[0]).toBeCloseTo(-(1 - 0.99 ** 138) / 0.01, 9);
  expect([policyStar.data[0], policyStar.data[4798], policyStar.data[4799]]).toEqual([1, 3, -1]);
});

test('a cycle that gains reward has no best path, and the solve says so', () => {
  const shape = [3, 3];
  const terminal = { data: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 1]), shape };
  const got = valueIterationGrid({ terminal, gamma: 1, moveReward: 1, maxIterations: 50 });
  expect([got.converged, got.iterations]).toEqual([0, 50]);
});
