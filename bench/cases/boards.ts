/** W1c: a deterministic board of 2000 x 2000; one sweep, and the certified solve. */
import {
  bellmanBackupDeterministic,
  valueIterationDeterministic,
} from '../../src/generated/bellman.js';
import type { BenchCase, Workload } from '../harness.js';
import * as loops from '../reference/loops.js';
import { near, sameArrays } from './checks.js';

const width = 2000;
const numStates = width * width;
const numActions = 4;
const gamma = 0.99;
const tolerance = 1e-6;
/** Synchronous sweeps from V = 0 until γ/(1−γ) max |δ| <= tolerance. */
const synchronousSweeps = 1833;

interface Board {
  /** [S, A] up, down, left, right; a move off the board stays, the last state ends the episode. */
  nextStates: Int32Array;
  rewards: Float64Array;
}

function board(): Board {
  const nextStates = new Int32Array(numStates * numActions);
  const rewards = new Float64Array(numStates * numActions).fill(-1);
  for (let s = 0; s < numStates; s++) {
    const x = s % width;
    const moves = [
      s >= width ? s - width : s,
      s < numStates - width ? s + width : s,
      x > 0 ? s - 1 : s,
      x < width - 1 ? s + 1 : s,
    ];
    nextStates.set(moves, s * numActions);
  }
  nextStates.fill(-1, (numStates - 1) * numActions);
  rewards.fill(0, (numStates - 1) * numActions);
  return { nextStates, rewards };
}

/** V after 1000 sweeps from 0: of random values a loop's branches would be unforeseeable. */
export function valuesUnderWay(size: number, discount: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, s) => {
    const distance = 2 * (size - 1) - Math.floor(s / size) - (s % size);
    return -(1 - discount ** Math.min(distance, 1000)) / (1 - discount);
  });
}

const shape = [numStates, numActions];
/** The tables, V and V'. */
const sweepBytes = numStates * (numActions * (4 + 8) + 2 * 8);

function sweepCase({ nextStates, rewards }: Board): BenchCase {
  const values = valuesUnderWay(width, gamma);
  const out = new Float64Array(numStates);
  const want = new Float64Array(numStates);
  const args = {
    nextStates: { data: nextStates, shape },
    rewards: { data: rewards, shape },
    values,
    gamma,
    outputs: ['values'] as const,
    out: { values: out },
  };
  const loop = (): void =>
    loops.deterministicSweepLoop(nextStates, rewards, numActions, gamma, values, want);
  return {
    family: 'bellman',
    op: 'bellman_backup_deterministic',
    name: `board ${width}x${width} A=4 float64`,
    bytes: sweepBytes,
    flops: 3 * numStates * numActions,
    dtype: 'float64',
    run: () => bellmanBackupDeterministic(args),
    reference: { name: 'TypeScript loop', run: loop },
    check: () => {
      loop();
      bellmanBackupDeterministic(args);
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

function solveCase({ nextStates, rewards }: Board): BenchCase {
  const vStar = new Float64Array(numStates);
  const args = {
    nextStates: { data: nextStates, shape },
    rewards: { data: rewards, shape },
    gamma,
    tolerance,
    outputs: ['vStar', 'iterations', 'converged'] as const,
    out: { vStar },
  };
  const before = new Float64Array(numStates);
  const after = new Float64Array(numStates);
  const sweeps = 2;
  return {
    family: 'bellman',
    op: 'value_iteration_deterministic',
    name: `board ${width}x${width} A=4 float64, certified to ${tolerance}`,
    bytes: sweeps * sweepBytes,
    flops: sweeps * 3 * numStates * numActions,
    dtype: 'float64',
    run: () => valueIterationDeterministic(args),
    reference: {
      name: `${synchronousSweeps} synchronous sweeps of a TypeScript loop without tables`,
      run: () => loops.boardSweepLoop(width, gamma, before, after),
      calls: synchronousSweeps,
    },
    check: () => {
      const { iterations, converged } = valueIterationDeterministic(args);
      near(converged, 1, 0, 'converged');
      near(iterations, sweeps, 0, 'sweeps');
      for (const distance of [0, 1, 2, 700, 1999]) {
        const want = -(1 - gamma ** distance) / (1 - gamma);
        near(vStar[numStates - 1 - distance] as number, want, tolerance, `distance ${distance}`);
      }
      near(vStar[0] as number, -(1 - gamma ** (2 * width - 2)) / (1 - gamma), tolerance, 'value 0');
    },
  };
}

export const boardWorkload: Workload = () => {
  const tables = board();
  return [sweepCase(tables), solveCase(tables)];
};
