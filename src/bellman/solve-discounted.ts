/** `solve` of one model with a discount, by the method asked for or the one to suit. */
import type { RealArray } from '../tensor.js';
import { checkpointSolver } from './checkpoint.js';
import type { Mdp } from './mdp.js';
import { chooseMethod, type MethodChoice } from './method-choice.js';
import { requireSolveMemory } from './models/memory.js';
import { PolicyIteration } from './policy-iteration.js';
import type { SolveAnswer, SolveOptions } from './solve.js';
import {
  methodNames,
  policyVariants,
  type SolveMethod,
  solveMethods,
  sweepVariants,
} from './solve-methods.js';
import { runOf } from './solver-progress.js';
import { ValueIteration } from './value-iteration.js';

/** With one discount, and the defaults filled in. */
export type DiscountedOptions = SolveOptions & {
  discount: number;
  tolerance: number;
  mode: 'max' | 'min';
};

export async function solveDiscounted<A extends RealArray>(
  mdp: Mdp<A>,
  options: DiscountedOptions,
): Promise<SolveAnswer<A>> {
  const { method = 'auto' } = options;
  const choice = await choose(mdp, options);
  if (choice.answer !== undefined) {
    const { reason, sweeps: iterations } = choice;
    const found = { converged: true, iterations, method: methodNames[choice.method], reason };
    return { ...choice.answer, ...found };
  }
  const answer = await solveBy(mdp, choice, options);
  if (answer.converged || method !== 'auto' || sweepVariants[choice.method] !== undefined) {
    return answer;
  }
  // A policy that could not be evaluated: sweeps can always go on.
  const reason = `${answer.method} did not come to an end`;
  const sweeps: MethodChoice<A> = { method: 'value_iteration', reason, sweeps: 0 };
  const { checkpoint: _, ...rest } = options;
  return solveBy(mdp, sweeps, rest);
}

/** The method that was asked for, that of the checkpoint to go on from, or the one to suit. */
async function choose<A extends RealArray>(
  mdp: Mdp<A>,
  options: DiscountedOptions,
): Promise<MethodChoice<A>> {
  const { method = 'auto', checkpoint } = options;
  if (method !== 'auto') return { method, reason: 'asked for', sweeps: 0 };
  const begun = checkpoint?.resume === true ? await checkpointSolver(checkpoint.file) : undefined;
  const found = solveMethods.find((name) => begun !== undefined && begun === solverOf(name));
  if (found !== undefined) {
    return { method: found, reason: 'the checkpoint goes on with it', sweeps: 0 };
  }
  if (mdp.device === 'cuda') {
    const reason = 'the model lies on a GPU, which makes synchronous sweeps';
    return { method: 'value_iteration', reason, sweeps: 0 };
  }
  return chooseMethod(mdp, options, runOf(options));
}

/** Class and variant of a method, as a checkpoint names them. */
export function solverOf(method: SolveMethod): string {
  const variant = sweepVariants[method];
  if (variant !== undefined) return `ValueIteration ${variant}`;
  if (method === 'deterministic') return `ValueIteration ${method}`;
  return `PolicyIteration ${policyVariants[method]}`;
}

async function solveBy<A extends RealArray>(
  mdp: Mdp<A>,
  choice: MethodChoice<A>,
  options: DiscountedOptions,
): Promise<SolveAnswer<A>> {
  requireSolveMemory(mdp, { method: choice.method });
  return sweepVariants[choice.method] === undefined
    ? byPolicies(mdp, choice, options)
    : bySweeps(mdp, choice, options);
}

/** What both classes take. */
function common({ discount, mode, maxIterations, checkpoint }: DiscountedOptions) {
  return {
    discount,
    mode,
    ...(maxIterations !== undefined && { maxIterations }),
    ...(checkpoint !== undefined && { checkpoint }),
  };
}

async function bySweeps<A extends RealArray>(
  mdp: Mdp<A>,
  { method, reason, initialValues, sweeps }: MethodChoice<A>,
  options: DiscountedOptions,
): Promise<SolveAnswer<A>> {
  const { discount, tolerance } = options;
  const variant = sweepVariants[method] ?? 'synchronous';
  const solver = new ValueIteration(mdp, { ...common(options), tolerance, variant });
  const start = initialValues && { initialValues };
  const answer = await solver.solve({ ...runOf(options), ...start });
  const { values, lower, upper, policy, converged, iterations } = answer;
  return {
    values,
    lower,
    upper,
    policy,
    // Without a discount a small change of a sweep proves no bound.
    converged: converged && discount < 1,
    iterations: sweeps + iterations,
    method: methodNames[method],
    reason,
  };
}

async function byPolicies<A extends RealArray>(
  mdp: Mdp<A>,
  { method, reason }: MethodChoice<A>,
  options: DiscountedOptions,
): Promise<SolveAnswer<A>> {
  const { discount } = options;
  const variant = policyVariants[method] ?? 'howard';
  // The inexact variant bounds the Bellman residual, 1 − γ times the error.
  const scale = variant === 'inexact' ? Math.max(1 - discount, 1e-9) : 1;
  const tolerance = options.tolerance * scale;
  const solver = new PolicyIteration(mdp, { ...common(options), variant, tolerance });
  const { values, policy, converged, iterations } = await solver.solve(runOf(options));
  return { values, policy, converged, iterations, method: methodNames[method], reason };
}
