/** Which solver a discounted model suits: by its size, its order and its first sweeps. */
import {
  inPlaceValueIterationAsync,
  type ValueIterationResult,
  valueIterationAsync,
  valueIterationDeterministicAsync,
} from '../generated/bellman.js';
import type { AsyncOptions } from '../tasks.js';
import { alloc, type RealArray } from '../tensor.js';
import type { Mdp } from './mdp.js';
import type { DeterministicMdp } from './models/deterministic.js';
import type { SolveMethod } from './solve-methods.js';
import type { Solution } from './value-iteration.js';

export interface MethodChoice<A extends RealArray> {
  method: SolveMethod;
  reason: string;
  /** Values that the first sweeps came to, and their number. */
  initialValues?: A;
  sweeps: number;
  /** The answer, where the first sweeps came to it. */
  answer?: Pick<Solution<A>, 'values' | 'lower' | 'upper' | 'policy'>;
}

/** Fewer states than this are solved exactly, policy by policy. */
const fewStates = 512;
/** More sweeps than this cost more than the policies of inexact policy iteration. */
const manySweeps = 300;
const lookSweeps = 10;

/** A cheap look: a sample of the transitions, then at most 4 sweeps in place and 10 synchronous. */
export async function chooseMethod<A extends RealArray>(
  mdp: Mdp<A>,
  options: { discount: number; tolerance: number; mode: 'max' | 'min' },
  run: AsyncOptions,
): Promise<MethodChoice<A>> {
  if (mdp.numStates < fewStates) {
    const reason = `${mdp.numStates} states: exact evaluation of each policy is cheap`;
    return { method: 'policy_iteration', reason, sweeps: 0 };
  }
  const look: Look<A> = { mdp, ...options, run };
  const inPlace = isLocal(mdp) ? await sweepInPlace(look) : undefined;
  if (inPlace !== undefined && inPlace.left <= lookSweeps) {
    const reason =
      inPlace.left === 0
        ? `moves flow in the order of the states: ${inPlace.sweeps} sweeps in place did it`
        : `moves flow in the order of the states: about ${inPlace.left} more sweeps in place`;
    return { method: 'in_place', reason, ...from(inPlace) };
  }
  const synchronous = await sweepSynchronously(look);
  return weigh(inPlace, synchronous);
}

/**
 * Whether at most 4 sweeps over the table of a deterministic model show that few more will do; if
 * not, nothing.
 */
export async function chooseTable<A extends RealArray>(
  mdp: DeterministicMdp<A>,
  options: Omit<Look<A>, 'mdp' | 'run'>,
  run: AsyncOptions,
): Promise<MethodChoice<A> | undefined> {
  if (mdp.numStates < fewStates) return undefined;
  const { discount, tolerance, mode } = options;
  const found = await lookInPlace<A>(options, (firstSweep, initialValues) =>
    valueIterationDeterministicAsync({
      ...mdp.operands(),
      gamma: discount,
      tolerance,
      mode,
      firstSweep,
      maxIterations: 2,
      outputs: lookOutputs,
      ...(initialValues ? { initialValues } : { out: sharedAnswer(mdp) }),
      ...run,
    }),
  );
  if (found.left > lookSweeps) return undefined;
  const reason =
    found.left === 0
      ? `moves flow in the order of the states: ${found.sweeps} sweeps over their table did it`
      : `moves flow in the order of the states: about ${found.left} more sweeps over their table`;
  return { method: 'deterministic', reason, ...from(found) };
}

interface Look<A extends RealArray> {
  mdp: Mdp<A>;
  discount: number;
  tolerance: number;
  mode: 'max' | 'min';
  run: AsyncOptions;
}

/** What some sweeps have shown. */
interface Outlook<A extends RealArray> {
  values: A;
  sweeps: number;
  answer?: MethodChoice<A>['answer'];
  /** Sweeps to go, by the contraction so far; 0 when done. */
  left: number;
  msPerSweep: number;
}

function from<A extends RealArray>({ values, sweeps, answer }: Outlook<A>) {
  return { initialValues: values, sweeps, ...(answer && { answer }) };
}

function weigh<A extends RealArray>(
  inPlace: Outlook<A> | undefined,
  synchronous: Outlook<A>,
): MethodChoice<A> {
  const cost = ({ left, msPerSweep }: Outlook<A>): number => left * msPerSweep;
  const best = inPlace !== undefined && cost(inPlace) < cost(synchronous) ? inPlace : synchronous;
  if (best.left > manySweeps) {
    const reason = `the first ${best.sweeps} sweeps foretell ${formatSweeps(best.left)} more`;
    return { method: 'inexact_policy_iteration', reason, sweeps: 0 };
  }
  const reason =
    best.left === 0
      ? `${best.sweeps} sweeps did it`
      : `the first ${best.sweeps} sweeps foretell about ${best.left} more, each certified`;
  return { method: best === inPlace ? 'in_place' : 'value_iteration', reason, ...from(best) };
}

function formatSweeps(count: number): string {
  return Number.isFinite(count) ? `about ${count}` : 'no end of them';
}

const sampledStates = 4096;
/** Successors this near, as a part of all states, are neighbours. */
const nearPart = 1 / 100;

/** Whether nearly all of a sample of transitions lead to neighbours in the order of the states. */
export function isLocal(mdp: Mdp): boolean {
  const { numStates, numActions, rowPtr, col } = mdp;
  const step = Math.max(1, Math.floor(numStates / sampledStates));
  const near = numStates * nearPart;
  let entries = 0;
  let far = 0;
  for (let state = 0; state < numStates; state += step) {
    const end = rowPtr[(state + 1) * numActions] as number;
    for (let e = rowPtr[state * numActions] as number; e < end; e++) {
      entries += 1;
      if (Math.abs((col[e] as number) - state) > near) far += 1;
    }
  }
  return far <= entries / 10;
}

/** Sweeps until a measure that fell from `before` to `now` in `sweeps` is down to `wanted`. */
function sweepsLeft(before: number, now: number, sweeps: number, wanted: number): number {
  if (now <= wanted) return 1;
  const rate = Math.log(now / before) / sweeps;
  return rate < 0 ? Math.ceil(Math.log(wanted / now) / rate) : Number.POSITIVE_INFINITY;
}

/** Largest change after which the bounds of a sweep are close enough. */
function wantedChange({
  discount,
  tolerance,
}: Pick<Look<RealArray>, 'discount' | 'tolerance'>): number {
  return discount === 0 ? Number.POSITIVE_INFINITY : (2 * tolerance * (1 - discount)) / discount;
}

async function sweepInPlace<A extends RealArray>(look: Look<A>): Promise<Outlook<A>> {
  const { mdp, discount, tolerance, mode, run } = look;
  return lookInPlace(look, (firstSweep, initialValues) =>
    inPlaceValueIterationAsync({
      ...mdp.operands(),
      gamma: discount,
      tolerance,
      mode,
      firstSweep,
      maxIterations: 2,
      outputs: lookOutputs,
      ...(initialValues ? { initialValues } : { out: sharedAnswer(mdp) }),
      ...run,
    }),
  );
}

/** Two sweeps in place, and two more where those were not enough. */
async function lookInPlace<A extends RealArray>(
  look: Pick<Look<A>, 'discount' | 'tolerance'>,
  part: (firstSweep: number, initialValues?: A) => Promise<LookResult<A>>,
): Promise<Outlook<A>> {
  const started = performance.now();
  const first = await part(1);
  const second = first.converged === 1 ? undefined : await part(3, first.vStar.data);
  const last = second ?? first;
  const sweeps = first.iterations + (second?.iterations ?? 0);
  const wanted = wantedChange(look);
  const left =
    last.converged === 1 ? 0 : sweepsLeft(first.residualInf, last.residualInf, 2, wanted);
  const msPerSweep = (performance.now() - started) / sweeps;
  return { values: last.vStar.data, sweeps, left, msPerSweep, ...answerOf(last) };
}

async function sweepSynchronously<A extends RealArray>(look: Look<A>): Promise<Outlook<A>> {
  const { mdp, discount, tolerance, mode, run } = look;
  const started = performance.now();
  const part = async (initialValues?: A) =>
    valueIterationAsync({
      ...mdp.operands(),
      gamma: discount,
      tolerance,
      mode,
      maxIterations: lookSweeps / 2,
      outputs: [...answerOutputs, 'iterations', 'converged', 'residualInf', 'span'],
      ...(initialValues && { initialValues }),
      ...run,
    });
  const first = await part();
  const second = first.converged === 1 ? undefined : await part(first.vStar.data);
  const last = second ?? first;
  const sweeps = first.iterations + (second?.iterations ?? 0);
  const measure = (answer: typeof first) => (mdp.canEnd ? answer.residualInf : answer.span);
  const left =
    last.converged === 1
      ? 0
      : sweepsLeft(measure(first), measure(last), lookSweeps / 2, wantedChange(look));
  const msPerSweep = (performance.now() - started) / sweeps;
  return { values: last.vStar.data, sweeps, left, msPerSweep, ...answerOf(last) };
}

/** Shared memory for the answer, which is then written in place and not copied at the end. */
function sharedAnswer<A extends RealArray>(mdp: Mdp<A> | DeterministicMdp<A>) {
  const dtype = mdp.rewards instanceof Float32Array ? 'float32' : 'float64';
  const values = (): A => alloc(dtype, mdp.numStates) as A;
  const policyStar = alloc('int32', mdp.numStates);
  return { vStar: values(), vStarLower: values(), vStarUpper: values(), policyStar };
}

const answerOutputs = ['vStar', 'vStarLower', 'vStarUpper', 'policyStar'] as const;
const lookOutputs = [...answerOutputs, 'iterations', 'converged', 'residualInf'] as const;
type LookResult<A extends RealArray> = Pick<ValueIterationResult<A>, (typeof lookOutputs)[number]>;

/** The answer of a call that converged. */
function answerOf<A extends RealArray>(
  result: Omit<LookResult<A>, 'iterations' | 'residualInf'>,
): Pick<Outlook<A>, 'answer'> {
  if (result.converged === 0) return {};
  const { vStar, vStarLower, vStarUpper, policyStar } = result;
  return { answer: { values: vStar, lower: vStarLower, upper: vStarUpper, policy: policyStar } };
}
