/** The bellman family's fixed workloads. */
import type { MdpTables } from '../../src/bellman/problems/index.js';
import { randomSparse } from '../../src/bellman/problems/index.js';
import { hash, uniform } from '../../src/demo/generator.js';
import { valueIterationLoop } from '../../src/demo/value-loop.js';
import {
  bellmanBackupVCsr,
  valueIteration,
  valueIterationDense,
} from '../../src/generated/bellman.js';
import type { BenchCase, Workload } from '../harness.js';
import * as loops from '../reference/loops.js';
import { boardWorkload } from './boards.js';
import { near, sameArrays } from './checks.js';
import { gridWorkload } from './grids.js';

const gamma = 0.99;
const tolerance = 1e-6;

type Real = 'float64' | 'float32';

/** W1a: a random sparse model of a million states; one sweep, and the certified solve. */
const sparseWorkload: Workload = () => {
  const tables = randomSparse(1_000_000, 4, 8);
  return [sweepCase(tables, 'float64'), sweepCase(tables, 'float32'), solveCase(tables)];
};

const realBytes = (dtype: Real): number => (dtype === 'float64' ? 8 : 4);

/** Probabilities and columns, rewards, values read and written. */
function sweepBytes({ numStates, rewards, col }: MdpTables, real: number): number {
  return col.length * (4 + real) + rewards.length * real + numStates * 2 * real;
}

function sweepCase(tables: MdpTables, dtype: Real): BenchCase {
  const { numStates, numActions, rowPtr, col } = tables;
  const real = (array: Float64Array): Float64Array | Float32Array =>
    dtype === 'float64' ? array : Float32Array.from(array);
  const values = real(Float64Array.from({ length: numStates }, (_, i) => uniform(5, i)));
  const out = { values: real(new Float64Array(numStates)) };
  const args = {
    rowPtr,
    col,
    prob: real(tables.prob),
    rewards: { data: real(tables.rewards), shape: [numStates, numActions] },
    values,
    gamma,
    outputs: ['values'], // what the peers compute
    out,
  } as unknown as Parameters<typeof bellmanBackupVCsr>[0];
  const want = new Float64Array(numStates);
  const loop = sweepReference(tables, Float64Array.from(values), want);
  return {
    family: 'bellman',
    op: 'bellman_backup_v_csr',
    name: `S=${numStates} A=${numActions} K=8 ${dtype}`,
    bytes: sweepBytes(tables, realBytes(dtype)),
    flops: 2 * col.length + 8 * numStates,
    gathers: col.length,
    dtype,
    run: () => bellmanBackupVCsr(args),
    reference: { name: 'TypeScript loop', run: loop },
    check: () => {
      loop();
      bellmanBackupVCsr(args);
      sameArrays(out.values, want, dtype === 'float64' ? 1e-12 : 2e-5, 'values');
    },
    peers: {
      programs: ['python'],
      workload: `sweep_${dtype}`,
      sample: () => out.values,
      tolerance: dtype === 'float64' ? 1e-12 : 2e-5,
    },
  };
}

function sweepReference(tables: MdpTables, values: Float64Array, want: Float64Array): () => void {
  const { rowPtr, col, prob, rewards, numActions } = tables;
  return () => loops.sweepLoop(rowPtr, col, prob, rewards, numActions, gamma, values, want);
}

function solveCase(tables: MdpTables): BenchCase {
  const { numStates, numActions, rowPtr, col, prob } = tables;
  const vStar = new Float64Array(numStates);
  const args = {
    rowPtr,
    col,
    prob,
    rewards: { data: tables.rewards, shape: [numStates, numActions] },
    gamma,
    tolerance,
    outputs: ['vStar', 'iterations'] as const,
    out: { vStar },
  };
  const sweeps = 21;
  return {
    family: 'bellman',
    op: 'value_iteration',
    name: `S=${numStates} A=${numActions} K=8 float64, certified to ${tolerance}`,
    bytes: sweeps * sweepBytes(tables, 8),
    flops: sweeps * (2 * col.length + 8 * numStates),
    gathers: sweeps * col.length,
    dtype: 'float64',
    run: () => valueIteration(args),
    // No plain loop: it takes seconds a call, and its sweep is timed above.
    check: () => {
      near(valueIteration(args).iterations, sweeps, 0, 'sweeps');
      near(vStar[0] as number, 80.7066494, tolerance, 'value 0');
      near(vStar[1] as number, 80.872908, tolerance, 'value 1');
      near(vStar[numStates - 1] as number, 80.9866323, tolerance, 'last value');
    },
    peers: {
      programs: ['python'],
      workload: 'sparse_solve',
      sample: () => [vStar[0] as number, vStar[1] as number, vStar[numStates - 1] as number],
      tolerance: 2 * tolerance,
    },
  };
}

const numModels = 1000;
const denseStates = 100;
const denseActions = 4;

interface DenseModels {
  /** [M, S, A, S] and [M, S, A] */
  prob: Float64Array;
  rewards: Float64Array;
}

/** W1b: a thousand dense models. */
function denseModels(): DenseModels {
  const rows = numModels * denseStates * denseActions;
  const prob = new Float64Array(rows * denseStates);
  const rewards = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const model = Math.floor(row / (denseStates * denseActions));
    const state = Math.floor(row / denseActions) % denseStates;
    // The workload counts actions before states.
    const counter = (model * denseActions + (row % denseActions)) * denseStates + state;
    rewards[row] = uniform(5, counter);
    let sum = 0;
    const first = row * denseStates;
    for (let s = 0; s < denseStates; s++) {
      const weight = 1 + (hash(4, counter * denseStates + s) >>> 8);
      prob[first + s] = weight;
      sum += weight;
    }
    for (let s = 0; s < denseStates; s++) prob[first + s] = (prob[first + s] as number) / sum;
  }
  return { prob, rewards };
}

/** The same models as CSR tables, for the plain loop; all share the pattern of a full matrix. */
function asTables({ prob, rewards }: DenseModels): MdpTables[] {
  const rows = denseStates * denseActions;
  const rowPtr = Int32Array.from({ length: rows + 1 }, (_, row) => row * denseStates);
  const col = Int32Array.from({ length: rows * denseStates }, (_, entry) => entry % denseStates);
  return Array.from({ length: numModels }, (_, m) => ({
    numStates: denseStates,
    numActions: denseActions,
    rowPtr,
    col,
    prob: prob.subarray(m * rows * denseStates, (m + 1) * rows * denseStates),
    rewards: rewards.subarray(m * rows, (m + 1) * rows),
  }));
}

const denseWorkload: Workload = () => {
  const models = denseModels();
  const tables = asTables(models);
  const vStar = new Float64Array(numModels * denseStates);
  const args = {
    prob: { data: models.prob, shape: [numModels, denseStates, denseActions, denseStates] },
    rewards: { data: models.rewards, shape: [numModels, denseStates, denseActions] },
    gamma,
    tolerance,
    outputs: ['vStar', 'iterations', 'converged'] as const,
    out: { vStar },
  };
  const sweeps = 8;
  return [
    {
      family: 'bellman',
      op: 'value_iteration_dense',
      name: `${numModels} models, S=${denseStates} A=${denseActions} float64, certified to ${tolerance}`,
      bytes: 8 * models.prob.length,
      flops: sweeps * 2 * models.prob.length,
      dtype: 'float64',
      readsOnly: true,
      run: () => valueIterationDense(args),
      reference: {
        name: 'TypeScript loop',
        run: () => {
          for (const one of tables) valueIterationLoop(one, gamma, tolerance, false);
        },
      },
      check: () => {
        const { iterations, converged } = valueIterationDense(args);
        near(iterations.data[0] as number, sweeps, 0, 'sweeps of model 0');
        near(converged.data.indexOf(0), -1, 0, 'model that did not converge');
        near(vStar[0] as number, 80.0570774, tolerance, 'value 0');
      },
      peers: {
        programs: ['python'],
        workload: 'dense_solve',
        sample: () => vStar,
        tolerance: 2 * tolerance,
      },
    },
  ];
};

export const bellmanWorkloads: readonly Workload[] = [
  sparseWorkload,
  denseWorkload,
  boardWorkload,
  gridWorkload,
];
