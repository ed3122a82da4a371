/** Solvers in several calls: written once, run on this thread or on the engine's. */
import type { AsyncOptions } from '../tasks.js';

/** A call of an op that can be made either way. */
export interface Call<R> {
  sync: () => R;
  async: (run: AsyncOptions) => Promise<R>;
}

/** A solver that yields its calls and is given their results. */
export type Calls<R> = Generator<Call<unknown>, R, never>;

/** The call of an op and of its asynchronous twin with the same arguments. */
export function callOf<R>(
  sync: (args: never) => unknown,
  async: (args: never) => unknown,
  args: object,
): Call<R> {
  return {
    sync: () => sync(args as never) as R,
    async: (run) => async({ ...args, ...run } as never) as Promise<R>,
  };
}

/** One call as a step of a solver, with the type of its result: `yield* step(call)`. */
export function* step<R>(call: Call<R>): Generator<Call<R>, R, never> {
  return yield call;
}

/** Runs a solver on this thread. */
export function runCalls<R>(calls: Calls<R>): R {
  let next = calls.next();
  while (next.done !== true) next = calls.next(next.value.sync() as never);
  return next.value;
}

/** Runs a solver on the engine's threads; `signal` stops it inside a call and between two. */
export async function runCallsAsync<R>(calls: Calls<R>, signal?: AbortSignal): Promise<R> {
  const run = signal === undefined ? {} : { signal };
  let next = calls.next();
  while (next.done !== true) {
    signal?.throwIfAborted();
    next = calls.next((await next.value.async(run)) as never);
  }
  return next.value;
}
