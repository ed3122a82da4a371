/** `solve` for the models and horizons that have a solver of their own. */
import { argumentError } from '../errors.js';
import type { RealArray } from '../tensor.js';
import { BackwardInduction } from './backward-induction.js';
import { BatchValueIteration } from './batch-value-iteration.js';
import type { SingleMdp } from './mdp.js';
import type { MdpBatch } from './models/batch.js';
import type { SharedMdp } from './models/shared.js';
import type { TimedMdp } from './models/timed.js';
import type { SolveAnswer, SolveOptions } from './solve.js';
import { methodNames, type SolveMethod } from './solve-methods.js';
import { runOf } from './solver-progress.js';

/** Of many models: value iteration of all at once. */
export async function solveBatch<A extends RealArray>(
  mdp: MdpBatch<A> | SharedMdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const asked = { kind: mdp.kind, criteria: ['discounted'], only: 'value_iteration' } as const;
  requireAnswerable(options, asked);
  const { discount = 0.99, tolerance = 1e-6, mode = 'max', maxIterations } = options;
  const solver = new BatchValueIteration(mdp, {
    discount,
    tolerance,
    mode,
    ...(maxIterations !== undefined && { maxIterations }),
  });
  const answer = await solver.solve(runOf(options));
  const { values, lower, upper, policy, converged, iterations } = answer;
  const what = mdp.kind === 'batch' ? 'models' : 'reward functions';
  return {
    values,
    lower,
    upper,
    policy,
    converged,
    iterations,
    method: 'value iteration of all at once',
    reason: `${mdp.numModels} ${what}: their sweeps share the threads, and each is certified`,
  };
}

/** Over a fixed number of steps. */
export async function solveHorizon<A extends RealArray>(
  mdp: SingleMdp<A> | TimedMdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const criteria = ['discounted', 'total'];
  requireAnswerable(options, { kind: mdp.kind, criteria, only: 'backward_induction' });
  const { criterion, horizon, mode = 'max' } = options;
  const discount = criterion === 'total' ? 1 : (options.discount ?? 1);
  if (typeof discount !== 'number') throw oneDiscount();
  const solver = new BackwardInduction(mdp, {
    discount,
    mode,
    ...(horizon !== undefined && { horizon }),
  });
  const { values, policy } = await solver.solve(runOf(options));
  return {
    values,
    policy,
    converged: true,
    iterations: solver.options.horizon,
    method: methodNames.backward_induction,
    reason: `${solver.options.horizon} steps: one backup each, from the last, is exact`,
  };
}

/** Only a batch takes a list of discounts. */
export function oneDiscount(): Error {
  const expected = 'one number: the model is one';
  const received = 'is a list';
  return argumentError('BELFRY_INVALID_ARGUMENT', 'solve', 'discount', received, expected);
}

/** A question that the only method of a kind answers. */
function requireAnswerable(
  {
    criterion = 'discounted',
    method = 'auto',
    stop,
    checkpoint,
    goal,
    maxIterations,
  }: SolveOptions,
  { kind, criteria, only }: { kind: string; criteria: readonly string[]; only: SolveMethod },
): void {
  const where = `of models of kind '${kind}' or with a horizon`;
  if (!criteria.includes(criterion)) {
    throw refused('criterion', `is '${criterion}'`, `${criteria.join(' or ')} ${where}`);
  }
  if (method !== 'auto' && method !== only) {
    throw refused('method', `is '${method}'`, `${only} ${where}`);
  }
  if (stop !== undefined) throw refused('stop', `is '${stop}'`, `none ${where}`);
  if (checkpoint !== undefined) throw refused('checkpoint', 'is given', `none ${where}`);
  if (goal !== undefined) throw refused('goal', 'is given', `none ${where}`);
  if (only === 'backward_induction' && maxIterations !== undefined) {
    throw refused(
      'maxIterations',
      `is ${maxIterations}`,
      'none: the horizon is the number of steps',
    );
  }
}

function refused(option: string, received: string, expected: string): Error {
  return argumentError('BELFRY_INVALID_ARGUMENT', 'solve', option, received, expected);
}
