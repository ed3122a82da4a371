import { argumentError } from './errors.js';

/**
 * What `make` makes.
 * @throws BelfryError BELFRY_OUT_OF_MEMORY where an array of it is larger than there can be
 */
export function allocated<T>(op: string, argument: string, received: unknown, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const found = `is ${received}`;
    throw argumentError('BELFRY_OUT_OF_MEMORY', op, argument, found, 'what fits in memory');
  }
}
