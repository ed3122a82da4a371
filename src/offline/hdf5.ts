import type { Column, FileErrors } from './file-columns.js';
import { askHdf5, type Hdf5Entry } from './hdf5-worker.js';

/** DEFLATE makes nothing more than this many times smaller. */
const mostPacked = 1032;
/** What may be claimed without being there: fill values of small tensors. */
const freeBytes = 2 ** 20;
/** Largest tensor of any file. */
const largest = 2 ** 31;

/** What was wanted of a file. */
export class Hdf5Tensors {
  /** Names at the root. */
  readonly names: readonly string[];
  readonly #entries: ReadonlyMap<string, Hdf5Entry>;
  readonly #errors: FileErrors;
  readonly #fileBytes: number;

  constructor(
    names: readonly string[],
    entries: readonly Hdf5Entry[],
    errors: FileErrors,
    fileBytes: number,
  ) {
    this.names = names;
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]));
    this.#errors = errors;
    this.#fileBytes = fileBytes;
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** A tensor of numbers or flags. @throws BelfryError BELFRY_BAD_FILE naming it */
  column(path: string): Column {
    const entry = this.#entries.get(path);
    if (entry === undefined) {
      const there = this.names.slice(0, 10).join(', ') || 'nothing';
      throw this.#errors.bad(path, 'is missing', `a tensor; at the root there is ${there}`);
    }
    const { kind, type = -1, size = 0, shape = [], data, problem } = entry;
    if (kind !== 'tensor') throw this.#errors.bad(path, 'is no tensor', 'a tensor of numbers');
    if (![0, 1, 8].includes(type)) {
      throw this.#errors.bad(path, 'holds no numbers', 'integers, reals or flags');
    }
    if (problem !== undefined) throw this.#errors.bad(path, `could not be read (${problem})`);
    const count = shape.reduce((product, dim) => product * dim, 1);
    if (data === undefined) {
      const found = `has shape [${shape}], ${count * size} bytes`;
      throw this.#errors.bad(path, found, `what a file of ${this.#fileBytes} bytes can hold`);
    }
    if (data.length !== count) {
      throw this.#errors.bad(path, `has ${data.length} elements`, `${count} of shape [${shape}]`);
    }
    return { data, shape, isInteger: type !== 1 };
  }
}

/** The tensors of these names at the root of a file, or in its groups named like `groups`. */
export async function readHdf5(
  op: string,
  bytes: Uint8Array,
  errors: FileErrors,
  what: { wanted: readonly string[]; groups?: string; signal?: AbortSignal | undefined },
): Promise<Hdf5Tensors> {
  const { wanted, groups = '', signal } = what;
  const mostBytes = Math.min(largest, bytes.length * mostPacked + freeBytes);
  const answer = await askHdf5(op, { bytes, wanted, groups, mostBytes }, signal);
  if (answer.error !== undefined) {
    throw errors.bad('', `could not be read (${answer.error})`, 'an HDF5 file');
  }
  return new Hdf5Tensors(answer.names ?? [], answer.entries ?? [], errors, bytes.length);
}
