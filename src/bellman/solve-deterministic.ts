/** `solve` of a deterministic model with a discount, by sweeps over its table of successors. */
import { argumentError } from '../errors.js';
import { valueIterationDeterministicAsync } from '../generated/bellman.js';
import type { AsyncOptions } from '../tasks.js';
import type { RealArray } from '../tensor.js';
import { checkpointSolver, type SolverState } from './checkpoint.js';
import type { SingleMdp } from './mdp.js';
import { chooseTable, type MethodChoice } from './method-choice.js';
import { DeterministicMdp } from './models/deterministic.js';
import { requireSolveMemory } from './models/memory.js';
import { type Slice, shared, solveInSlices } from './slices.js';
import type { SolveAnswer } from './solve.js';
import { type DiscountedOptions, solverOf } from './solve-discounted.js';
import { methodNames } from './solve-methods.js';
import { runOptions } from './solver-progress.js';
import { valueIterationDefaults } from './value-iteration.js';

const method = 'deterministic';

/** Nothing where another method was asked for, or suits better. */
export async function solveDeterministic<A extends RealArray>(
  mdp: SingleMdp<A>,
  options: DiscountedOptions,
): Promise<SolveAnswer<A> | undefined> {
  const onHost = mdp.device !== 'cuda' && options.engine?.device !== 'cuda';
  if (mdp.kind !== 'deterministic' || !onHost) {
    if (options.method !== method) return undefined;
    const expected = "a model of kind 'deterministic', on the host";
    throw argumentError('BELFRY_INVALID_ARGUMENT', 'solve', 'method', `is '${method}'`, expected);
  }
  const choice = await choose(mdp, options);
  if (choice?.method !== method) return undefined;
  const { reason, sweeps, answer } = choice;
  const how = { method: methodNames[method], reason };
  if (answer !== undefined) return { ...answer, ...how, converged: true, iterations: sweeps };
  requireSolveMemory(mdp, { method });
  const { result, iterations } = await sweep(mdp, options, choice.initialValues);
  const { vStar: values, vStarLower: lower, vStarUpper: upper, policyStar: policy } = result;
  // Without a discount a small change of a sweep proves no bound.
  const converged = result.converged === 1 && options.discount < 1;
  return { values, lower, upper, policy, converged, iterations: sweeps + iterations, ...how };
}

async function choose<A extends RealArray>(
  mdp: DeterministicMdp<A>,
  options: DiscountedOptions,
): Promise<MethodChoice<A> | undefined> {
  if (options.method === method) return { method, reason: 'asked for', sweeps: 0 };
  if (options.method !== undefined && options.method !== 'auto') return undefined;
  const { checkpoint } = options;
  const begun = checkpoint?.resume === true ? await checkpointSolver(checkpoint.file) : undefined;
  if (begun !== undefined) {
    const reason = 'the checkpoint goes on with it';
    return begun === solverOf(method) ? { method, reason, sweeps: 0 } : undefined;
  }
  // In float32 its bounds may end above the tolerance; sparse rows are solved in float64.
  if (mdp.dtype !== 'float64') return undefined;
  return chooseTable(mdp, options, runOf(options));
}

function runOf(options: DiscountedOptions): AsyncOptions {
  const { discount } = options;
  return runOptions(options, discount < 1 ? discount / (1 - discount) : Number.NaN);
}

const outputs = [
  'vStar',
  'vStarLower',
  'vStarUpper',
  'policyStar',
  'iterations',
  'converged',
  'stopState',
] as const;

function call<A extends RealArray>(
  mdp: DeterministicMdp<A>,
  { discount, tolerance, mode }: DiscountedOptions,
  more: AsyncOptions & {
    maxIterations: number;
    initialValues?: A;
    stopState?: A;
    firstSweep?: number;
  },
) {
  const args = { ...mdp.operands(), gamma: discount, tolerance, mode, outputs };
  return valueIterationDeterministicAsync({ ...args, ...more });
}
type Result<A extends RealArray> = Awaited<ReturnType<typeof call<A>>>;

/** To the end, with checkpoints where they are asked for. */
async function sweep<A extends RealArray>(
  mdp: DeterministicMdp<A>,
  options: DiscountedOptions,
  initialValues: A | undefined,
): Promise<{ result: Result<A>; iterations: number }> {
  const { maxIterations = valueIterationDefaults.maxIterations, checkpoint } = options;
  const { discount, mode } = options;
  const run = runOf(options);
  if (checkpoint === undefined) {
    const start = initialValues && { initialValues };
    const result = await call(mdp, options, { maxIterations, ...start, ...run });
    return { result, iterations: result.iterations };
  }
  const model = inSharedMemory(mdp);
  return solveInSlices<Result<A>>({
    op: 'solve',
    mdp: mdp.toSparse(),
    solver: { class: 'ValueIteration', variant: method, discount, mode },
    maxIterations,
    multiple: 1,
    checkpoint,
    run,
    slice: (state, length, more) => slice(model, options, state, initialValues, length, more),
  });
}

async function slice<A extends RealArray>(
  mdp: DeterministicMdp<A>,
  options: DiscountedOptions,
  state: SolverState | undefined,
  initialValues: A | undefined,
  maxIterations: number,
  run: AsyncOptions,
): Promise<Slice<Result<A>>> {
  const begun = state && {
    initialValues: state.arrays['last_values'] as A,
    stopState: state.arrays['stop_state'] as A,
    firstSweep: state.iterations + 1,
  };
  const start = begun ?? (initialValues && { initialValues });
  const result = await call(mdp, options, { maxIterations, ...start, ...run });
  return {
    result,
    iterations: result.iterations,
    ended: result.converged === 1 || result.iterations < maxIterations,
    arrays: {
      last_values: result.vStar.data,
      stop_state: result.stopState.data,
      policy: result.policyStar.data,
    },
  };
}

function inSharedMemory<A extends RealArray>(mdp: DeterministicMdp<A>): DeterministicMdp<A> {
  const { nextStates, rewards, actionMask, ...sizes } = mdp.tables();
  const tables = {
    ...sizes,
    nextStates: shared(nextStates),
    rewards: shared(rewards),
    ...(actionMask && { actionMask: shared(actionMask) }),
  };
  return new DeterministicMdp<A>(tables, { canEnd: mdp.canEnd });
}
