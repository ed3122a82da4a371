import { findCuda, noCuda } from './cuda-search.js';
import { argumentError, didYouMean, show } from './errors.js';
import { type DeviceFacts, native } from './native.js';
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
    const hint = "Use { device: 'cpu' }, or { device: 'auto' } to fall back.";
    throw noCuda('Engine', found, hint);
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
