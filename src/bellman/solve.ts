import { averageRewardRviAsync, reachabilityAsync } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { AsyncOptions } from '../tasks.js';
import type { RealArray, Tensor } from '../tensor.js';
import type { AnyMdp, Mdp } from './mdp.js';
import { estimateSolveBytes, requireMemory } from './models/memory.js';
import { requireKind, singleKinds } from './models/model.js';
import { PolicyIteration } from './policy-iteration.js';
import { oneDiscount, solveBatch, solveHorizon } from './solve-kinds.js';
import { ValueIteration } from './value-iteration.js';

export interface SolveOptions extends AsyncOptions {
  /**
   * 'discounted' (default) sums discounted rewards; 'average' asks for the best reward per step;
   * 'reach' for the probability of reaching `goal`.
   */
  criterion?: 'discounted' | 'average' | 'reach';
  /**
   * Discount γ in [0, 1], for 'discounted'; of a batch also a list, one for each model. Default
   * 0.99; with a horizon 1.
   */
  discount?: number | ArrayLike<number>;
  /** Steps after which all ends; a time-dependent model has its own. Default: never. */
  horizon?: number;
  /** Goal states, for 'reach'. */
  goal?: readonly number[] | Int32Array;
  /** Accuracy of the values, the gain or the probability. Default 1e-6. */
  tolerance?: number;
  /** Greatest (default) or least. */
  mode?: 'max' | 'min';
}

export interface SolveAnswer<A extends RealArray> {
  /**
   * [S] V*, relative values ('average'), or probabilities ('reach'); [H + 1, S] with a horizon;
   * [B, S] of many reward functions.
   */
  values: Tensor<A>;
  /** [S] action, −1 where none is allowed; 'reach' gives none. With a horizon [H, S]. */
  policy?: Tensor<Int32Array>;
  /** Average reward per step, for 'average'. */
  gain?: number;
  /** Whether the tolerance is proved. False: the answer so far. */
  converged: boolean;
  iterations: number;
  /** The op that solved it. */
  method: string;
  /** Why this one. */
  why: string;
}

const known = [
  'criterion',
  'discount',
  'horizon',
  'goal',
  'tolerance',
  'mode',
  'signal',
  'onProgress',
];

/**
 * Solves a model of any kind by the method a look at its size and discount suggests, and says which
 * and why.
 *
 * ```ts
 * const { values, method, why } = await solve(mdp, { discount: 0.9999 });
 * ```
 *
 * @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option, or a question that this kind of
 * model has no answer to; BELFRY_OUT_OF_MEMORY before anything is allocated
 */
export async function solve<A extends RealArray>(
  model: AnyMdp<A>,
  options: SolveOptions = {},
): Promise<SolveAnswer<A>> {
  checkOptions('solve', options, known);
  requireKind('solve', model, [...singleKinds, 'batch', 'shared', 'timed']);
  const { total, model: held } = estimateSolveBytes(model);
  requireMemory('solve', total - held);
  if (model.kind === 'batch' || model.kind === 'shared') return solveBatch(model, options);
  if (model.kind === 'timed' || options.horizon !== undefined) return solveHorizon(model, options);
  const mdp = model.toSparse();
  const { criterion = 'discounted' } = options;
  if (criterion === 'average') return average(mdp, options);
  if (criterion === 'reach') return reach(mdp, options);
  return discounted(mdp, options);
}

/** What an async call takes of the options. */
function runOptions({ signal, onProgress }: SolveOptions): AsyncOptions {
  return { ...(signal && { signal }), ...(onProgress && { onProgress }) };
}

/**
 * Sweeps of value iteration until γ^n reaches the tolerance, the most they can take; a policy costs
 * about as much as some tens of sweeps, and few are needed whatever the discount.
 */
function sweepsNeeded(discount: number, tolerance: number): number {
  return discount < 1
    ? Math.ceil(Math.log(tolerance) / Math.log(discount))
    : Number.POSITIVE_INFINITY;
}

async function discounted<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { discount = 0.99, tolerance = 1e-6, mode = 'max' } = options;
  if (typeof discount !== 'number') throw oneDiscount();
  const sweeps = sweepsNeeded(discount, tolerance);
  const small = mdp.numStates < 512;
  const run = runOptions(options);
  // Policy iteration has no kernel on a GPU.
  if (discount < 1 && mdp.device === 'cpu' && (small || sweeps > 3000)) {
    const solver = small
      ? new PolicyIteration(mdp, { discount, mode })
      : new PolicyIteration(mdp, {
          discount,
          mode,
          variant: 'inexact',
          tolerance: tolerance * (1 - discount),
        });
    const { values, policy, converged, iterations } = await solver.solve(run);
    const why = small
      ? `${mdp.numStates} states: exact evaluation of each policy is cheap`
      : `a discount of ${discount} may take ${sweeps} sweeps of value iteration`;
    const method = small ? "Howard's policy iteration" : 'inexact policy iteration (GMRES)';
    if (converged) return { values, policy, converged, iterations, method, why };
  }
  const solver = new ValueIteration(mdp, { discount, tolerance, mode });
  const { values, policy, converged, iterations } = await solver.solve(run);
  const why =
    discount < 1
      ? `at most about ${sweeps} sweeps, each certified`
      : 'no discount: sweeps until they change nothing, which proves no bound';
  return {
    values,
    policy,
    converged: converged && discount < 1,
    iterations,
    method: 'value iteration',
    why,
  };
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
    why:
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
  const { prob, converged, iterations } = await reachabilityAsync({
    ...mdp.operands(),
    goal,
    mode,
    eps: 2 * tolerance,
    outputs: ['prob', 'converged', 'iterations'],
    ...runOptions(options),
  });
  return {
    values: prob,
    converged: converged === 1,
    iterations,
    method: 'reachability by bounds from both sides',
    why: 'probability of reaching a goal, which small changes of a sweep cannot prove',
  };
}
