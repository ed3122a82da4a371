/** What the tests of MDPs share. */
import { expect } from 'vitest';

import { BelfryError, type BelfryErrorCode } from '../../../src/errors.js';

/** Runs and expects a BelfryError of this code and message. */
export function expectError(run: () => unknown, code: BelfryErrorCode, message: RegExp): void {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BelfryError);
  expect(thrown).toMatchObject({ code });
  expect((thrown as BelfryError).message).toMatch(message);
}

/** Largest difference of two arrays of one length. */
export function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}
