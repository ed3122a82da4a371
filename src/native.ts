/** Finds and loads the add-on; the only file that knows file names. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { argumentError, BelfryError, errorCodes } from './errors.js';
import type { DeviceHandle, TypedArray } from './tensor.js';

/** What the add-on exports. `control` carries the numbers of a call: see call.ts. */
export interface NativeModule {
  initialize(
    control: Float64Array,
    makeError: (...words: [number, string, string, string, string]) => Error,
    allocate: (dtype: number, length: number) => TypedArray,
    onTask: TaskCallback,
  ): void;
  describe(): string;
  run(op: number, ...arrays: unknown[]): (TypedArray | DeviceHandle)[] | undefined;
  /** Again the call of that number, with its arrays; false where it is not remembered. */
  repeat(op: number, call: number): (TypedArray | DeviceHandle)[] | undefined | false;
  start(id: number, op: number, ...arrays: unknown[]): void;
  startDownload(id: number, buffer: DeviceHandle): void;
  cancel(id: number): void;
  setThreads(threads: number): void;
  setMatmulPrecision(tf32: boolean): void;
  facts(): NativeFacts;
  measureLimits(): MachineLimits;
  loadPlugin(path: string): PluginReport;
  devices(): DeviceFacts[];
  deviceUpload(device: number, data: TypedArray, half: number): DeviceHandle;
  deviceWrite(buffer: DeviceHandle, data: TypedArray, half: number): void;
  deviceCopy(buffer: DeviceHandle, from: DeviceHandle): void;
  deviceSlice(buffer: DeviceHandle, at: number, length: number): DeviceHandle;
  deviceDownload(buffer: DeviceHandle): TypedArray;
  deviceDispose(buffer: DeviceHandle): void;
  /** Shared by the ESM and the CommonJS copy of this package in one process. */
  state?: NativeState;
}

export type TaskCallback = (id: number, kind: string, ...rest: unknown[]) => void;

export interface NativeFacts {
  version: string;
  abi: number;
  threads: number;
  availableThreads: number;
  /** Whether float32 products of matrices may round their operands to tf32. */
  tf32: boolean;
  cpuLevel: string;
  compiler: string;
}

/** Measured with the threads the pool may use; see native/core/limits.h. */
export interface MachineLimits {
  copyBytesPerSecond: number;
  readBytesPerSecond: number;
  coldBytesPerSecond?: number;
  sharedCacheCopyBytesPerSecond?: number;
  coreCacheCopyBytesPerSecond?: number;
  gathersPerSecond: number;
  gathersF32PerSecond?: number;
  fmaF32PerSecond: number;
  fmaF64PerSecond: number;
}

export interface PluginReport {
  usable: boolean;
  reason: string;
  detail: string;
  path: string;
}

export interface DeviceFacts {
  name: string;
  capability: string;
  multiprocessors: number;
  driverVersion: number;
  runtimeVersion: number;
  totalBytes: number;
  freeBytes: number;
}

export interface NativeState {
  control: Float64Array;
  /** Counts the calls written into the control block. */
  turn: number;
  tasks: Map<number, TaskCallback>;
  nextTask: number;
}

const controlLength = 1 << 14;
const requireHere = createRequire(import.meta.url);

/** The package's own folder. */
export const packageRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..');

let loaded: NativeModule | undefined;

/** The add-on, loaded at the first call that needs it. @throws BelfryError BELFRY_LOAD_FAILED */
export function native(): NativeModule {
  loaded ??= load();
  return loaded;
}

export function nativeState(): NativeState {
  const state = native().state;
  if (state === undefined) throw new BelfryError('BELFRY_INTERNAL', 'belfry: not initialised.');
  return state;
}

/** Version of this package, from its package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function load(): NativeModule {
  if (process.env['LIBC'] === undefined && process.platform === 'linux' && !hasGlibc()) {
    process.env['LIBC'] = 'musl'; // node-gyp-build itself knows Alpine only
  }
  let module: NativeModule;
  try {
    const find = requireHere('node-gyp-build') as (folder: string) => NativeModule;
    module = find(packageRoot);
  } catch (cause) {
    throw loadError(cause);
  }
  if (module.state === undefined) initialize(module);
  return module;
}

function initialize(module: NativeModule): void {
  const tasks = new Map<number, TaskCallback>();
  const control = new Float64Array(controlLength);
  module.initialize(control, makeError, allocate, (id, kind, ...rest) =>
    tasks.get(id)?.(id, kind, ...rest),
  );
  module.state = { control, turn: 0, tasks, nextTask: 1 };
}

function hasGlibc(): boolean {
  const report = process.report?.getReport() as unknown as
    | { header?: { glibcVersionRuntime?: string } }
    | undefined;
  return report?.header?.glibcVersionRuntime !== undefined;
}

function loadError(cause: unknown): BelfryError {
  const libc = process.platform === 'linux' ? (hasGlibc() ? ' glibc' : ' musl') : '';
  return new BelfryError(
    'BELFRY_LOAD_FAILED',
    `belfry: no binary for ${process.platform}-${process.arch}${libc} (Node ${process.versions.node}) ` +
      `could be loaded from ${packageRoot}: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}. ` +
      'Compile one with "npx belfry build" (needs a C++20 compiler, make and Python 3).',
    { cause },
  );
}

/** Native names are snake_case; everything public is camelCase. */
export function camelCase(name: string): string {
  return name.replace(/_(.?)/g, (_, letter: string) => letter.toUpperCase());
}

function makeError(
  code: number,
  op: string,
  argument: string,
  message: string,
  expected: string,
): BelfryError {
  const name = (errorCodes[code] ?? 'BELFRY_INTERNAL') as BelfryError['code'];
  return argumentError(name, camelCase(op), camelCase(argument), message, expected);
}

const constructors = [
  Float32Array,
  Float64Array,
  Uint16Array,
  Uint16Array,
  Int32Array,
  Uint8Array,
] as const;

function allocate(dtype: number, length: number): TypedArray {
  const Constructor = constructors[dtype] ?? Float32Array;
  return new Constructor(length);
}
