/** Sweeps of a grid made together have the bits of as many single ones, at every level. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bellman } from '../../src/index.js';

const { bellmanBackupGrid } = bellman;

interface Comparison {
  name: string;
  differs: string[];
  digest: string;
}

async function sweepGrids(level: string, threads: number): Promise<Comparison[]> {
  const script = fileURLToPath(new URL('lib/sweep-grids.mjs', import.meta.url));
  const env = { ...process.env, BELFRY_CPU: level, BELFRY_THREADS: String(threads) };
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env,
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout);
}

// Sums are not fused: the levels agree, too.
test('sweeps together are sweeps one by one, at every level and with any threads', async () => {
  const runs = await Promise.all([
    sweepGrids('baseline', 1),
    sweepGrids('avx2', 1),
    sweepGrids('avx512', 1),
    sweepGrids('avx512', 2),
  ]);
  const [reference] = runs;
  expect(reference.length).toBeGreaterThan(200);
  for (const run of runs) {
    expect(run.filter(({ differs }) => differs.length > 0)).toEqual([]);
    expect(run).toEqual(reference);
  }
}, 300_000);

test('values spread by a cell a sweep, around walls', () => {
  const shape = [3, 60];
  const terminal = new Uint8Array(180);
  terminal[179] = 1;
  const blocked = new Uint8Array(180).fill(1, 60, 119); // the way leads through the last column
  for (const sweeps of [1, 30, 61, 62, 200]) {
    const { values, residualInf } = bellmanBackupGrid({
      values: { data: new Float64Array(180), shape },
      terminal: { data: terminal, shape },
      blocked: { data: blocked, shape },
      gamma: 1,
      sweeps,
    });
    // From the upper left corner 59 steps right and two down.
    expect(values.data[0]).toBe(-Math.min(sweeps, 61));
    expect(residualInf).toBe(sweeps <= 61 ? 1 : 0);
  }
});

test('an empty grid has no change after any number of sweeps', () => {
  const empty = { data: new Float64Array(0), shape: [0, 5] };
  const terminal = { data: new Uint8Array(0), shape: [0, 5] };
  const got = bellmanBackupGrid({ values: empty, terminal, gamma: 0.9, sweeps: 20 });
  expect([got.values.shape, got.residualInf]).toEqual([[0, 5], 0]);
});

test.each([0, -1, 1.5, Number.NaN])('sweeps: %d is refused', (sweeps) => {
  const values = { data: new Float64Array(1), shape: [1, 1] };
  const terminal = { data: new Uint8Array(1), shape: [1, 1] };
  expect(() => bellmanBackupGrid({ values, terminal, gamma: 0.9, sweeps })).toThrow(
    /bellmanBackupGrid: sweeps/,
  );
});
