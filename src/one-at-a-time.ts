import { argumentError } from './errors.js';

/** Guards an object whose asynchronous methods work on the same arrays: one of them at a time. */
export class OneAtATime {
  readonly #owner: string;
  #running: string | undefined;

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** @throws BelfryError BELFRY_BUFFER_IN_USE while a method that was begun has not ended */
  check(method: string): void {
    if (this.#running === undefined) return;
    const [op, received] = [`${this.#owner}.${method}`, `is called while ${this.#running} goes on`];
    throw argumentError('BELFRY_BUFFER_IN_USE', op, '', received, '', 'Await that first.');
  }

  /** Runs `work` as `method`. @throws as `check` does, and what `work` throws */
  async run<T>(method: string, work: () => Promise<T>): Promise<T> {
    this.check(method);
    this.#running = method;
    try {
      return await work();
    } finally {
      this.#running = undefined;
    }
  }
}
