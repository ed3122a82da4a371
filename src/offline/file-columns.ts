/** What every reader of data files does alike: named columns to a data set, with named errors. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { argumentError, BelfryError, show } from '../errors.js';
import { type OfflineActions, OfflineDataset, type OfflineDatasetOptions } from './dataset.js';

/** A tensor of a file. */
export interface Column {
  data: ArrayLike<number>;
  shape: readonly number[];
  /** Whether its elements are integers, and so, as actions, indices. */
  isInteger: boolean;
}

export interface Columns {
  observations: Column;
  actions: Column;
  rewards: Column;
  terminated: Column;
  truncated?: Column;
  nextObservations?: Column;
}

export interface ReadOptions extends OfflineDatasetOptions {
  /** Name of the file in errors. Default: the end of its path, or 'file'. */
  name?: string;
}

export const readOptionNames: readonly string[] = ['name', 'numActions', 'actionLimit'];

/** Errors of one file: `op: file: tensor received, expected expected`. */
export class FileErrors {
  readonly #op: string;
  readonly #file: string;

  constructor(op: string, file: string) {
    this.#op = op;
    this.#file = file;
  }

  bad(tensor: string, received: string, expected = '', cause?: unknown): BelfryError {
    const what = tensor === '' ? this.#file : `${this.#file}: ${tensor}`;
    const error = argumentError('BELFRY_BAD_FILE', this.#op, what, received, expected);
    if (cause === undefined) return error;
    return new BelfryError('BELFRY_BAD_FILE', error.message, { ...error, cause });
  }

  /** Runs `work`; what it throws becomes an error of this file. */
  guard<T>(tensor: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof BelfryError) throw cause;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw this.bad(tensor, `could not be read (${message})`, '', cause);
    }
  }
}

/** The bytes of a path or of an array, and the name in errors. */
export async function readSource(
  op: string,
  source: string | Uint8Array,
  name: string | undefined,
): Promise<{ bytes: Uint8Array; errors: FileErrors }> {
  const file = name ?? (typeof source === 'string' ? basename(source) : 'file');
  const errors = new FileErrors(op, file);
  if (source instanceof Uint8Array) return { bytes: source, errors };
  if (typeof source !== 'string') {
    const expected = 'a path or a Uint8Array';
    throw argumentError('BELFRY_BAD_DTYPE', op, 'source', `is ${show(source)}`, expected);
  }
  try {
    return { bytes: await readFile(source), errors };
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw errors.bad('', `could not be opened (${reason})`, 'a file', cause);
  }
}

/** A number for each row: shape [N] or [N, 1]. */
function flat(errors: FileErrors, name: string, column: Column, count: number): ArrayLike<number> {
  const { shape, data } = column;
  const isFlat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (isFlat && shape[0] === count && data.length === count) return data;
  throw errors.bad(name, `has shape [${shape}]`, `[${count}]`);
}

/** A vector for each row: shape [N, width], or [N] of width 1. */
function rows(errors: FileErrors, name: string, column: Column, count: number): Float32Array {
  const { shape, data } = column;
  const isTable = shape.length === 1 || shape.length === 2;
  if (isTable && shape[0] === count && (shape[1] ?? 1) > 0 && data.length % count === 0) {
    return Float32Array.from(data);
  }
  throw errors.bad(name, `has shape [${shape}]`, `[${count}, size]`);
}

function flags(errors: FileErrors, name: string, column: Column | undefined, count: number) {
  if (column === undefined) return new Uint8Array(count);
  const flags = flat(errors, name, column, count);
  for (let row = 0; row < count; row++) {
    if (flags[row] === 0 || flags[row] === 1) continue;
    throw errors.bad(name, `holds ${flags[row]} in row ${row}`, '0 or 1');
  }
  return Uint8Array.from(flags);
}

/** Actions that are indices; what no int32 holds would come back as another one. */
function indices(errors: FileErrors, name: string, column: Column, count: number): Int32Array {
  const actions = flat(errors, name, column, count);
  for (let row = 0; row < count; row++) {
    if (actions[row] === (actions[row]! | 0)) continue;
    throw errors.bad(name, `holds ${actions[row]} in row ${row}`, 'an index');
  }
  return Int32Array.from(actions);
}

/** A data set of what a file holds. `names`: what the file calls its tensors. */
export function datasetOf(
  errors: FileErrors,
  columns: Columns,
  names: Readonly<Record<keyof Columns, string>>,
  options: ReadOptions,
): OfflineDataset<OfflineActions> {
  const count = columns.rewards.shape[0] ?? 0;
  if (count === 0) throw errors.bad(names.rewards, 'is empty', 'transitions');
  const { actions, nextObservations } = columns;
  const isDiscrete = actions.isInteger && (actions.shape[1] ?? 1) === 1;
  const arrays: Transitionless = {
    observations: rows(errors, names.observations, columns.observations, count),
    actions: isDiscrete
      ? indices(errors, names.actions, actions, count)
      : rows(errors, names.actions, actions, count),
    rewards: Float32Array.from(flat(errors, names.rewards, columns.rewards, count)),
    terminated: flags(errors, names.terminated, columns.terminated, count),
    truncated: flags(errors, names.truncated, columns.truncated, count),
  };
  const { numActions, actionLimit } = options;
  const limits: OfflineDatasetOptions = {};
  if (numActions !== undefined) limits.numActions = numActions;
  if (actionLimit !== undefined) limits.actionLimit = actionLimit;
  try {
    if (nextObservations === undefined) return new OfflineDataset(followed(errors, arrays), limits);
    const next = rows(errors, names.nextObservations, nextObservations, count);
    return new OfflineDataset({ ...arrays, nextObservations: next }, limits);
  } catch (error) {
    if (!(error instanceof BelfryError) || error.code === 'BELFRY_BAD_FILE') throw error;
    const tensor = names[error.argument as keyof Columns] ?? error.argument ?? '';
    throw errors.bad(tensor, error.received ?? 'is wrong', error.expected, error);
  }
}

interface Transitionless {
  observations: Float32Array;
  actions: OfflineActions;
  rewards: Float32Array;
  terminated: Uint8Array;
  truncated: Uint8Array;
}

/**
 * Next observations from the rows that follow. A row that is cut has none: it is left out, and the
 * row before it is marked truncated. A terminated row gets its own: nothing looks at it.
 */
function followed(errors: FileErrors, arrays: Transitionless) {
  const { observations, terminated, truncated, rewards } = arrays;
  const count = rewards.length;
  const isLost = (row: number): boolean =>
    !terminated[row] && (truncated[row] === 1 || row === count - 1);
  const kept: number[] = [];
  for (let row = 0; row < count; row++) if (!isLost(row)) kept.push(row);
  if (kept.length === 0) {
    throw errors.bad('', 'has no transition whose next observation is known', 'longer episodes');
  }
  const pick = <A extends OfflineActions | Uint8Array>(
    array: A,
    shift: (row: number) => number,
  ) => {
    const size = array.length / count;
    const out = new (array.constructor as Float32ArrayConstructor)(kept.length * size);
    kept.forEach((row, i) => {
      for (let j = 0; j < size; j++) out[i * size + j] = array[shift(row) * size + j]!;
    });
    return out as unknown as A;
  };
  const same = (row: number): number => row;
  const result = {
    observations: pick(observations, same),
    actions: pick(arrays.actions, same),
    rewards: pick(rewards, same),
    nextObservations: pick(observations, (row) => (terminated[row] ? row : row + 1)),
    terminated: pick(terminated, same),
    truncated: pick(truncated, same),
  };
  kept.forEach((row, i) => {
    if (!terminated[row] && row + 1 < count && isLost(row + 1)) result.truncated[i] = 1;
  });
  return result;
}
