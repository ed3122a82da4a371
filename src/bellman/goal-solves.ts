/** Calls of the ops on goals: in one piece, or with checkpoints between slices. */
import { createHash } from 'node:crypto';

import type { AsyncOptions } from '../tasks.js';
import { type RealArray, Tensor } from '../tensor.js';
import type { CheckpointOptions, SolverState } from './checkpoint.js';
import type { Mdp } from './mdp.js';
import { narrowed, narrowedBound, solveInSlices } from './slices.js';

/** How probabilities and costs are bounded. */
export const goalMethods = ['interval_iteration', 'optimistic_value_iteration'] as const;
export type GoalMethod = (typeof goalMethods)[number];

/** For the line that says how it was solved. */
export function byMethod(stop: GoalMethod, what: string, otherwise: string): string {
  return stop === 'optimistic_value_iteration'
    ? `${what} by optimistic value iteration`
    : `${what}${otherwise}`;
}

export interface GoalSolve {
  /** The model that a checkpoint belongs to. */
  mdp: Mdp;
  /** Class, variant and the options that shape the iterates. */
  solver: Record<string, unknown>;
  /** The asynchronous op. */
  call: (args: never) => Promise<unknown>;
  args: object;
  outputs: readonly string[];
  checkpoint?: CheckpointOptions;
  run: AsyncOptions;
}

interface Paused {
  paused: number;
  stopState: Tensor<Float64Array>;
  iterates: Tensor<Float64Array>;
  iteratePolicy: Tensor<Int32Array>;
}

/** The result of an op that can pause; its operands are float64. */
export async function solveGoal<R>(solve: GoalSolve): Promise<R> {
  const { mdp, solver, args, outputs, checkpoint, run } = solve;
  const call = solve.call as (args: object) => Promise<R & Paused>;
  if (checkpoint === undefined) return call({ ...args, outputs, ...run });
  const all = [...outputs, 'paused', 'stopState', 'iterates', 'iteratePolicy'];
  const { result } = await solveInSlices<R & Paused>({
    op: 'solve',
    mdp,
    solver,
    maxIterations: Number.POSITIVE_INFINITY,
    multiple: 1,
    checkpoint,
    run,
    slice: async (state, length, options) => {
      const result = await call({
        ...args,
        ...(state && resumed(state)),
        pauseAfter: length,
        outputs: all,
        ...options,
      });
      const { paused, stopState, iterates, iteratePolicy } = result;
      return {
        result,
        iterations: length,
        ended: paused === 0,
        arrays: {
          stop_state: stopState.data,
          iterates: iterates.data,
          iterate_policy: iteratePolicy.data,
        },
      };
    },
  });
  return result;
}

function resumed({ arrays }: SolverState): object {
  const iterates = arrays['iterates'] as Float64Array;
  return {
    stopState: arrays['stop_state'],
    iterates: { data: iterates, shape: [4, iterates.length / 4] },
    iteratePolicy: arrays['iterate_policy'],
  };
}

/** Goal states as a checkpoint names them. */
export function goalsDigest(goal: ArrayLike<number>): string {
  return createHash('sha256').update(Int32Array.from(goal)).digest('hex');
}

/** A float64 answer in the type of the model that was asked about, its bounds rounded outwards. */
export function narrowedAnswer<
  A extends RealArray,
  S extends { values: Tensor<RealArray>; lower?: Tensor<RealArray>; upper?: Tensor<RealArray> },
>(answer: S, like: Mdp<A>): Omit<S, 'values' | 'lower' | 'upper'> & AnswerTensors<A> {
  const { values, lower, upper, ...rest } = answer;
  return {
    ...rest,
    values: new Tensor(narrowed(values.data, like), values.shape),
    ...(lower && { lower: new Tensor(narrowedBound(lower.data, -1, like), lower.shape) }),
    ...(upper && { upper: new Tensor(narrowedBound(upper.data, 1, like), upper.shape) }),
  };
}

interface AnswerTensors<A extends RealArray> {
  values: Tensor<A>;
  lower?: Tensor<A>;
  upper?: Tensor<A>;
}
