/**
 * HDF5 through `h5wasm`, an optional peer dependency that is looked for on first use, in a worker
 * thread: the caller's thread goes on, and a damaged file that brings the library down takes the
 * worker with it and nothing else. Files lie in the library's in-memory file system, so that what a
 * hostile one refers to outside itself does not exist.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import { BelfryError } from '../errors.js';

/** What lies at a path of a file. */
export interface Hdf5Entry {
  path: string;
  kind: 'group' | 'tensor' | 'other';
  /** Tensors: the library's number of the element type: 0 integer, 1 real, 8 enumeration. */
  type?: number;
  /** Bytes of an element. */
  size?: number;
  shape?: number[];
  /** Absent where the tensor claims more than it may. */
  data?: Float64Array<ArrayBuffer>;
  /** Why a tensor could not be read. */
  problem?: string;
}

export interface Hdf5Question {
  /** A file to read ... */
  bytes?: Uint8Array;
  /** ... the names wanted at its root, and in groups named as `groups` says ... */
  wanted?: readonly string[];
  groups?: string;
  /** ... and the largest tensor, in bytes. */
  mostBytes?: number;
  /** Or what to write: tensors, and groups with whole numbers as attributes. */
  write?: readonly (
    | { path: string; data: Float32Array | Int32Array | Uint8Array; shape: number[] }
    | { path: string; attributes: Record<string, number> }
  )[];
}

export interface Hdf5Answer {
  entries?: Hdf5Entry[];
  /** Names at the root. */
  names?: string[];
  bytes?: Uint8Array<ArrayBuffer>;
  error?: string;
}

/** What the worker runs; plain JavaScript, since bundlers do not see it. */
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');
const path = 'file.h5';
// Of the stack of errors that the library tells the innermost is the cause.
const reasonOf = (error) => {
  const text = String(error?.message ?? error);
  return [...text.matchAll(/ in \\w+\\(\\): ([^\\n]+)/g)].at(-1)?.[1] ?? text;
};
function describe(at, found, mostBytes) {
  if (found?.type === 'Group') return { path: at, kind: 'group' };
  if (found?.type !== 'Dataset') return { path: at, kind: 'other' };
  const { type, size } = found.metadata;
  const entry = { path: at, kind: 'tensor', type, size, shape: found.shape ?? [] };
  const count = entry.shape.reduce((product, dim) => product * dim, 1);
  if (![0, 1, 8].includes(type) || count * size > mostBytes) return entry;
  try {
    entry.data = Float64Array.from(count === 0 ? [] : found.value, Number);
  } catch (error) {
    entry.problem = reasonOf(error);
  }
  return entry;
}
function read(h5, { wanted, groups, mostBytes }) {
  const root = new h5.File(path, 'r');
  const names = root.keys();
  const entries = [];
  const look = (group, prefix, name) => {
    const found = group.get(name);
    entries.push(describe(prefix + name, found, mostBytes));
    return found;
  };
  for (const name of names) {
    if (wanted.includes(name)) look(root, '', name);
    else if (groups && new RegExp(groups).test(name)) {
      const group = look(root, '', name);
      if (group?.type !== 'Group') continue;
      for (const inner of group.keys()) if (wanted.includes(inner)) look(group, name + '/', inner);
    }
  }
  root.close();
  return { names, entries };
}
function write(h5, fs, parts) {
  const root = new h5.File(path, 'w');
  for (const { path: at, data, shape, attributes } of parts) {
    if (data) root.create_dataset({ name: at, data, shape });
    else {
      const group = at === '' ? root : root.create_group(at);
      for (const [name, value] of Object.entries(attributes)) {
        group.create_attribute(name, value, null, '<i8');
      }
    }
  }
  root.close();
  return { bytes: Uint8Array.from(fs.readFile(path)) };
}
parentPort.on('message', async (question) => {
  let answer;
  try {
    const h5 = await import(workerData);
    const module = await h5.ready;
    // Otherwise the library prints its errors and returns handles below 0.
    module.activate_throwing_error_handler();
    if (question.write) answer = write(h5, module.FS, question.write);
    else {
      module.FS.writeFile(path, question.bytes);
      answer = read(h5, question);
    }
    module.FS.unlink(path);
  } catch (error) {
    answer = { error: reasonOf(error) };
  }
  const arrays = (answer.entries ?? []).flatMap(({ data }) => (data ? [data.buffer] : []));
  parentPort.postMessage(answer, arrays);
});`;

/** A damaged file can make the library go round for ever. */
const leastMs = 20_000;
const msPerMiB = 1000;

/** A worker that waits for more: one whose last file was sound. */
let idle: Worker | undefined;

/**
 * Asks a worker. An answer may hold an error of the library; a worker that dies answers with one.
 * @throws BelfryError BELFRY_LOAD_FAILED when `h5wasm` is not installed; the reason of `signal`
 */
export async function askHdf5(
  op: string,
  question: Hdf5Question,
  signal?: AbortSignal,
): Promise<Hdf5Answer> {
  signal?.throwIfAborted();
  const worker = idle ?? new Worker(workerSource, { eval: true, workerData: findLibrary(op) });
  idle = undefined;
  worker.ref();
  const answer = await answerOf(worker, question, signal);
  const isSound = answer.error === undefined && !answer.entries?.some(({ problem }) => problem);
  if (isSound && idle === undefined) {
    idle = worker;
    worker.unref();
  } else void worker.terminate();
  return answer;
}

function answerOf(worker: Worker, question: Hdf5Question, signal?: AbortSignal) {
  return new Promise<Hdf5Answer>((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      worker.off('message', finish).off('error', failed).off('exit', ended);
      signal?.removeEventListener('abort', stopped);
    };
    const finish = (answer: Hdf5Answer): void => {
      leave();
      resolve(answer);
    };
    const failed = (error: Error): void => finish({ error: String(error) });
    const ended = (code: number): void => finish({ error: `the reader ended with code ${code}` });
    const stopped = (): void => {
      leave();
      void worker.terminate();
      reject(signal?.reason);
    };
    const limit = leastMs + msPerMiB * ((question.bytes?.length ?? 0) / 2 ** 20);
    const timer = setTimeout(() => finish({ error: `no end after ${limit / 1000} s` }), limit);
    worker.on('message', finish).on('error', failed).on('exit', ended);
    signal?.addEventListener('abort', stopped);
    worker.postMessage(question);
  });
}

/** The library's module; its package has none for `require`, which would find it. */
function findLibrary(op: string): string {
  const { resolve } = createRequire(import.meta.url);
  for (const folder of resolve.paths('h5wasm') ?? []) {
    const manifest = join(folder, 'h5wasm', 'package.json');
    if (!existsSync(manifest)) continue;
    const { module } = JSON.parse(readFileSync(manifest, 'utf8')) as { module: string };
    return pathToFileURL(join(folder, 'h5wasm', module)).href;
  }
  throw new BelfryError(
    'BELFRY_LOAD_FAILED',
    `${op}: HDF5 files need h5wasm, which is not installed. Run: npm install h5wasm`,
    { op, argument: 'h5wasm' },
  );
}
