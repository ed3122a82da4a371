/** `solve` for the average reward per step and the probability of reaching a goal. */
import {
  type AverageRewardRviResult,
  averageRewardRviAsync,
  type ReachabilityProbabilityResult,
  reachabilityAsync,
} from '../generated/bellman.js';
import type { AsyncOptions } from '../tasks.js';
import type { RealArray } from '../tensor.js';
import type { SolverState } from './checkpoint.js';
import { byMethod, goalsDigest, narrowedAnswer, solveGoal } from './goal-solves.js';
import type { Mdp } from './mdp.js';
import { narrowedBound, type Slice, solveInSlices, widenedModel } from './slices.js';
import type { SolveAnswer, SolveOptions } from './solve.js';
import { runOf } from './solver-progress.js';

type Average = Pick<
  AverageRewardRviResult<Float64Array>,
  | 'gain'
  | 'gainLower'
  | 'gainUpper'
  | 'biasRel'
  | 'policy'
  | 'converged'
  | 'notUnichain'
  | 'iterations'
  | 'stopState'
>;

const averageOutputs = [
  'gain',
  'gainLower',
  'gainUpper',
  'biasRel',
  'policy',
  'converged',
  'notUnichain',
  'iterations',
  'stopState',
] as const;

/** Best average per step, by relative value iteration. */
export async function solveAverage<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { tolerance = 1e-6, mode = 'max', maxIterations = 1_000_000, checkpoint } = options;
  const model = widenedModel(mdp);
  const call = (part: object, run: AsyncOptions): Promise<Average> =>
    averageRewardRviAsync({
      ...model.operands(),
      mode,
      stopSpan: 2 * tolerance,
      outputs: averageOutputs,
      ...part,
      ...run,
    });
  const run = runOf(options);
  const { result: found, iterations } =
    checkpoint === undefined
      ? await call({ maxIterations }, run).then((result) => ({ result, ...result }))
      : await solveInSlices<Average>({
          op: 'solve',
          mdp,
          solver: { class: 'AverageReward', variant: 'relative', mode },
          maxIterations,
          multiple: 1,
          checkpoint,
          run,
          slice: async (state, length, options) =>
            sliceOf(await call({ maxIterations: length, ...goingOn(state) }, options), length),
        });
  const bound = (x: number, direction: -1 | 1): number =>
    narrowedBound(Float64Array.of(x), direction, mdp)[0] as number;
  const answer = {
    values: found.biasRel,
    policy: found.policy,
    gain: mdp.prob instanceof Float32Array ? Math.fround(found.gain) : found.gain,
    gainLower: bound(found.gainLower, -1),
    gainUpper: bound(found.gainUpper, 1),
    converged: found.converged === 1,
    iterations,
    method: 'relative value iteration',
    reason:
      found.notUnichain === 1
        ? 'average reward; the gain depends on the start, so that there are bounds only'
        : 'average reward, with certified bounds of the gain',
  };
  return narrowedAnswer(answer, mdp);
}

function goingOn(state: SolverState | undefined): object {
  if (state === undefined) return {};
  const { arrays } = state;
  return { initialValues: arrays['relative_values'], stopState: arrays['stop_state'] };
}

function sliceOf(result: Average, length: number): Slice<Average> {
  const { converged, notUnichain, iterations, gainLower, gainUpper } = result;
  const ended = converged === 1 || notUnichain === 1 || iterations < length;
  return {
    result,
    iterations,
    ended: ended || !Number.isFinite(gainUpper - gainLower),
    arrays: {
      relative_values: result.biasRel.data,
      stop_state: result.stopState.data,
      policy: result.policy.data,
    },
  };
}

/** Probability of reaching a goal, between bounds. */
export async function solveReach<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { goal = [], tolerance = 1e-6, mode = 'max', maxIterations, checkpoint } = options;
  const { stop = 'interval_iteration' } = options;
  const { prob, lower, upper, converged, iterations } = await solveGoal<
    ReachabilityProbabilityResult<Float64Array>
  >({
    mdp,
    solver: {
      class: 'Reachability',
      variant: stop,
      ...{ mode, tolerance, goal: goalsDigest(goal) },
    },
    call: reachabilityAsync,
    args: {
      ...widenedModel(mdp).operands(),
      goal,
      mode,
      stop,
      eps: 2 * tolerance,
      ...(maxIterations !== undefined && { maxIterations }),
    },
    outputs: ['prob', 'lower', 'upper', 'converged', 'iterations'],
    ...(checkpoint !== undefined && { checkpoint }),
    run: runOf(options),
  });
  const answer = {
    values: prob,
    lower,
    upper,
    converged: converged === 1,
    iterations,
    method: byMethod(stop, 'reachability', ' by bounds from both sides'),
    reason: 'probability of reaching a goal, which small changes of a sweep cannot prove',
  };
  return narrowedAnswer(answer, mdp);
}
