import type { Engine } from '../engine.js';
import { argumentError, show } from '../errors.js';
import { checkOptions } from '../options.js';
import type { RealArray, Tensor } from '../tensor.js';
import type { CheckpointOptions } from './checkpoint.js';
import { type GoalMethod, goalMethods } from './goal-solves.js';
import { type AnyMdp, Mdp, type SingleMdp } from './mdp.js';
import { requireSolveMemory } from './models/memory.js';
import { requireKind, singleKinds } from './models/model.js';
import { solveDeterministic } from './solve-deterministic.js';
import { solveDiscounted } from './solve-discounted.js';
import { solveAverage, solveReach } from './solve-goals.js';
import { oneDiscount, solveBatch, solveHorizon } from './solve-kinds.js';
import { type SolveMethod, solveMethods } from './solve-methods.js';
import { runOf, type SolverRun } from './solver-progress.js';
import { totalReward } from './total-reward.js';

export interface SolveOptions extends SolverRun {
  /**
   * 'discounted' (default) sums discounted rewards; 'total' sums them without a discount; 'average'
   * asks for the best reward per step; 'reach' for the probability of reaching `goal`.
   */
  criterion?: 'discounted' | 'total' | 'average' | 'reach';
  /**
   * Discount γ in [0, 1], for 'discounted'; of a batch also a list, one for each model. Default
   * 0.99; with a horizon 1. 1 is the criterion 'total'.
   */
  discount?: number | ArrayLike<number>;
  /** Steps after which all ends; a time-dependent model has its own. Default: never. */
  horizon?: number;
  /** Goal states, for 'reach' and 'total'. */
  goal?: readonly number[] | Int32Array;
  /**
   * Accuracy of the values, the gain or the probability; of totals above one, as a part of them.
   * Default 1e-6.
   */
  tolerance?: number;
  /** Greatest (default) or least. */
  mode?: 'max' | 'min';
  /**
   * Solver of 'discounted'. Default 'auto': chosen by a look at the first sweeps. A batch is solved
   * by 'value_iteration' and a horizon by 'backward_induction' alone.
   */
  method?: 'auto' | SolveMethod;
  /**
   * How 'reach' and 'total' are bounded: by policies and sweeps of both bounds (default), or by
   * sweeps alone with an upper bound that is guessed and proved.
   */
  stop?: GoalMethod;
  /** Iterations after which the solver gives up. Default: that of its class or op. */
  maxIterations?: number;
  /** Write checkpoints, and go on from one; for a single model without a horizon. */
  checkpoint?: CheckpointOptions;
  /** Where the sweeps of 'discounted' are made. Default: where the model lies. */
  engine?: Engine;
}

export interface SolveAnswer<A extends RealArray> {
  /**
   * [S] V*, relative values ('average'), or probabilities ('reach'); [H + 1, S] with a horizon;
   * [B, S] of many reward functions.
   */
  values: Tensor<A>;
  /**
   * Certified bounds, as `values`: from value iteration with γ below 1, from 'reach', and from
   * 'total' where rewards only cost, or only pay and nothing is paid for ever.
   */
  lower?: Tensor<A>;
  upper?: Tensor<A>;
  /** [S] action, −1 where none is allowed; 'reach' gives none. With a horizon [H, S]. */
  policy?: Tensor<Int32Array>;
  /** Average reward per step, for 'average'. */
  gain?: number;
  /** Certified bounds of the gain. */
  gainLower?: number;
  gainUpper?: number;
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
  'horizon',
  'goal',
  'tolerance',
  'mode',
  'method',
  'stop',
  'maxIterations',
  'checkpoint',
  'engine',
  'signal',
  'onProgress',
];

/**
 * Solves a model of any kind by the method that a cheap look at it suggests, and says which and
 * why.
 *
 * ```ts
 * const { values, method, reason } = await solve(mdp, { discount: 0.9999 });
 * ```
 *
 * @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option, or a question that this kind of
 * model has no answer to; BELFRY_OUT_OF_MEMORY before anything is allocated; BELFRY_BAD_FILE for a
 * checkpoint of another model or solve
 */
export async function solve<A extends RealArray>(
  model: AnyMdp<A>,
  options: SolveOptions = {},
): Promise<SolveAnswer<A>> {
  checkOptions('solve', options, known);
  requireKind('solve', model, [...singleKinds, 'batch', 'shared', 'timed']);
  requireOneOf('criterion', options.criterion, ['discounted', 'total', 'average', 'reach']);
  requireOneOf('method', options.method, ['auto', ...solveMethods]);
  requireOneOf('stop', options.stop, goalMethods);
  const { method = 'auto', horizon = Number.NaN } = options;
  requireSolveMemory(model, {
    ...(method !== 'auto' && { method }),
    ...(Number.isInteger(horizon) && { horizon }),
  });
  if (model.kind === 'batch' || model.kind === 'shared') {
    return placed(model, options, (mdp) => solveBatch(mdp, options));
  }
  if (model.kind === 'timed' || options.horizon !== undefined) {
    return placed(model, options, (mdp) => solveHorizon(mdp, options));
  }
  return single(model, options);
}

/** Of one model, without an end in time. */
async function single<A extends RealArray>(
  model: SingleMdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { criterion = 'discounted', discount = 0.99, method = 'auto' } = options;
  const { tolerance = 1e-6, mode = 'max' } = options;
  if (typeof discount !== 'number') throw oneDiscount();
  if (method === 'backward_induction') throw refused('method', `is '${method}'`, 'a horizon too');
  const { stop } = options;
  const discounted = criterion === 'discounted' && (discount < 1 || method !== 'auto');
  if (stop !== undefined && (discounted || criterion === 'average')) {
    throw refused('stop', `is '${stop}'`, "none but with criterion 'reach' or 'total'");
  }
  if (discounted) {
    const filled = { ...options, discount, tolerance, mode };
    const answer = await solveDeterministic(model, filled);
    if (answer !== undefined) return answer;
    return placed(model.toSparse(), options, (mdp) => solveDiscounted(mdp, filled));
  }
  if (method !== 'auto') {
    throw refused('method', `is '${method}'`, `'auto' with criterion '${criterion}'`);
  }
  const mdp = onHost(model);
  if (criterion === 'average') return solveAverage(mdp, options);
  if (criterion === 'reach') return solveReach(mdp, options);
  const { goal, maxIterations, checkpoint } = options;
  return totalReward(mdp, {
    ...(goal && { goal }),
    ...{ tolerance, mode, stop: stop ?? 'interval_iteration', run: runOf(options) },
    ...(maxIterations !== undefined && { maxIterations }),
    ...(checkpoint !== undefined && { checkpoint }),
  });
}

/** Solves where `engine` says; a copy on a GPU is given back. */
async function placed<M extends { to(device: 'cuda', index: number): M; dispose(): void }, R>(
  model: M,
  { engine }: SolveOptions,
  solver: (model: M) => Promise<R>,
): Promise<R> {
  if (engine?.device !== 'cuda') return solver(model);
  const copy = model.to('cuda', engine.index);
  try {
    return await solver(copy);
  } finally {
    if (copy !== model) copy.dispose();
  }
}

/** Sparse rows in host memory: the other criteria are answered there. */
function onHost<A extends RealArray>(model: SingleMdp<A>): Mdp<A> {
  const mdp = model.toSparse();
  return mdp.engine === undefined ? mdp : new Mdp(mdp.tables(), { canEnd: mdp.canEnd });
}

function requireOneOf(option: string, value: string | undefined, words: readonly string[]): void {
  if (value !== undefined && !words.includes(value)) {
    throw refused(option, `is ${show(value)}`, words.join(', '));
  }
}

function refused(option: string, received: string, expected: string): Error {
  return argumentError('BELFRY_INVALID_ARGUMENT', 'solve', option, received, expected);
}
