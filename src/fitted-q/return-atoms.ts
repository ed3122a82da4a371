import { argumentError } from '../errors.js';
import type { ReturnAtoms } from './regressor.js';

/** @throws BelfryError BELFRY_INVALID_ARGUMENT unless there are two atoms or more, apart */
export function returnAtoms(op: string, atoms: Partial<ReturnAtoms>): ReturnAtoms {
  const { count = 51, vMin = Number.NaN, vMax = Number.NaN } = atoms;
  const invalid = (name: string, value: number, expected: string) =>
    argumentError('BELFRY_INVALID_ARGUMENT', op, name, `is ${value}`, expected);
  if (!Number.isFinite(vMin)) throw invalid('vMin', vMin, 'a finite number');
  if (!(vMin < vMax && Number.isFinite(vMax - vMin))) {
    throw invalid('vMax', vMax, `a finite number above vMin = ${vMin}`);
  }
  if (!Number.isSafeInteger(count) || count < 2) throw invalid('count', count, 'at least 2');
  return { count, vMin, vMax };
}

/** Mean return of each distribution. */
export function atomMeans(probabilities: Float32Array, atoms: ReturnAtoms): Float32Array {
  const { count, vMin, vMax } = atoms;
  const apart = (vMax - vMin) / (count - 1);
  const means = new Float32Array(probabilities.length / count);
  for (let i = 0; i < means.length; i++) {
    let sum = 0;
    for (let j = 0; j < count; j++) {
      sum += (probabilities[i * count + j] as number) * (vMin + j * apart);
    }
    means[i] = sum;
  }
  return means;
}

/** The distribution of each `count` logits, in their place. */
export function toDistributions(logits: Float32Array, count: number): Float32Array {
  for (let at = 0; at < logits.length; at += count) softmax(logits.subarray(at, at + count));
  return logits;
}

function softmax(logits: Float32Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const mass = Math.exp((logits[i] as number) - largest);
    logits[i] = mass;
    sum += mass;
  }
  for (let i = 0; i < logits.length; i++) (logits[i] as number) /= sum;
}
