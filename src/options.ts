import { argumentError, didYouMean } from './errors.js';

/** Strict options: an unknown key is an error that names the closest known one. */
export function checkOptions(op: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = didYouMean(key, known);
    throw argumentError('BELFRY_INVALID_ARGUMENT', op, key, 'is not an option', '', hint);
  }
}
