/** Asynchronous work: from a promise to the engine's threads and back. */
import { argumentError, BelfryError, show } from './errors.js';
import { native, nativeState } from './native.js';
import type { DeviceHandle, TypedArray } from './tensor.js';

/** What `onProgress` gets, at most ten times a second. */
export interface Progress {
  /** Iterations done. */
  iteration: number;
  /** Iterations in all, when that is known. */
  total?: number;
  /** How far from done, in the algorithm's own measure. */
  residual?: number;
  /** Milliseconds since the work began. */
  elapsedMs: number;
}

export interface AsyncOptions {
  /** Stops the work (within 10 ms) and rejects with the signal's own reason. */
  signal?: AbortSignal;
  /** Called on the JavaScript thread; an exception inside it stops the work and is what rejects. */
  onProgress?: (progress: Progress) => void;
}

/** Posts work under a new id; `post` throws when an argument is wrong. */
export function startTask<R>(
  op: string,
  options: AsyncOptions,
  post: (id: number) => void,
  finish: (payload: unknown) => R,
): Promise<R> {
  const { signal, onProgress } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      op,
      'signal',
      `is ${show(signal)}`,
      'an AbortSignal',
    );
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      op,
      'onProgress',
      `is ${show(onProgress)}`,
      'a function',
    );
  }
  signal?.throwIfAborted();
  const state = nativeState();
  const id = state.nextTask++;
  const called = new Error(); // its stack points at the caller
  return new Promise<R>((resolve, reject) => {
    let thrown: { value: unknown } | undefined;
    const stop = (): void => native().cancel(id);
    state.tasks.set(id, (_, kind, ...rest) => {
      if (kind === 'progress') {
        try {
          if (thrown === undefined) onProgress?.(toProgress(rest as number[]));
        } catch (value) {
          thrown = { value };
          stop();
        }
        return;
      }
      state.tasks.delete(id);
      signal?.removeEventListener('abort', stop);
      if (thrown !== undefined) {
        reject(thrown.value);
      } else if (signal?.aborted) {
        reject(signal.reason);
      } else if (kind === 'error') {
        reject(withStack(rest[0], op, called));
      } else {
        try {
          resolve(finish(rest[0]));
        } catch (error) {
          reject(error);
        }
      }
    });
    try {
      post(id);
    } catch (error) {
      state.tasks.delete(id);
      throw error;
    }
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function toProgress(numbers: number[]): Progress {
  const [iteration = 0, total = 0, residual = Number.NaN, elapsedMs = 0] = numbers;
  const progress: Progress = { iteration, elapsedMs };
  if (total > 0) progress.total = total;
  if (!Number.isNaN(residual)) progress.residual = residual;
  return progress;
}

function withStack(error: unknown, op: string, called: Error): unknown {
  if (!(error instanceof BelfryError)) return error;
  const message = error.message.startsWith(': ') ? `${op}${error.message}` : error.message;
  const named = new BelfryError(error.code, message, { ...error, op });
  named.stack = `BelfryError: ${message}\n${(called.stack ?? '').split('\n').slice(1).join('\n')}`;
  return named;
}

export function startDownload(handle: DeviceHandle): Promise<TypedArray> {
  return startTask(
    'Tensor.read',
    {},
    (id) => native().startDownload(id, handle),
    (arrays) => (arrays as TypedArray[])[0] as TypedArray,
  );
}
