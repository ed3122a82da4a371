/**
 * Checkpoints of long solves: one safetensors file, so that other programs read it. Its tensors are
 * what the solver goes on from (`last_values` or `values` F64 or F32 [S], `stop_state`, ...) and the
 * `policy` I32 [S] so far; its metadata `format: belfry-checkpoint-1`, `model` (SHA-256 of sizes and
 * arrays), `solver` (JSON: the solver and the options that shape its iterates), `iterations`, and
 * `digest` (SHA-256 of the tensors).
 */
import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';

import { argumentError, BelfryError } from '../errors.js';
import { checkOptions } from '../options.js';
import { readSafetensors, type SafetensorsData, writeSafetensors } from '../safetensors.js';
import type { Mdp } from './mdp.js';

const format = 'belfry-checkpoint-1';

export interface CheckpointOptions {
  /** The file; a new one takes its place only when it is whole. */
  file: string;
  /** Seconds between two of them. Default 60. 0: after every few sweeps. */
  everySeconds?: number;
  /** Go on from the file where there is one. Default false: begin anew. */
  resume?: boolean;
}

/** What a solver goes on from. */
export interface SolverState {
  /** Iterations so far. */
  iterations: number;
  arrays: Record<string, SafetensorsData>;
}

/** @throws BelfryError BELFRY_INVALID_ARGUMENT for an option that is none or out of range */
export function checkCheckpointOptions(
  op: string,
  options: CheckpointOptions,
): Required<CheckpointOptions> {
  checkOptions(`${op}.checkpoint`, options, ['file', 'everySeconds', 'resume']);
  const { file, everySeconds = 60, resume = false } = options;
  if (typeof file !== 'string' || file === '') {
    throw argumentError('BELFRY_INVALID_ARGUMENT', op, 'checkpoint.file', 'is missing', 'a path');
  }
  if (!(everySeconds >= 0)) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      op,
      'checkpoint.everySeconds',
      `is ${everySeconds}`,
      'seconds, at least 0',
    );
  }
  return { file, everySeconds, resume };
}

const fingerprints = new WeakMap<Mdp, string>();

/** SHA-256 of the sizes and arrays of a model. */
export function fingerprint(mdp: Mdp): string {
  const known = fingerprints.get(mdp);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  const { numStates, numActions, rowPtr, col, prob, rewards, actionMask } = mdp;
  hash.update(`${numStates} ${numActions} ${prob.constructor.name}\n`);
  for (const array of [rowPtr, col, prob, rewards, actionMask]) {
    hash.update(array === undefined ? 'none' : bytesOf(array));
  }
  const digest = hash.digest('hex');
  fingerprints.set(mdp, digest);
  return digest;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function digestOf(arrays: SolverState['arrays']): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(arrays).sort()) {
    hash.update(`${name} `).update(bytesOf(arrays[name] as SafetensorsData));
  }
  return hash.digest('hex');
}

/** Writes beside the file, flushes, then renames: a crash leaves the old checkpoint or the new. */
export async function writeCheckpoint(
  file: string,
  model: string,
  solver: string,
  state: SolverState,
): Promise<void> {
  const tensors = Object.fromEntries(
    Object.entries(state.arrays).map(([name, data]) => [name, { data, shape: [data.length] }]),
  );
  const metadata = {
    format,
    model,
    solver,
    iterations: String(state.iterations),
    digest: digestOf(state.arrays),
  };
  const partial = `${file}.${process.pid}.partial`;
  try {
    const handle = await open(partial, 'w');
    try {
      await handle.writeFile(writeSafetensors(tensors, metadata));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true });
    throw badFile(file, 'cannot be written', 'a writable place', cause);
  }
}

/** Class and variant of the solver that a file belongs to; nothing where there is no such file. */
export async function checkpointSolver(file: string): Promise<string | undefined> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const { metadata } = readSafetensors(bytes, { name: file });
  try {
    const solver = JSON.parse(metadata['solver'] ?? '{}') as Record<string, string>;
    return `${solver['class']} ${solver['variant']}`;
  } catch {
    return undefined; // the solver that reads it says what is wrong
  }
}

/**
 * The state in a file, or nothing where there is no file.
 * @throws BelfryError BELFRY_BAD_FILE when the file is no checkpoint, is damaged, or belongs to
 * another model or another solve
 */
export async function readCheckpoint(
  file: string,
  model: string,
  solver: string,
): Promise<SolverState | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw badFile(file, 'cannot be read', 'a checkpoint', cause);
  }
  const { tensors, metadata } = readSafetensors(bytes, { name: file });
  if (metadata['format'] !== format) {
    throw badFile(file, `has format ${metadata['format'] ?? 'none'}`, format);
  }
  if (metadata['model'] !== model) {
    throw badFile(file, 'belongs to another model', 'a checkpoint of this one');
  }
  if (metadata['solver'] !== solver) {
    throw badFile(file, `is of the solve ${metadata['solver']}`, solver);
  }
  const arrays = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, tensor.data]),
  );
  const iterations = Number(metadata['iterations']);
  if (
    !Number.isSafeInteger(iterations) ||
    iterations < 1 ||
    metadata['digest'] !== digestOf(arrays)
  ) {
    throw badFile(file, 'is damaged', 'the digest of its tensors');
  }
  return { iterations, arrays };
}

function badFile(file: string, received: string, expected: string, cause?: unknown): BelfryError {
  return new BelfryError(
    'BELFRY_BAD_FILE',
    `checkpoint: ${file} ${received}, expected ${expected}.`,
    { op: 'checkpoint', argument: file, received, expected, cause },
  );
}
