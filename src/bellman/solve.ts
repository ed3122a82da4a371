import type { Engine } from '../engine.js';
import { argumentError, show } from '../errors.js';
import { averageRewardRviAsync, reachabilityAsync } from '../generated/bellman.js';
import { checkOptions } from '../options.js';
import type { RealArray, Tensor } from '../tensor.js';
import type { CheckpointOptions } from './checkpoint.js';
import { type AnyMdp, Mdp, type SingleMdp } from './mdp.js';
import { requireSolveMemory } from './models/memory.js';
import { requireKind, singleKinds } from './models/model.js';
import { solveDeterministic } from './solve-deterministic.js';
import { solveDiscounted } from './solve-discounted.js';
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
  /** Accuracy of the values, the gain or the probability. Default 1e-6. */
  tolerance?: number;
  /** Greatest (default) or least. */
  mode?: 'max' | 'min';
  /**
   * Solver of 'discounted'. Default 'auto': chosen by a look at the first sweeps. A batch is solved
   * by 'value_iteration' and a horizon by 'backward_induction' alone.
   */
  method?: 'auto' | SolveMethod;
  /** Iterations after which the solver of 'discounted' gives up. Default: that of its class. */
  maxIterations?: number;
  /** Write checkpoints, and go on from one; for 'discounted' and a single model. */
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
  /** Certified bounds, as `values`, from value iteration with γ below 1 and from 'reach'. */
  lower?: Tensor<A>;
  upper?: Tensor<A>;
  /** [S] action, −1 where none is allowed; 'reach' gives none. With a horizon [H, S]. */
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
  'horizon',
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
  if (criterion === 'discounted' && (discount < 1 || method !== 'auto')) {
    const filled = { ...options, discount, tolerance, mode };
    const answer = await solveDeterministic(model, filled);
    if (answer !== undefined) return answer;
    return placed(model.toSparse(), options, (mdp) => solveDiscounted(mdp, filled));
  }
  if (options.checkpoint !== undefined) {
    const expected = "criterion 'discounted' with a discount below 1";
    throw refused('checkpoint', 'is given', expected);
  }
  const mdp = onHost(model);
  if (criterion === 'average') return average(mdp, options);
  if (criterion === 'reach') return reach(mdp, options);
  const { goal } = options;
  return totalReward(mdp, { ...(goal && { goal }), tolerance, mode, run: runOf(options) });
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

async function average<A extends RealArray>(
  mdp: Mdp<A>,
  options: SolveOptions,
): Promise<SolveAnswer<A>> {
  const { tolerance = 1e-6, mode = 'max' } = options;
  const answer = await averageRewardRviAsync({
    ...mdp.operands(),
    mode,
    stopSpan: 2 * tolerance,
    ...runOf(options),
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
    ...runOf(options),
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
