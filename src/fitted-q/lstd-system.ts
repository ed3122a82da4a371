/** The rows that the least-squares systems of `Lstd` are made of, in float64. */
import { checkFinite, checkFlags, checkLength } from '../dataset-checks.js';
import { argumentError, type BelfryError, show } from '../errors.js';
import { linearQValues } from '../generated/fitted-q.js';
import { allocated } from '../memory.js';
import { checkOptions } from '../options.js';
import { type ArrayLike, type RealArray, Tensor } from '../tensor.js';
import type { TransitionDataset } from './transitions.js';

/** [M, k] features of states [M, stateSize]. */
export type StateFeatures = (
  states: Tensor<Float32Array>,
) => Tensor<Float32Array> | Tensor<Float64Array>;

/** [M, A] π(a|s) of states [M, stateSize], or [M] the one action taken in each. */
export type NextPolicy = (
  states: Tensor<Float32Array>,
) => Tensor<Float32Array> | Tensor<Float64Array> | Int32Array;

/** Transitions with features, structure of arrays, in the order of time. */
export interface LstdTransitions {
  /** [N, k] features of s; where Q is wanted, of (s, a). */
  phi: ArrayLike<RealArray>;
  /** [N, k] features of s'; where Q is wanted, [N, A, k] of (s', a') for every action. */
  nextPhi: ArrayLike<RealArray>;
  /** [N] rewards. */
  rewards: ArrayLike<RealArray>;
  /** [N] 1 = the episode ended in a terminal state: nothing is bootstrapped. */
  terminated: ArrayLike<Uint8Array | Int32Array>;
  /** [N] 1 = cut by a time limit: bootstrapped as usual, and a trace ends there. */
  truncated?: ArrayLike<Uint8Array | Int32Array>;
  /** Where Q is wanted: [N, A] π(a'|s'), or [N] the one action a'. */
  nextPolicy?: ArrayLike<RealArray> | Int32Array;
}

/** Rows of a system: `next` is 0 where an episode ended. */
export interface SystemRows {
  count: number;
  width: number;
  /** [count, width] */
  phi: Float64Array;
  /** [count, width] */
  next: Float64Array;
  /** [count] */
  rewards: Float64Array;
  /** [count] */
  terminated: Uint8Array;
  /** [count] */
  truncated: Uint8Array;
}

const fitName = 'Lstd.fit';
const realTypes = [Float32Array, Float64Array];

function bad(name: string, found: string, expected: string): BelfryError {
  return argumentError('BELFRY_BAD_VALUE', fitName, name, found, expected);
}

function floats(name: string, length: number, op = fitName): Float64Array {
  const found = `of ${length} numbers`;
  return allocated(op, name, found, () => new Float64Array(length));
}

/** What `features` makes of states. @throws BelfryError BELFRY_BAD_SHAPE naming it */
export function featuresOf(
  op: string,
  features: StateFeatures,
  states: Tensor<Float32Array>,
): { data: RealArray; width: number } {
  const count = states.shape[0] as number;
  const found: { data?: RealArray; shape?: readonly number[] } = features(states);
  const { data, shape = [] } = found ?? {};
  const fits = shape.length === 2 && shape[0] === count && isReal(data);
  if (fits) return { data, width: shape[1] as number };
  const received = `gives ${show(found)} of shape [${shape}]`;
  const expected = `float32 or float64 [${count}, k]`;
  throw argumentError('BELFRY_BAD_SHAPE', op, 'features', received, expected);
}

function isReal(data: unknown): data is RealArray {
  return data instanceof Float32Array || data instanceof Float64Array;
}

/**
 * Rows of a data set: features of the states, or, with a policy, of (s, a): those of s at the place of
 * the action. Weights of transitions count in the sums of the system.
 */
export function rowsOfDataset(
  data: TransitionDataset,
  features: StateFeatures,
  policy: NextPolicy | undefined,
): SystemRows {
  const { length: count, numActions, actions, rewards, terminated, truncated } = data;
  const now = featuresOf(fitName, features, data.states);
  const after = featuresOf(fitName, features, data.nextStates);
  const blocks = policy === undefined ? 1 : numActions;
  const width = blocks * now.width;
  const phi = floats('features', count * width);
  const next = floats('features', count * width);
  const shares = policy && sharesOf('policy', policy(data.nextStates), terminated, numActions);
  for (let row = 0; row < count; row++) {
    const own = policy === undefined ? 0 : (actions[row] as number);
    addRow(phi, row * width + own * now.width, now.data, row * now.width, now.width, 1);
    if (terminated[row] === 1) continue;
    for (let block = 0; block < blocks; block++) {
      const share = shares === undefined ? 1 : (shares[row * blocks + block] as number);
      const at = row * width + block * now.width;
      addRow(next, at, after.data, row * now.width, now.width, share);
    }
  }
  checkFinite(fitName, 'features', phi, width);
  checkFinite(fitName, 'features', next, width);
  const rows = { count, width, phi, next, rewards: Float64Array.from(rewards) };
  return weighted({ ...rows, terminated, truncated }, data.weights);
}

/** Rows of features that are given; with `nextPolicy`, of (s, a). */
export function rowsOfFeatures(data: LstdTransitions, ofPairs: boolean): SystemRows {
  const known = ['phi', 'nextPhi', 'rewards', 'terminated', 'truncated', 'nextPolicy'];
  checkOptions(fitName, data, known);
  const { shape, data: phi } = realOf('phi', data.phi, 2);
  const [count, width] = shape as [number, number];
  const nextPhi = realOf('nextPhi', data.nextPhi, ofPairs ? 3 : 2);
  const numActions = ofPairs ? (nextPhi.shape[1] as number) : 1;
  checkLength(fitName, 'nextPhi', nextPhi.data, count, numActions * width);
  const rewards = realOf('rewards', data.rewards, 1).data;
  checkLength(fitName, 'rewards', rewards, count, 1);
  const terminated = flagsOf('terminated', data.terminated, count);
  const truncated = flagsOf('truncated', data.truncated ?? new Uint8Array(count), count);
  const shares = ofPairs
    ? sharesOf('nextPolicy', data.nextPolicy as Int32Array, terminated, numActions)
    : undefined;
  const next = floats('nextPhi', count * width);
  for (let row = 0; row < count; row++) {
    if (terminated[row] === 1) continue;
    for (let a = 0; a < numActions; a++) {
      const [at, share] = [row * numActions + a, shares?.[row * numActions + a] ?? 1];
      addRow(next, row * width, nextPhi.data, at * width, width, share);
    }
  }
  checkFinite(fitName, 'phi', phi, width);
  checkFinite(fitName, 'nextPhi', next, width);
  checkFinite(fitName, 'rewards', rewards, 1);
  return { count, width, phi, next, rewards, terminated, truncated };
}

/** to[at ...] += share · from[source ...], of `width` numbers; nothing is read for a share of 0. */
function addRow(
  to: Float64Array,
  at: number,
  from: RealArray,
  source: number,
  width: number,
  share: number,
): void {
  if (share === 0) return;
  for (let i = 0; i < width; i++) {
    to[at + i] = (to[at + i] as number) + share * (from[source + i] as number);
  }
}

/** Roots of the weights times both sides of each row: products then have the weights. */
function weighted(rows: SystemRows, weights: Float32Array): SystemRows {
  const { width, phi, next, rewards } = rows;
  weights.forEach((weight, row) => {
    if (weight === 1) return;
    const root = Math.sqrt(weight);
    for (let i = row * width; i < (row + 1) * width; i++) {
      phi[i] = root * (phi[i] as number);
      next[i] = root * (next[i] as number);
    }
    rewards[row] = root * (rewards[row] as number);
  });
  return rows;
}

/**
 * With a row of zeros that ends an episode behind every row that a time limit cut: it adds nothing
 * to the sums, and the trace ends there.
 */
export function withTracesCut(rows: SystemRows): SystemRows {
  const { count, width, terminated, truncated } = rows;
  const isCut = (row: number): boolean => truncated[row] === 1 && terminated[row] !== 1;
  const cuts = truncated.reduce((sum, _, row) => sum + (isCut(row) ? 1 : 0), 0);
  if (cuts === 0) return rows;
  const total = count + cuts;
  const longer = {
    phi: floats('phi', total * width),
    next: floats('nextPhi', total * width),
    rewards: floats('rewards', total),
    terminated: new Uint8Array(total),
  };
  let to = 0;
  for (let row = 0; row < count; row++) {
    longer.phi.set(rows.phi.subarray(row * width, (row + 1) * width), to * width);
    longer.next.set(rows.next.subarray(row * width, (row + 1) * width), to * width);
    longer.rewards[to] = rows.rewards[row] as number;
    longer.terminated[to] = terminated[row] as number;
    to += 1;
    if (isCut(row)) longer.terminated[to++] = 1;
  }
  return { ...longer, count: total, width, truncated: new Uint8Array(total) };
}

/** [N, A] probabilities, whichever way a policy says them; rows that are terminal are not looked at. */
function sharesOf(
  name: string,
  given: ArrayLike<RealArray> | Int32Array,
  terminated: Uint8Array,
  numActions: number,
): Float64Array {
  const count = terminated.length;
  if (given instanceof Int32Array) return sharesOfActions(name, given, terminated, numActions);
  const { data, shape } = realOf(name, given, 2);
  if (shape[0] !== count || shape[1] !== numActions) {
    const expected = `[${count}, ${numActions}], or an Int32Array of ${count} actions`;
    throw argumentError('BELFRY_BAD_SHAPE', fitName, name, `has shape [${shape}]`, expected);
  }
  for (let row = 0; row < count; row++) {
    if (terminated[row] === 1) continue;
    const own = data.subarray(row * numActions, (row + 1) * numActions);
    const sum = own.reduce((total, share) => total + (share >= 0 ? share : Number.NaN), 0);
    if (Math.abs(sum - 1) <= 1e-3) continue;
    throw bad(name, `holds ${[...own]} in row ${row}`, 'probabilities, which sum to 1');
  }
  return data;
}

function sharesOfActions(
  name: string,
  actions: Int32Array,
  terminated: Uint8Array,
  numActions: number,
): Float64Array {
  checkLength(fitName, name, actions, terminated.length, 1);
  const shares = floats(name, actions.length * numActions);
  actions.forEach((action, row) => {
    if (terminated[row] === 1) return;
    if (!(action >= 0 && action < numActions)) {
      throw bad(name, `holds ${action} in row ${row}`, `an action in [0, ${numActions})`);
    }
    shares[row * numActions + action] = 1;
  });
  return shares;
}

/** An array of this rank, as float64. @throws BelfryError naming it */
function realOf(
  name: string,
  given: ArrayLike<RealArray>,
  rank: number,
  op = fitName,
): { data: Float64Array; shape: readonly number[] } {
  const { data, shape } = arrayOf(op, name, given, realTypes, 'float32 or float64');
  if (shape.length !== rank) {
    const found = `has shape [${shape}]`;
    throw argumentError('BELFRY_BAD_SHAPE', op, name, found, `rank ${rank}`);
  }
  const copy = floats(name, data.length, op);
  copy.set(data);
  return { data: copy, shape };
}

function flagsOf(
  name: string,
  given: ArrayLike<Uint8Array | Int32Array>,
  count: number,
): Uint8Array {
  const { data } = arrayOf(fitName, name, given, [Uint8Array, Int32Array], 'uint8 or int32');
  checkLength(fitName, name, data, count, 1);
  checkFlags(fitName, name, data);
  return Uint8Array.from(data);
}

function arrayOf<A extends RealArray | Uint8Array | Int32Array>(
  op: string,
  name: string,
  given: ArrayLike<A>,
  types: readonly (new (length: number) => A)[],
  expected: string,
): { data: A; shape: readonly number[] } {
  if (given === undefined || given === null) {
    throw argumentError('BELFRY_MISSING_OPERAND', op, name, 'is missing', expected);
  }
  const own = given as { data?: A; shape?: readonly number[]; dims?: readonly number[] };
  const data = ArrayBuffer.isView(given) ? (given as A) : own.data;
  if (!types.some((type) => data instanceof type)) {
    throw argumentError('BELFRY_BAD_DTYPE', op, name, `is ${show(given)}`, expected);
  }
  const found = data as A;
  const shape = own.shape ?? own.dims ?? [found.length];
  const size = shape.reduce((product, n) => product * n, 1);
  if (size === found.length) return { data: found, shape };
  const received = `has ${found.length} elements for shape [${shape}]`;
  throw argumentError('BELFRY_BAD_SHAPE', op, name, received, `${size}`);
}

/** [M] or [M, A] products of the weights with features [M, k], or those of pairs [M, A, k]. */
export function givenOutputs(
  op: string,
  given: ArrayLike<RealArray>,
  weights: Tensor<Float64Array>,
  ofPairs: boolean,
): Tensor<Float64Array> {
  const { data, shape } = realOf('features', given, ofPairs ? 3 : 2, op);
  const width = weights.size;
  if (shape.at(-1) !== width) {
    const expected = `${width} features a row, as the fit had`;
    throw argumentError('BELFRY_BAD_SHAPE', op, 'features', `has shape [${shape}]`, expected);
  }
  const [count, numActions] = [shape[0] as number, ofPairs ? (shape[1] as number) : 1];
  const phi = new Tensor(data, [count, numActions, width]);
  return linearQValues({ phi, w: new Tensor(weights.data) }).qValues;
}
