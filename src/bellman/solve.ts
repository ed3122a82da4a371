import type { Engine } from '../engine.js';
import { argumentError, show } from '../errors.js';
import { averageRewardRviAsync, reachabilityAsync } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import type { RealArray, Tensor } from '../tensor.js';
import { type CheckpointOptions, checkpointSolver } from './checkpoint.js';
import type { Mdp } from './mdp.js';
import {
  chooseMethod,
  type MethodChoice,
  type SolveMethod,
  solveMethods,
  variantOf,
} from './method-choice.js';
import { PolicyIteration } from './policy-iteration.js';
import type { SolverRun } from './solver-progress.js';
import { totalReward } from './total-reward.js';
import { ValueIteration } from './value-iteration.js';

export interface SolveOptions extends SolverRun {
  /**
   * 'discounted' (default) sums discounted rewards; 'total' sums them without a discount; 'average'
   * asks for the best reward per step; 'reach' for the probability of reaching `goal`.
   */
  criterion?: 'discounted' | 'total' | 'average' | 'reach';
  /** Discount γ in [0, 1], for 'discounted'. Default 0.99. 1 is the criterion 'total'. */
  discount?: number;
  /** Goal states, for 'reach' and 'total'. */
  goal?: readonly number[] | Int32Array;
  /** Accuracy of the values, the gain or the probability. Default 1e-6. */
  tolerance?: number;
  /** Greatest (default) or least. */
  mode?: 'max' | 'min';
  /** Solver of 'discounted'. Default 'auto': chosen by a look at the first sweeps. */
  method?: 'auto' | SolveMethod;
  /** Iterations after which the solver of 'discounted' gives up. Default: that of its class. */
  maxIterations?: number;
  /** Write checkpoints, and go on from one; for 'discounted'. */
  checkpoint?: CheckpointOptions;
  /** Where the sweeps of 'discounted' are made. Default: the CPU. */
  engine?: Engine;
}

export interface SolveAnswer<A extends RealArray> {
  /** [S] V*, relative values ('average'), or probabilities ('reach'). */
  values: Tensor<A>;
  /** [S] certified bounds on V*, from value iteration with γ below 1. */
  lower?: Tensor<A>;
  upper?: Tensor<A>;
  /** [S] action, −1 where none is allowed; 'reach' gives none. */
  policy?: Tensor<Int32Array>;
  /** Average reward per step, for 'average'. */
  gain?: number;
  /** Whether the tolerance is proved. False: the answer so far. */
  converged: boolean;
  iterations: number;
  /** The method that solved it. */
  method: string;
  /** Why this one. */
  reason: string;
}

const known = [
  'criterion',
  'discount',
  'goal',
  'tolerance',
  'mode',
  'method',
  'maxIterations',
  'checkpoint',
  'engine',
  'signal',
  'onProgress',
];

const names: Readonly<Record<SolveMethod, string>> = {
  value_iteration: 'value iteration',
  in_place: 'in-place value iteration',
  topological: 'topological value iteration',
  anderson: 'Anderson-accelerated value iteration',
  elimination: 'value iteration with action elimination',
  policy_iteration: "Howard's policy iteration",
  modified_policy_iteration: 'modified policy iteration',
  inexact_policy_iteration: 'inexact policy iteration (GMRES)',
};

/**
 * Solves a model by the method that a cheap look at it suggests, and says which and why.
 *
 * ```ts
 * const { values, method, reason } = await solve(mdp, { discount: 0.9999 });
 * ```
 *
 * @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option, BELFRY_BAD_FILE for a
 * checkpoint of another model or solve
 */
export async function solve<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions = {},
): Promise<SolveAnswer<A>> {
  checkOptions('solve', options, known);
  const { criterion = 'discounted', discount = 0.99, method = 'auto' } = options;
  if (method !== 'auto' && !solveMethods.includes(method)) {
    const expected = ['auto', ...solveMethods].join(', ');
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'solve',
      'method',
      `is ${show(method)}`,
      expected,
    );
  }
  if (criterion === 'discounted' && (discount < 1 || method !== 'auto')) {
    return discounted(mdp, options);
  }
  if (options.checkpoint !== undefined) {
    const what = 'is given';
    const expected = "criterion 'discounted' with a discount below 1";
    throw argumentError('BELFRY_INVALID_ARGUMENT', 'solve', 'checkpoint', what, expected);
  }
  if (criterion === 'average') return average(mdp, options);
  if (criterion === 'reach') return reach(mdp, options);
  const { goal, tolerance = 1e-6, mode = 'max' } = options;
  return totalReward(mdp, { ...(goal && { goal }), tolerance, mode, run: runOptions(options) });
}

/** What an async call takes of the options. */
function runOptions({ signal, onProgress }: SolveOptions): AsyncOptions {
  return { ...(signal && { signal }), ...(onProgress && { onProgress }) };
}

async function discounted<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { discount = 0.99, tolerance = 1e-6, mode = 'max', method = 'auto' } = options;
  const choice = await choose(mdp, { ...options, discount, tolerance, mode, method });
  if (choice.answer !== undefined) {
    const { reason, sweeps: iterations, method: found } = choice;
    return { ...choice.answer, converged: true, iterations, method: names[found], reason };
  }
  const answer = await solveBy(mdp, choice, { ...options, discount, tolerance, mode });
  if (answer.converged || method !== 'auto' || variantOf[choice.method] !== undefined) {
    return answer;
  }
  // A policy that could not be evaluated: sweeps can always go on.
  const reason = `${answer.method} did not come to an end`;
  const sweeps: MethodChoice<A> = { method: 'value_iteration', reason, sweeps: 0 };
  const { checkpoint: _, ...rest } = options;
  return solveBy(mdp, sweeps, { ...rest, discount, tolerance, mode });
}

/** The method that was asked for, that of the checkpoint to go on from, or the one to suit. */
async function choose<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions & { discount: number; tolerance: number; mode: 'max' | 'min' },
): Promise<MethodChoice<A>> {
  const { method = 'auto', checkpoint } = options;
  if (method !== 'auto') return { method, reason: 'asked for', sweeps: 0 };
  const begun = checkpoint?.resume === true ? await checkpointSolver(checkpoint.file) : undefined;
  const found = solveMethods.find((name) => begun !== undefined && begun === solverOf(name));
  if (found !== undefined) {
    return { method: found, reason: 'the checkpoint goes on with it', sweeps: 0 };
  }
  const { discount, tolerance, mode } = options;
  return chooseMethod(mdp, { discount, tolerance, mode }, runOptions(options));
}

const policyVariants = {
  policy_iteration: 'howard',
  modified_policy_iteration: 'modified',
  inexact_policy_iteration: 'inexact',
} as const;

/** Class and variant of a method, as a checkpoint names them. */
function solverOf(method: SolveMethod): string {
  const variant = variantOf[method];
  if (variant !== undefined) return `ValueIteration ${variant}`;
  return `PolicyIteration ${policyVariants[method as keyof typeof policyVariants]}`;
}

async function solveBy<A extends RealArray>(
  mdp: Mdp<A>,
  { method, reason, initialValues, sweeps }: MethodChoice<A>,
  options: SolveOptions & { discount: number; tolerance: number; mode: 'max' | 'min' },
): Promise<SolveAnswer<A>> {
  const { discount, tolerance, mode, maxIterations, checkpoint, engine } = options;
  const common = {
    discount,
    mode,
    ...(maxIterations !== undefined && { maxIterations }),
    ...(checkpoint !== undefined && { checkpoint }),
  };
  const run = runOptions(options);
  const found = { method: names[method], reason };
  const variant = variantOf[method];
  if (variant !== undefined) {
    const solver = new ValueIteration(mdp, {
      ...common,
      tolerance,
      variant,
      ...(engine && { engine }),
    });
    const answer = await solver.solve({ ...run, ...(initialValues && { initialValues }) });
    const { values, lower, upper, policy, converged, iterations } = answer;
    // Without a discount a small change of a sweep proves no bound.
    const proved = converged && discount < 1;
    const bounds = { lower, upper };
    return {
      values,
      ...bounds,
      policy,
      converged: proved,
      iterations: sweeps + iterations,
      ...found,
    };
  }
  const policyVariant = policyVariants[method as keyof typeof policyVariants];
  const accuracy =
    policyVariant === 'inexact' ? tolerance * Math.max(1 - discount, 1e-9) : tolerance;
  const solver = new PolicyIteration(mdp, {
    ...common,
    variant: policyVariant,
    tolerance: accuracy,
  });
  const { values, policy, converged, iterations } = await solver.solve(run);
  return { values, policy, converged, iterations, ...found };
}

async function average<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { tolerance = 1e-6, mode = 'max' } = options;
  const answer = await averageRewardRviAsync({
    ...mdp.operands(),
    mode,
    stopSpan: 2 * tolerance,
    ...runOptions(options),
  });
  return {
    values: answer.biasRel,
    policy: answer.policy,
    gain: answer.gain,
    converged: answer.converged === 1,
    iterations: answer.iterations,
    method: 'relative value iteration',
    reason:
      answer.notUnichain === 1
        ? 'average reward; the gain depends on the start, so that there are bounds only'
        : 'average reward, with certified bounds of the gain',
  };
}

async function reach<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { goal = [], tolerance = 1e-6, mode = 'max' } = options;
  const { prob, lower, upper, converged, iterations } = await reachabilityAsync({
    ...mdp.operands(),
    goal,
    mode,
    eps: 2 * tolerance,
    outputs: ['prob', 'lower', 'upper', 'converged', 'iterations'],
    ...runOptions(options),
  });
  return {
    values: prob,
    lower,
    upper,
    converged: converged === 1,
    iterations,
    method: 'reachability by bounds from both sides',
    reason: 'probability of reaching a goal, which small changes of a sweep cannot prove',
  };
}
