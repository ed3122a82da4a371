import { loadCuda } from './cuda-search.js';
import { argumentError, BelfryError, show } from './errors.js';
import { allocated } from './memory.js';
import { native } from './native.js';
import { startDownload } from './tasks.js';

/** Element types of the mathematics; half precision travels as `Uint16Array` with a `dtype`. */
export type RealArray = Float32Array | Float64Array;
export type TypedArray = RealArray | Int32Array | Uint8Array | Uint16Array;
export type DType = 'float32' | 'float64' | 'bfloat16' | 'float16' | 'int32' | 'uint8';
export type Device = 'cpu' | 'cuda';

/** Anything with `data` and `shape` (or `dims`); a bare typed array is a vector. */
export type ArrayLike<A extends TypedArray> =
  | A
  | { readonly data: A; readonly shape: readonly number[]; readonly dtype?: string }
  | { readonly data: A; readonly dims: readonly number[]; readonly dtype?: string };

/** An opaque handle on memory of a GPU. */
export type DeviceHandle = object;

/** In the order of DType in views.h. */
export const dtypeCodes: readonly DType[] = [
  'float32',
  'float64',
  'bfloat16',
  'float16',
  'int32',
  'uint8',
];

/** The dtype of a typed array; `Uint16Array` needs telling. */
export function dtypeOf(data: TypedArray, hint?: string): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint8Array) return 'uint8';
  if (hint === 'bfloat16' || hint === 'float16') return hint;
  throw argumentError(
    'BELFRY_BAD_DTYPE',
    'Tensor',
    'data',
    `is ${show(data)}${hint === undefined ? '' : ` with dtype ${show(hint)}`}`,
    "Float32Array, Float64Array, Int32Array, Uint8Array, or Uint16Array with dtype 'bfloat16' or 'float16'",
  );
}

/**
 * A row-major array in host memory or on a GPU.
 *
 * ```ts
 * const rewards = new Tensor(new Float32Array([1, 2, 3, 4]), [2, 2]);
 * const onGpu = rewards.to('cuda'); // needs an NVIDIA GPU
 * const back = await onGpu.read();
 * onGpu.dispose();
 * ```
 *
 * Host tensors hold ordinary typed arrays and need no disposal. A GPU tensor holds device memory:
 * `dispose()` (or `using`) gives it back at once, the garbage collector does eventually.
 */
export class Tensor<A extends TypedArray = Float32Array> {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly device: Device;
  #data: A | undefined;
  #handle: DeviceHandle | undefined;

  /**
   * @param data elements, row-major
   * @param shape rank 0 to 4; default: a vector
   * @param options `dtype` for half precision in a `Uint16Array`
   * @throws BelfryError BELFRY_BAD_SHAPE, BELFRY_BAD_DTYPE
   */
  constructor(data: A, shape?: readonly number[], options?: { dtype?: DType });
  /** @internal wraps device memory */
  constructor(data: undefined, shape: readonly number[], options: DeviceOptions);
  constructor(
    data: A | undefined,
    shape?: readonly number[],
    options: { dtype?: DType; handle?: DeviceHandle } = {},
  ) {
    if (data === undefined) {
      this.shape = shape ?? [];
      this.dtype = options.dtype ?? 'float32';
      this.device = 'cuda';
      this.#handle = options.handle;
      return;
    }
    this.shape = shape ?? [data.length];
    this.dtype = dtypeOf(data, options.dtype);
    this.device = 'cpu';
    this.#data = data;
    const size = this.size;
    if (size !== data.length) {
      const received = `[${this.shape}] has ${size} elements`;
      throw argumentError('BELFRY_BAD_SHAPE', 'Tensor', 'shape', received, `${data.length}`);
    }
  }

  /** Number of elements. */
  get size(): number {
    let size = 1;
    for (const dim of this.shape) size *= dim;
    return size;
  }

  /** The elements of a host tensor. @throws BelfryError BELFRY_DISPOSED, BELFRY_DEVICE_MISMATCH */
  get data(): A {
    if (this.#data !== undefined) return this.#data;
    if (this.device === 'cpu' || this.#handle === undefined) throw disposed();
    throw new BelfryError(
      'BELFRY_DEVICE_MISMATCH',
      'Tensor: data lies on the GPU, expected a host tensor. Use await tensor.read().',
    );
  }

  /** @internal */
  get handle(): DeviceHandle {
    if (this.#handle === undefined) throw disposed();
    return this.#handle;
  }

  get disposed(): boolean {
    return this.#data === undefined && this.#handle === undefined;
  }

  /**
   * This tensor on a device; itself when it is there already. To 'cuda' copies at once.
   * @param index number of the GPU
   * @throws BelfryError BELFRY_CUDA_UNAVAILABLE, BELFRY_OUT_OF_MEMORY
   */
  to(device: 'cuda', index = 0): Tensor<A> {
    if (device !== 'cuda') {
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        'Tensor.to',
        'device',
        `is ${show(device)}`,
        "'cuda'",
        'Read back with await tensor.read().',
      );
    }
    if (this.device === device) return this;
    loadCuda('Tensor.to');
    const handle = native().deviceUpload(index, this.data, this.#half);
    return new Tensor<A>(undefined, this.shape, { dtype: this.dtype, handle });
  }

  /** How the add-on is told which half precision a `Uint16Array` holds. */
  get #half(): number {
    return this.dtype === 'bfloat16' || this.dtype === 'float16'
      ? dtypeCodes.indexOf(this.dtype)
      : -1;
  }

  /**
   * Puts new elements in the place of these: on a GPU behind the work queued so far, and without
   * waiting for it; `data` may be changed again at once.
   * @param data as many elements as the tensor has, of its type
   * @throws BelfryError BELFRY_BAD_DTYPE, BELFRY_BAD_SHAPE, BELFRY_DISPOSED; nothing has changed
   */
  write(data: A): void {
    const isHalf = data instanceof Uint16Array && this.#half >= 0;
    const dtype = isHalf ? this.dtype : dtypeOf(data);
    if (dtype !== this.dtype) {
      throw argumentError('BELFRY_BAD_DTYPE', 'Tensor.write', 'data', `is ${dtype}`, this.dtype);
    }
    if (data.length !== this.size) {
      const found = `has ${data.length} elements`;
      throw argumentError('BELFRY_BAD_SHAPE', 'Tensor.write', 'data', found, `${this.size}`);
    }
    if (this.device === 'cpu') this.data.set(data);
    else native().deviceWrite(this.handle, data, this.#half);
  }

  /**
   * Takes the elements of another tensor of the same type and shape, wherever the two lie. On one
   * GPU the copy is queued there; between GPU and host it is made at once.
   * @throws BelfryError BELFRY_BAD_DTYPE, BELFRY_BAD_SHAPE, BELFRY_DISPOSED, BELFRY_DEVICE_MISMATCH
   *     between two GPUs; nothing has changed
   */
  copyFrom(other: Tensor<A>): void {
    const op = 'Tensor.copyFrom';
    if (other.dtype !== this.dtype) {
      throw argumentError('BELFRY_BAD_DTYPE', op, 'other', `is ${other.dtype}`, this.dtype);
    }
    if (String(other.shape) !== String(this.shape)) {
      const found = `has shape [${other.shape}]`;
      throw argumentError('BELFRY_BAD_SHAPE', op, 'other', found, `[${this.shape}]`);
    }
    if (this.device === 'cpu' || other.device === 'cpu') this.write(other.readSync());
    else native().deviceCopy(this.handle, other.handle);
  }

  /** @internal Elements from `at` on in the same memory, which lives as long as either tensor. */
  slice(at: number, shape: readonly number[]): Tensor<A> {
    const length = shape.reduce((product, size) => product * size, 1);
    if (this.device === 'cpu') {
      const data = this.data.subarray(at, at + length) as A;
      return new Tensor<A>(data, shape, { dtype: this.dtype });
    }
    const handle = native().deviceSlice(this.handle, at, length);
    return new Tensor<A>(undefined, shape, { dtype: this.dtype, handle });
  }

  /** The elements, read back from the GPU without blocking; a host tensor's own `data` otherwise. */
  async read(): Promise<A> {
    if (this.device === 'cpu') return this.data;
    return (await startDownload(this.handle)) as A;
  }

  /** As `read`, but waits on this thread. */
  readSync(): A {
    if (this.device === 'cpu') return this.data;
    return native().deviceDownload(this.handle) as A;
  }

  /** Gives the memory back. Twice is fine; use afterwards throws BELFRY_DISPOSED. */
  dispose(): void {
    if (this.#handle !== undefined) native().deviceDispose(this.#handle);
    this.#handle = undefined;
    this.#data = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

interface DeviceOptions {
  dtype: DType;
  handle: DeviceHandle;
}

function disposed(): BelfryError {
  return new BelfryError('BELFRY_DISPOSED', 'Tensor: was disposed, expected an open tensor.');
}

/** A typed array backed by shared memory: asynchronous calls use it in place, without a copy. */
export function alloc<D extends 'float32' | 'float64' | 'int32' | 'uint8'>(
  dtype: D,
  length: number,
): ArrayOf<D> {
  const bytes = { float32: 4, float64: 8, int32: 4, uint8: 1 }[dtype];
  if (bytes === undefined) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'alloc',
      'dtype',
      `is ${show(dtype)}`,
      "'float32', 'float64', 'int32' or 'uint8'",
    );
  }
  if (!Number.isInteger(length) || length < 0) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'alloc',
      'length',
      `is ${show(length)}`,
      'a non-negative integer',
    );
  }
  const make = (): SharedArrayBuffer => new SharedArrayBuffer(length * bytes);
  const buffer = allocated('alloc', 'length', length, make) as unknown as ArrayBuffer;
  const array: TypedArray =
    dtype === 'float32'
      ? new Float32Array(buffer)
      : dtype === 'float64'
        ? new Float64Array(buffer)
        : dtype === 'int32'
          ? new Int32Array(buffer)
          : new Uint8Array(buffer);
  return array as ArrayOf<D>;
}

export type ArrayOf<D extends DType> = D extends 'float32'
  ? Float32Array
  : D extends 'float64'
    ? Float64Array
    : D extends 'int32'
      ? Int32Array
      : D extends 'uint8'
        ? Uint8Array
        : Uint16Array;
