/** A long solve as a row of short ones, with checkpoints between them. */
import { argumentError } from '../errors.js';
import type { AsyncOptions, Progress } from '../tasks.js';
import { alloc, type RealArray } from '../tensor.js';
import {
  type CheckpointOptions,
  checkCheckpointOptions,
  fingerprint,
  readCheckpoint,
  type SolverState,
  writeCheckpoint,
} from './checkpoint.js';
import { Mdp } from './mdp.js';

export interface Slice<R> {
  /** The answer of the op, were this the last slice. */
  result: R;
  /** Iterations of this slice. */
  iterations: number;
  /** Nothing is left to do. */
  ended: boolean;
  /** What the next slice begins with. */
  arrays: SolverState['arrays'];
}

export interface SlicedSolve<R> {
  /** Class that asks, for errors. */
  op: string;
  mdp: Mdp;
  /** The solver and the options that shape its iterates. */
  solver: Record<string, unknown>;
  /** Infinity: the op itself knows when to give up. */
  maxIterations: number;
  /** A slice has a multiple of these iterations, so that its end does not show in the bits. */
  multiple: number;
  checkpoint: CheckpointOptions;
  run: AsyncOptions;
  slice(state: SolverState | undefined, iterations: number, run: AsyncOptions): Promise<Slice<R>>;
}

/** Slices take about this part of the time between checkpoints. */
const slicePart = 1 / 4;

/**
 * Solves with checkpoints. The bits are those of a solve in one piece; what a stop can lose is a
 * slice, as the last whole one is written when the signal fires.
 */
export async function solveInSlices<R>(
  solve: SlicedSolve<R>,
): Promise<{ result: R; iterations: number }> {
  const { file, everySeconds, resume } = checkCheckpointOptions(solve.op, solve.checkpoint);
  const model = fingerprint(solve.mdp);
  const solver = JSON.stringify(solve.solver);
  let state = resume ? await readCheckpoint(file, model, solver) : undefined;
  if (state !== undefined && state.iterations >= solve.maxIterations) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      solve.op,
      'maxIterations',
      `is ${solve.maxIterations}`,
      `more than the ${state.iterations} of the checkpoint`,
    );
  }
  const started = performance.now();
  let written = started;
  let unwritten: SolverState | undefined;
  const write = async (): Promise<void> => {
    if (unwritten === undefined) return;
    await writeCheckpoint(file, model, solver, unwritten);
    unwritten = undefined;
    written = performance.now();
  };
  for (let length = solve.multiple; ; ) {
    const done = state?.iterations ?? 0;
    const limit = Math.min(length, solve.maxIterations - done);
    const began = performance.now();
    const run = continued(solve, done, began - started);
    let slice: Slice<R>;
    try {
      slice = await solve.slice(state, limit, run);
    } catch (error) {
      await write();
      throw error;
    }
    const iterations = done + slice.iterations;
    if (slice.ended || iterations >= solve.maxIterations) {
      return { result: slice.result, iterations };
    }
    state = unwritten = { iterations, arrays: slice.arrays };
    const now = performance.now();
    if (now - written >= everySeconds * 1000) await write();
    length = nextLength(length, everySeconds * 1000 * slicePart, now - began, solve.multiple);
  }
}

/** At most four times as long as the last one, and about as long as was asked for. */
function nextLength(length: number, wantedMs: number, tookMs: number, multiple: number): number {
  const wanted = (length * wantedMs) / Math.max(tookMs, 0.01);
  const most = Math.min(wanted, 4 * length, 1e9);
  return Math.max(multiple, Math.floor(most / multiple) * multiple);
}

/** Signal and progress of a slice, as if it were one solve. */
function continued<R>(solve: SlicedSolve<R>, done: number, beforeMs: number): AsyncOptions {
  const { signal, onProgress } = solve.run;
  return {
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (progress: Progress) =>
        onProgress({
          ...progress,
          iteration: done + progress.iteration,
          ...(Number.isFinite(solve.maxIterations) && { total: solve.maxIterations }),
          elapsedMs: beforeMs + progress.elapsedMs,
        }),
    }),
  };
}

/** The model in shared memory, which the slices read in place, or where it lies on a GPU. */
export function sharedModel<A extends RealArray>(mdp: Mdp<A>): Mdp<A> {
  if (mdp.engine !== undefined) return mdp;
  const tables = mdp.tables();
  const { rowPtr, col, prob, rewards, actionMask } = tables;
  return new Mdp<A>({
    ...tables,
    rowPtr: shared(rowPtr),
    col: shared(col),
    prob: shared(prob),
    rewards: shared(rewards),
    ...(actionMask && { actionMask: shared(actionMask) }),
  });
}

/** The array in shared memory, or itself where it is. */
export function shared<A extends RealArray | Int32Array | Uint8Array>(array: A): A {
  if ((array.buffer as unknown) instanceof SharedArrayBuffer) return array;
  const type = {
    Float32Array: 'float32',
    Float64Array: 'float64',
    Int32Array: 'int32',
    Uint8Array: 'uint8',
  }[array.constructor.name] as 'float32' | 'float64' | 'int32' | 'uint8';
  const copy = alloc(type, array.length);
  copy.set(array as Uint8Array);
  return copy as A;
}

/** Rows of a float32 model with a mass this close to one have mass one. */
const massSlack = 1e-5;

/**
 * A float32 model as the solvers of the host see it: widened, thirds adding up to one again. Its
 * solve in float64 has the iterates of the float32 call, without loss between slices.
 */
export function widenedModel(mdp: Mdp): Mdp<Float64Array> {
  if (mdp.prob instanceof Float64Array) return sharedModel(mdp as Mdp<Float64Array>);
  const prob = Float64Array.from(mdp.prob);
  for (let row = 0; row + 1 < mdp.rowPtr.length; row++) {
    const begin = mdp.rowPtr[row] as number;
    const end = mdp.rowPtr[row + 1] as number;
    let mass = 0;
    for (let e = begin; e < end; e++) mass += prob[e] as number;
    if (!(mass >= 1 - massSlack && mass <= 1 + massSlack)) continue;
    for (let e = begin; e < end; e++) prob[e] = (prob[e] as number) / mass;
  }
  return sharedModel(new Mdp({ ...mdp.tables(), prob, rewards: Float64Array.from(mdp.rewards) }));
}

/** A float64 answer in the type of the model that was asked about. */
export function narrowed<A extends RealArray>(values: RealArray, like: Mdp<A>): A {
  return (like.prob instanceof Float32Array ? Float32Array.from(values) : values) as A;
}

/** A lower bound (direction −1) or an upper one (1) likewise, rounded to its own side. */
export function narrowedBound<A extends RealArray>(
  values: RealArray,
  direction: -1 | 1,
  like: Mdp<A>,
): A {
  if (like.prob instanceof Float64Array) return values as A;
  const single = Float32Array.from(values);
  const bits = new Int32Array(single.buffer);
  single.forEach((x, i) => {
    const wrong = direction * (x - (values[i] as number)) < 0;
    if (!wrong) return;
    // The next float32: one more in its bits is one step away from 0.
    if (x === 0) single[i] = direction * 2 ** -149;
    else bits[i] = (bits[i] as number) + (x > 0 === direction > 0 ? 1 : -1);
  });
  return single as RealArray as A;
}
