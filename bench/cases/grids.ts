/** W1c without tables: the board of 2000 x 2000 as a grid; one sweep, many together, and the certified solve. */
import { bellmanBackupGrid, valueIterationGrid } from '../../src/generated/bellman.js';
import type { BenchCase, Workload } from '../harness.js';
import * as loops from '../reference/loops.js';
import { valuesUnderWay } from './boards.js';
import { near, sameArrays } from './checks.js';

const width = 2000;
const numCells = width * width;
const shape = [width, width];
const gamma = 0.99;
const tolerance = 1e-6;
/** Synchronous sweeps from V = 0 until γ/(1−γ) max |δ| <= tolerance. */
const synchronousSweeps = 1833;
/** V, V' and the flags. */
const sweepBytes = numCells * (2 * 8 + 1);

function lastCellEnds(): { data: Uint8Array; shape: number[] } {
  const data = new Uint8Array(numCells);
  data[numCells - 1] = 1;
  return { data, shape };
}

function sweepArgs(sweeps: number) {
  return {
    values: { data: valuesUnderWay(width, gamma), shape },
    terminal: lastCellEnds(),
    gamma,
    sweeps,
    outputs: ['values'] as const,
    out: { values: new Float64Array(numCells) },
  };
}

function sweepCase(): BenchCase {
  const args = sweepArgs(1);
  const out = args.out.values;
  const want = new Float64Array(numCells);
  const loop = (): void => loops.boardSweepLoop(width, gamma, args.values.data, want);
  return {
    family: 'bellman',
    op: 'bellman_backup_grid',
    name: `grid ${width}x${width}, 4 moves, float64`,
    bytes: sweepBytes,
    flops: 6 * numCells,
    dtype: 'float64',
    run: () => bellmanBackupGrid(args),
    reference: { name: 'TypeScript loop', run: loop },
    check: () => {
      loop();
      bellmanBackupGrid(args);
      sameArrays(out, want, 0, 'values');
    },
    peers: {
      programs: ['python'],
      workload: 'board_sweep',
      sample: () => out,
      tolerance: 1e-12,
    },
  };
}

/** W1c in the form that a solver by synchronous sweeps asks for: many at once. */
function manySweepsCase(): BenchCase {
  const sweeps = 32;
  const args = sweepArgs(sweeps);
  let before = Float64Array.from(args.values.data);
  let after = new Float64Array(numCells);
  const loop = (): void => {
    loops.boardSweepLoop(width, gamma, before, after);
    [before, after] = [after, before];
  };
  return {
    family: 'bellman',
    op: 'bellman_backup_grid',
    name: `grid ${width}x${width}, 4 moves, float64, ${sweeps} sweeps`,
    bytes: sweepBytes,
    flops: sweeps * 6 * numCells,
    dtype: 'float64',
    run: () => bellmanBackupGrid(args),
    reference: { name: `${sweeps} sweeps of a TypeScript loop`, run: loop, calls: sweeps },
    check: () => {
      for (let i = 0; i < sweeps; i++) loop();
      bellmanBackupGrid(args);
      sameArrays(args.out.values, before, 0, 'values');
    },
  };
}

function solveCase(): BenchCase {
  const vStar = new Float64Array(numCells);
  const args = {
    terminal: lastCellEnds(),
    gamma,
    tolerance,
    outputs: ['vStar', 'iterations', 'converged'] as const,
    out: { vStar },
  };
  const before = new Float64Array(numCells);
  const after = new Float64Array(numCells);
  return {
    family: 'bellman',
    op: 'value_iteration_grid',
    name: `grid ${width}x${width}, 4 moves, float64, certified to ${tolerance}`,
    bytes: 2 * sweepBytes,
    flops: 2 * 6 * numCells,
    dtype: 'float64',
    run: () => valueIterationGrid(args),
    reference: {
      name: `${synchronousSweeps} synchronous sweeps of a TypeScript loop`,
      run: () => loops.boardSweepLoop(width, gamma, before, after),
      calls: synchronousSweeps,
    },
    check: () => {
      const { iterations, converged } = valueIterationGrid(args);
      near(converged, 1, 0, 'converged');
      near(iterations, 1, 0, 'sweeps');
      for (const distance of [0, 1, 2, 700, 1999]) {
        const want = -(1 - gamma ** distance) / (1 - gamma);
        near(vStar[numCells - 1 - distance] as number, want, tolerance, `distance ${distance}`);
      }
      near(vStar[0] as number, -(1 - gamma ** (2 * width - 2)) / (1 - gamma), tolerance, 'value 0');
    },
  };
}

export const gridWorkload: Workload = () => [sweepCase(), manySweepsCase(), solveCase()];
