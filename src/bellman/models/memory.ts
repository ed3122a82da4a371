import { constants } from 'node:buffer';
import { freemem, totalmem } from 'node:os';

import { argumentError } from '../../errors.js';
import type { RealArray, TypedArray } from '../../tensor.js';
import type { AnyMdp } from '../mdp.js';
import type { SolveMethod } from '../solve-methods.js';
import { indexLimit } from './checks.js';

/** What decides how large a model is. */
export interface MdpSize {
  /** 'sparse' is meant where it is left out. */
  kind?: 'sparse' | 'dense' | 'deterministic' | 'batch' | 'shared' | 'timed';
  /** S; for a batch the sum over its models. */
  numStates: number;
  numActions: number;
  /** Stored transitions N, where rows are sparse. Default: one a row. */
  numTransitions?: number;
  /** B of a batch or of reward functions. Default 1. */
  numModels?: number;
  /** H of dense steps. Default 1. */
  horizon?: number;
  /** Default 'float64'. */
  dtype?: 'float32' | 'float64';
  /** Whether some actions are forbidden. */
  masked?: boolean;
}

/** Bytes of a solve, by what they are for. */
export interface SolveBytes {
  /** The arrays of the model. */
  model: number;
  /** Sparse rows of a dense or deterministic model, and the copy that async calls make. */
  copies: number;
  /** Vectors and matrices of the solver. */
  workspace: number;
  /** Values, bounds and policy. */
  results: number;
  total: number;
}

/**
 * Bytes of the arrays of a model, before they are made; `mdp.bytes` says it of one that is there.
 *
 * ```ts
 * estimateMdpBytes({ numStates: 1e6, numActions: 4, numTransitions: 3.2e7 }); // 432 MB
 * ```
 */
export function estimateMdpBytes(size: MdpSize): number {
  const { kind = 'sparse', numStates, numActions, numModels = 1, horizon = 1 } = size;
  const real = size.dtype === 'float32' ? 4 : 8;
  const rows = numStates * numActions;
  const mask = size.masked === true ? rows : 0;
  const sparse = 4 * (rows + 1) + (4 + real) * (size.numTransitions ?? rows);
  switch (kind) {
    case 'sparse':
      return sparse + real * rows + mask;
    case 'dense':
      return real * (rows * numStates + rows) + mask;
    case 'deterministic':
      return (4 + real) * rows + mask;
    case 'batch':
      return sparse + 4 * (numModels + 1) + real * rows + mask;
    case 'shared':
      return sparse + real * rows * numModels + mask;
    case 'timed':
      return horizon * (real * (rows * numStates + rows) + mask);
  }
}

/** What decides what a solve needs, besides the model. */
export interface SolveBytesOptions {
  /** Default 'value_iteration'; with a horizon 'backward_induction'. */
  method?: SolveMethod;
  /** Steps; a time-dependent model has its own. */
  horizon?: number;
  /** Solved by `solveSync`, which copies nothing. */
  sync?: boolean;
}

/**
 * Bytes that a solve needs, before anything is allocated.
 *
 * ```ts
 * const { total } = estimateSolveBytes(mdp, { method: 'policy_iteration' });
 * ```
 *
 * Arrays in shared memory (`alloc`, `loadMdp`) are not copied.
 * @param model a model, or what decides its size
 */
export function estimateSolveBytes(
  model: AnyMdp | MdpSize,
  options: SolveBytesOptions = {},
): SolveBytes {
  const asked = 'operands' in model ? sizeOf(model) : { kind: 'sparse' as const, ...model };
  const { horizon = asked.horizon } = options;
  const size = horizon === undefined ? asked : { ...asked, horizon };
  const steps = size.kind === 'timed' || options.horizon !== undefined;
  const { method = steps ? 'backward_induction' : 'value_iteration', sync = false } = options;
  const own = 'operands' in model ? model.bytes : estimateMdpBytes(size);
  const shared = 'operands' in model && isShared(model.rewards);
  const table = size.kind === 'deterministic' && method === 'deterministic';
  const converts = size.kind === 'dense' || (size.kind === 'deterministic' && !table);
  const solved = converts ? estimateMdpBytes({ ...size, kind: 'sparse' }) : own;
  const copied = sync || (shared && !converts) ? 0 : solved;
  const copies = (converts ? solved : 0) + copied;
  const { workspace, results } = vectors(method, size);
  return { model: own, copies, workspace, results, total: own + copies + workspace + results };
}

/** The vectors of each method, as its op allocates them. */
function vectors(method: SolveMethod, size: MdpSize): { workspace: number; results: number } {
  const { numStates, numActions, numModels = 1, horizon = 1, kind } = size;
  const real = size.dtype === 'float32' ? 4 : 8;
  const states = kind === 'shared' ? numStates * numModels : numStates;
  const transitions = size.numTransitions ?? numStates * numActions;
  const policyRows = 12 * numStates + (12 * transitions) / Math.max(numActions, 1);
  const dense = numStates < 512 ? 8 * numStates ** 2 : 0;
  const krylov = 8 * numStates * 33;
  // The variants of value iteration compute in float64.
  const widened = real === 4 ? 8 * (transitions + numStates * numActions) : 0;
  switch (method) {
    case 'value_iteration':
      return { workspace: 2 * real * states, results: (3 * real + 4) * states };
    case 'in_place':
      return { workspace: widened + 12 * states, results: (3 * real + 4) * states };
    case 'deterministic':
      return { workspace: 0, results: (3 * real + 4) * states };
    case 'topological':
      return { workspace: widened + 64 * states, results: (3 * real + 4) * states };
    case 'anderson':
      return { workspace: widened + 8 * 15 * states, results: (3 * real + 4) * states };
    case 'elimination': {
      const rows = 9 * numStates * numActions;
      return { workspace: widened + rows + 16 * states, results: (3 * real + 4) * states };
    }
    case 'policy_iteration': {
      const evaluation = policyRows + Math.max(dense, numStates < 512 ? 0 : krylov);
      const improvement = (8 * numActions + 20) * numStates;
      return { workspace: evaluation + improvement, results: (real + 4) * states };
    }
    case 'modified_policy_iteration':
      return { workspace: policyRows + 20 * numStates, results: (real + 4) * states };
    case 'inexact_policy_iteration':
      return { workspace: policyRows + krylov + 20 * numStates, results: (real + 4) * states };
    case 'backward_induction':
      return { workspace: 0, results: real * (horizon + 1) * states + 4 * horizon * states };
  }
}

/** What decides the size of a model. */
export function sizeOf(model: AnyMdp): MdpSize & { kind: NonNullable<MdpSize['kind']> } {
  const { kind, numStates, numActions, dtype } = model;
  const size = { kind, numStates, numActions, dtype };
  switch (model.kind) {
    case 'sparse':
      return { ...size, numTransitions: model.numTransitions };
    case 'dense':
      return { ...size, numTransitions: model.prob.length };
    case 'deterministic':
      return { ...size, numTransitions: model.nextStates.length };
    case 'batch':
      return { ...size, numTransitions: model.col.length, numModels: model.numModels };
    case 'shared':
      return { ...size, numTransitions: model.model.col.length, numModels: model.numModels };
    case 'timed':
      return { ...size, horizon: model.horizon };
  }
}

function isShared(array: TypedArray | RealArray): boolean {
  return (array.buffer as unknown) instanceof SharedArrayBuffer;
}

/**
 * Refuses what cannot be held, before anything is allocated.
 * @param bytes in all
 * @param longest elements of the longest array
 * @throws BelfryError BELFRY_OUT_OF_MEMORY
 */
export function requireMemory(op: string, bytes: number, longest = 0): void {
  if (longest > constants.MAX_LENGTH) {
    const expected = `at most ${constants.MAX_LENGTH}`;
    const received = `needs an array of ${longest} elements`;
    throw argumentError('BELFRY_OUT_OF_MEMORY', op, '', received, expected);
  }
  const available = availableBytes();
  if (bytes <= available) return;
  const expected = `at most the ${gigabytes(available)} of free memory`;
  throw argumentError('BELFRY_OUT_OF_MEMORY', op, '', `needs ${gigabytes(bytes)}`, expected);
}

/**
 * What this process can still take. Of a limited process its own memory counts, not the files that
 * the system keeps for it.
 */
export function availableBytes(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  const limited = limit > 0 && limit < totalmem();
  return Math.min(freemem(), limited ? limit - process.memoryUsage.rss() : Infinity);
}

/**
 * Refuses a solve that cannot be held; the model is held already.
 * @throws BelfryError BELFRY_OUT_OF_MEMORY
 */
export function requireSolveMemory(model: AnyMdp, options: SolveBytesOptions = {}): void {
  const { total, model: held } = estimateSolveBytes(model, options);
  requireMemory('solve', total - held);
}

/** Refuses more entries than the ops can count. */
export function requireEntries(op: string, numEntries: number): void {
  if (numEntries <= indexLimit) return;
  const expected = `at most ${indexLimit}: the ops count transitions in int32`;
  throw argumentError('BELFRY_BAD_VALUE', op, '', `has ${numEntries} transitions`, expected);
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
