/**
 * Linear and mixed-integer programmes, solved by HiGHS in a worker thread: a solve blocks the
 * thread it runs on, and a thread of its own can be stopped.
 *
 * `highs` is an optional peer dependency, looked for on first use.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { BelfryError } from '../errors.js';

/** max or min cost·x with rows low ≤ A x ≤ high and bounds on x. */
export interface LinearProgram {
  maximise: boolean;
  /** Constant of the objective. Default 0. */
  offset?: number;
  columns: readonly LinearColumn[];
  rows: readonly LinearRow[];
  /** A feasible point to begin with. */
  start?: readonly number[];
}

export interface LinearColumn {
  cost: number;
  low: number;
  high: number;
  integer?: boolean;
}

export interface LinearRow {
  low: number;
  high: number;
  /** Columns of the entries, each once. */
  indices: readonly number[];
  values: readonly number[];
}

export interface LinearAnswer {
  /** 'limit': the time ran out; `values` is the best point found, empty if there is none. */
  status: 'optimal' | 'infeasible' | 'unbounded' | 'limit';
  objective: number;
  values: Float64Array;
}

export interface LinearOptions {
  signal?: AbortSignal;
  /** Seconds after which to give up. Default: none. */
  timeLimit?: number;
}

/** Tolerances at their tightest: a big-M row is only as good as them. */
const exact = {
  output_flag: false,
  mip_rel_gap: 0,
  mip_abs_gap: 1e-9,
  mip_feasibility_tolerance: 1e-9,
  primal_feasibility_tolerance: 1e-9,
  dual_feasibility_tolerance: 1e-9,
};

/** What the worker runs; plain JavaScript, since bundlers do not see it. */
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');
let loading;
parentPort.on('message', async ({ model, options, start }) => {
  try {
    loading ??= require(workerData)();
    const highs = await loading;
    parentPort.postMessage(highs.withModel(model, (solver) => {
      solver.options.set(options);
      if (start) solver.setSolution({ colValue: start });
      solver.run();
      return {
        status: solver.getModelStatus(),
        objective: solver.getObjectiveValue(),
        values: solver.getSolution().colValue,
        found: solver.info.get('primal_solution_status') === 2,
      };
    }));
  } catch (error) {
    parentPort.postMessage({ error: String(error) });
  }
});`;

/** HiGHS' own numbers of the outcomes that can be answered; 9 leaves open which of two it is. */
const outcomes: Readonly<Record<number, LinearAnswer['status']>> = {
  7: 'optimal',
  8: 'infeasible',
  9: 'unbounded',
  10: 'unbounded',
  13: 'limit',
};

interface WorkerAnswer {
  status: number;
  objective: number;
  values: Float64Array;
  found: boolean;
  error?: string;
}

/** Workers that wait for more; a few, since each holds a copy of HiGHS. */
const idle: Worker[] = [];
const mostIdle = 4;

/**
 * Solves a linear or mixed-integer programme.
 * @throws BelfryError BELFRY_LOAD_FAILED when `highs` is not installed, BELFRY_INTERNAL when HiGHS
 * fails
 */
export async function solveProgram(
  op: string,
  program: LinearProgram,
  { signal, timeLimit }: LinearOptions = {},
): Promise<LinearAnswer> {
  signal?.throwIfAborted();
  if (program.columns.length === 0) return withoutColumns(program);
  const worker = idle.pop() ?? startWorker(op);
  const options = { ...exact, ...(timeLimit !== undefined && { time_limit: timeLimit }) };
  const question = { model: modelOf(program), options, start: program.start };
  const { error, ...answer } = await ask(worker, question, signal);
  if (idle.length < mostIdle) idle.push(worker);
  else void worker.terminate();
  const status = outcomes[answer.status];
  if (error !== undefined || status === undefined) {
    const reason = error ?? `HiGHS ended with model status ${answer.status}`;
    throw new BelfryError('BELFRY_INTERNAL', `${op}: ${reason}.`, { op });
  }
  return {
    status,
    objective: answer.objective,
    values: answer.found ? answer.values : new Float64Array(0),
  };
}

/** HiGHS calls a model without columns neither feasible nor not. */
function withoutColumns({ rows, offset = 0 }: LinearProgram): LinearAnswer {
  const feasible = rows.every(({ low, high }) => low <= 0 && high >= 0);
  const status = feasible ? 'optimal' : 'infeasible';
  return { status, objective: offset, values: new Float64Array(0) };
}

function startWorker(op: string): Worker {
  const worker = new Worker(workerSource, { eval: true, workerData: findHighs(op) });
  worker.unref();
  return worker;
}

function findHighs(op: string): string {
  try {
    return createRequire(import.meta.url).resolve('highs');
  } catch (cause) {
    throw new BelfryError(
      'BELFRY_LOAD_FAILED',
      `${op}: the solver HiGHS is not installed. Run: npm install highs`,
      { op, argument: 'highs', cause },
    );
  }
}

/** One question, one answer; the worker keeps the process alive in between, and dies by `signal`. */
function ask(worker: Worker, question: object, signal?: AbortSignal): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      worker.off('message', answered).off('error', failed).unref();
      signal?.removeEventListener('abort', stopped);
    };
    const answered = (answer: WorkerAnswer): void => {
      finish();
      resolve(answer);
    };
    const failed = (error: Error): void => {
      finish();
      reject(error);
    };
    const stopped = (): void => {
      finish();
      void worker.terminate();
      reject(signal?.reason);
    };
    worker.ref();
    worker.on('message', answered).on('error', failed);
    signal?.addEventListener('abort', stopped);
    worker.postMessage(question);
  });
}

function modelOf({ maximise, offset = 0, columns, rows }: LinearProgram): object {
  const starts = [0];
  for (const { indices } of rows) starts.push(starts.at(-1)! + indices.length);
  return {
    numCols: columns.length,
    numRows: rows.length,
    sense: maximise ? -1 : 1,
    offset,
    colCost: columns.map(({ cost }) => cost),
    colLower: columns.map(({ low }) => low),
    colUpper: columns.map(({ high }) => high),
    rowLower: rows.map(({ low }) => low),
    rowUpper: rows.map(({ high }) => high),
    integrality: columns.map(({ integer }) => Number(integer === true)),
    matrix: {
      format: 'csr',
      numRows: rows.length,
      numCols: columns.length,
      starts,
      indices: rows.flatMap(({ indices }) => indices),
      values: rows.flatMap(({ values }) => values),
    },
  };
}
