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

/** Of many models: value iteration of all at once. */
export async function solveBatch<A extends RealArray>(
  mdp: MdpBatch<A> | SharedMdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  requireDiscounted(options, mdp.kind);
  const { discount = 0.99, tolerance = 1e-6, mode = 'max' } = options;
  const solver = new BatchValueIteration(mdp, { discount, tolerance, mode });
  const { values, policy, converged, iterations } = await solver.solve(runOf(options));
  const what = mdp.kind === 'batch' ? 'models' : 'reward functions';
  return {
    values,
    policy,
    converged,
    iterations,
    method: 'value iteration of all at once',
    why: `${mdp.numModels} ${what}: their sweeps share the threads, and each is certified`,
  };
}

/** Over a fixed number of steps. */
export async function solveHorizon<A extends RealArray>(
  mdp: SingleMdp<A> | TimedMdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  requireDiscounted(options, mdp.kind);
  const { discount = 1, horizon, mode = 'max' } = options;
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
    method: 'backward induction',
    why: `${solver.options.horizon} steps: one backup each, from the last, is exact`,
  };
}

/** Only a batch takes a list of discounts. */
export function oneDiscount(): Error {
  const expected = 'one number: the model is one';
  const received = 'is a list';
  return argumentError('BELFRY_INVALID_ARGUMENT', 'solve', 'discount', received, expected);
}

function requireDiscounted({ criterion }: SolveOptions, kind: string): void {
  if (criterion === undefined || criterion === 'discounted') return;
  const expected = `'discounted', all that models of kind '${kind}' or a horizon allow`;
  const received = `is '${criterion}'`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', 'solve', 'criterion', received, expected);
}

function runOf({ signal, onProgress }: SolveOptions): Pick<SolveOptions, 'signal' | 'onProgress'> {
  return { ...(signal && { signal }), ...(onProgress && { onProgress }) };
}
