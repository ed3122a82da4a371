import { hash, uniform, uniformInt } from '../../demo/generator.js';
import { badOption, type MdpTables, requireInteger } from './csr-builder.js';

const TWO_POW_32 = 4294967296;

export interface GarnetOptions {
  numStates: number;
  numActions: number;
  /** Successors of every row, all different. */
  branching: number;
  seed?: number;
}

/**
 * Garnet(S, A, b): a random MDP in which every state and action has b different successors with
 * Dirichlet(1) probabilities, and a reward uniform in [0, 1) (Archibald, McKinnon and Thomas 1995).
 */
export function garnet(options: GarnetOptions): MdpTables {
  const { numStates, numActions, branching, seed = 0 } = options;
  requireInteger('garnet', 'numStates', numStates, 1, 2 ** 21);
  requireInteger('garnet', 'numActions', numActions, 1);
  requireInteger('garnet', 'branching', branching, 1, numStates);
  requireInteger('garnet', 'seed', seed, 0, 2 ** 30);
  const tables = allocate('garnet', numStates, numActions, branching);
  const streams = { successors: 3 * seed + 101, weights: 3 * seed + 102, rewards: 3 * seed + 103 };
  const weights = new Float64Array(branching);
  for (let row = 0; row < tables.rewards.length; row++) {
    const first = row * branching;
    drawDistinct(
      streams.successors,
      first,
      numStates,
      tables.col.subarray(first, first + branching),
    );
    // Exponential weights, normalised, are Dirichlet(1).
    for (let k = 0; k < branching; k++) {
      weights[k] = -Math.log(1 - uniform(streams.weights, first + k));
    }
    normalise(weights, tables.prob, first);
    tables.rewards[row] = uniform(streams.rewards, row);
  }
  return tables;
}

/**
 * The random sparse MDP of belfry's benchmark W1a: K successors per row, one in each K-th of the
 * state space, weights 1 + a 24-bit hash, rewards uniform in [0, 1). Streams 1, 2, 3.
 */
export function randomSparse(numStates: number, numActions = 4, branching = 8): MdpTables {
  requireInteger('randomSparse', 'numActions', numActions, 1);
  requireInteger('randomSparse', 'branching', branching, 1);
  requireInteger('randomSparse', 'numStates', numStates, branching, branching * 2 ** 21);
  const tables = allocate('randomSparse', numStates, numActions, branching);
  const block = Math.floor(numStates / branching);
  const weights = new Float64Array(branching);
  for (let row = 0; row < tables.rewards.length; row++) {
    for (let k = 0; k < branching; k++) {
      const entry = row * branching + k;
      tables.col[entry] = k * block + Math.floor((hash(1, entry) * block) / TWO_POW_32);
      weights[k] = 1 + (hash(2, entry) >>> 8);
    }
    normalise(weights, tables.prob, row * branching);
    tables.rewards[row] = uniform(3, row);
  }
  return tables;
}

/**
 * A random deterministic graph: every state and action leads to one state, uniform among all, with
 * a reward uniform in [0, 1). `Mdp.fromTables(...).toDeterministic()` is its compact form.
 */
export function randomDeterministic(numStates: number, numActions = 4, seed = 0): MdpTables {
  requireInteger('randomDeterministic', 'numStates', numStates, 1, 2 ** 21);
  requireInteger('randomDeterministic', 'numActions', numActions, 1);
  requireInteger('randomDeterministic', 'seed', seed, 0, 2 ** 30);
  const tables = allocate('randomDeterministic', numStates, numActions, 1);
  const streams = { successors: 2 * seed + 51, rewards: 2 * seed + 52 };
  for (let row = 0; row < tables.rewards.length; row++) {
    tables.col[row] = uniformInt(streams.successors, row, numStates);
    tables.rewards[row] = uniform(streams.rewards, row);
  }
  tables.prob.fill(1);
  return tables;
}

function allocate(op: string, numStates: number, numActions: number, branching: number): MdpTables {
  const numRows = numStates * numActions;
  const numEntries = numRows * branching;
  if (numEntries > 2 ** 31 - 2) {
    throw badOption(op, 'numStates * numActions * branching', 'at most 2^31 - 2', numEntries);
  }
  return {
    numStates,
    numActions,
    rowPtr: Int32Array.from({ length: numRows + 1 }, (_, row) => row * branching),
    col: new Int32Array(numEntries),
    prob: new Float64Array(numEntries),
    rewards: new Float64Array(numRows),
  };
}

/** Floyd's sampling: `out.length` different integers below `count` from as many draws, sorted. */
function drawDistinct(stream: number, first: number, count: number, out: Int32Array): void {
  const chosen = new Set<number>();
  for (let k = 0; k < out.length; k++) {
    const top = count - out.length + k;
    const drawn = uniformInt(stream, first + k, top + 1);
    const value = chosen.has(drawn) ? top : drawn;
    chosen.add(value);
    out[k] = value;
  }
  out.sort();
}

/** Divides by the sum, taken left to right so that every language gets the same bits. */
function normalise(weights: Float64Array, prob: Float64Array, first: number): void {
  let sum = 0;
  for (const weight of weights) sum += weight;
  for (let k = 0; k < weights.length; k++) prob[first + k] = weights[k]! / sum;
}
