import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { argumentError, BelfryError, didYouMean, show } from './errors.js';
import { type DeviceFacts, native, type PluginReport, packageRoot } from './native.js';
import { type Device, Tensor, type TypedArray } from './tensor.js';

export interface EngineOptions {
  /**
   * `'cpu'` (default) never looks for CUDA; `'cuda'` needs it; `'auto'` takes it when it is usable.
   */
  device?: Device | 'auto';
  /** Number of the GPU, default 0. */
  index?: number;
}

/** What an engine chose, and why. */
export interface Diagnostics {
  device: Device;
  /** Why CUDA was not taken, in a word (`'no-driver'`, `'not-shipped'`, ...), when it was not. */
  reason?: string;
  /** The same in a sentence. */
  detail?: string;
  /** Where the CUDA plug-in was looked for, and what came of it. */
  attempts: readonly string[];
  devices: readonly DeviceFacts[];
}

/**
 * Where calls compute. Operands that are GPU tensors are computed where they lie and need no engine.
 *
 * ```ts
 * const engine = new Engine({ device: 'auto' });
 * const { advantages } = gae({ rewards, values, engine });
 * ```
 *
 * @throws BelfryError BELFRY_CUDA_UNAVAILABLE when `device` is 'cuda' and it cannot be used
 */
export class Engine {
  readonly device: Device;
  readonly index: number;
  readonly #diagnostics: Diagnostics;

  constructor(options: EngineOptions = {}) {
    for (const key of Object.keys(options)) {
      if (key === 'device' || key === 'index') continue;
      const hint = didYouMean(key, ['device', 'index']);
      throw argumentError('BELFRY_INVALID_ARGUMENT', 'Engine', key, 'is not an option', '', hint);
    }
    const { device = 'cpu', index = 0 } = options;
    if (device !== 'cpu' && device !== 'cuda' && device !== 'auto') {
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        'Engine',
        'device',
        `is ${show(device)}`,
        "'cpu', 'cuda' or 'auto'",
      );
    }
    this.index = index;
    if (device === 'cpu') {
      this.device = 'cpu';
      this.#diagnostics = { device: 'cpu', attempts: [], devices: [] };
      return;
    }
    const found = findCuda();
    this.device = found.usable ? 'cuda' : 'cpu';
    this.#diagnostics = { device: this.device, attempts: found.attempts, devices: found.devices };
    if (found.usable) return;
    Object.assign(this.#diagnostics, { reason: found.reason, detail: found.detail });
    if (device === 'auto') return;
    throw new BelfryError(
      'BELFRY_CUDA_UNAVAILABLE',
      `Engine: CUDA is not available: ${found.detail} Use { device: 'cpu' }, or { device: 'auto' } to fall back.`,
      { op: 'Engine', argument: 'device', received: found.reason },
    );
  }

  /** What was chosen, and why. */
  diagnostics(): Diagnostics {
    return this.#diagnostics;
  }

  /** @internal an operand as a tensor of this engine's device */
  place(operand: unknown): unknown {
    if (operand instanceof Tensor) return operand.to('cuda', this.index);
    if (ArrayBuffer.isView(operand))
      return new Tensor(operand as TypedArray).to('cuda', this.index);
    const { data, shape, dims, dtype } = operand as {
      data: TypedArray;
      shape?: number[];
      dims?: number[];
      dtype?: Tensor<TypedArray>['dtype'];
    };
    return new Tensor(data, shape ?? dims, dtype === undefined ? {} : { dtype }).to(
      'cuda',
      this.index,
    );
  }
}

interface CudaSearch {
  usable: boolean;
  reason: string;
  detail: string;
  attempts: string[];
  devices: DeviceFacts[];
}

const sentences: Record<string, string> = {
  'not-shipped': 'this installation holds no CUDA plug-in (npm run build:cuda makes one).',
  'load-failed': 'the CUDA plug-in could not be opened.',
  'abi-mismatch': 'the CUDA plug-in was built for another version of belfry.',
  'no-driver': 'no NVIDIA driver was found.',
  'driver-too-old': 'the NVIDIA driver is older than the plug-in needs.',
  'no-device': 'no NVIDIA GPU was found.',
  'unsupported-gpu': 'the GPU is older than the plug-in supports (compute capability 7.5).',
  disabled: 'BELFRY_CUDA=0 turns CUDA off.',
};

/** Looks for the plug-in in the documented order; the first that opens is kept. */
export function findCuda(): CudaSearch {
  const attempts: string[] = [];
  if (process.env['BELFRY_CUDA'] === '0') {
    return unusable('disabled', '', attempts);
  }
  const file = process.platform === 'win32' ? 'belfry_cuda.dll' : 'belfry_cuda.so';
  const named = process.env['BELFRY_CUDA_PATH'];
  const places =
    named !== undefined && named !== ''
      ? [named]
      : [
          join(packageRoot, 'build-cuda', 'Release', file),
          join(packageRoot, 'prebuilds', `${process.platform}-${process.arch}`, file),
        ];
  let last: PluginReport | undefined;
  for (const path of places) {
    if (!existsSync(path)) {
      attempts.push(`${path}: no such file`);
      continue;
    }
    last = native().loadPlugin(path);
    attempts.push(`${path}: ${last.usable ? 'usable' : `${last.reason} ${last.detail}`.trim()}`);
    if (last.usable) {
      return { usable: true, reason: '', detail: '', attempts, devices: native().devices() };
    }
  }
  return unusable(last?.reason ?? 'not-shipped', last?.detail ?? '', attempts);
}

function unusable(reason: string, detail: string, attempts: string[]): CudaSearch {
  const sentence = sentences[reason] ?? `the CUDA plug-in reports ${reason}.`;
  return {
    usable: false,
    reason,
    detail: detail === '' ? sentence : `${sentence} (${detail})`,
    attempts,
    devices: [],
  };
}

/** CUDA devices that can be used; empty without them. */
export function devices(): readonly DeviceFacts[] {
  return findCuda().devices;
}

/**
 * Threads the CPU kernels of this process may use, the calling one included; default: all the
 * process may use, or BELFRY_THREADS. Results do not depend on it.
 */
export function setThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > 1024) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'setThreads',
      'threads',
      `is ${show(threads)}`,
      'an integer in [1, 1024]',
    );
  }
  native().setThreads(threads);
}

/** What float32 products of matrices do with their operands: see {@link setMatmulPrecision}. */
export type MatmulPrecision = 'float32' | 'tf32';

/**
 * How a GPU multiplies float32 matrices in this process: the layers of networks, their derivatives
 * and gradients, and the fused linear ops. `'float32'` (default, or BELFRY_MATMUL) keeps every bit
 * of the operands. `'tf32'` rounds each to 11 significant bits, a relative error of at most 2⁻¹¹ for
 * each factor of a product, and multiplies on tensor cores with float32 sums. It counts for calls
 * that begin afterwards, whether the GPU was opened before or is opened later.
 *
 * The CPU always computes in float32, as do GPUs before compute capability 8.0 and the samplers
 * that run a small network in one kernel. Operands of float64 and of half precision, sums, biases,
 * activations, norms and optimizer steps are not affected.
 * ```ts
 * setMatmulPrecision('tf32');
 * ```
 * @throws BelfryError BELFRY_INVALID_ARGUMENT for any other word
 */
export function setMatmulPrecision(precision: MatmulPrecision): void {
  if (precision !== 'float32' && precision !== 'tf32') {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'setMatmulPrecision',
      'precision',
      `is ${show(precision)}`,
      "'float32' or 'tf32'",
    );
  }
  native().setMatmulPrecision(precision === 'tf32');
}

/** What {@link setMatmulPrecision} or BELFRY_MATMUL chose. */
export function matmulPrecision(): MatmulPrecision {
  return native().facts().tf32 ? 'tf32' : 'float32';
}
