import { argumentError } from '../errors.js';
import { rules } from '../options.js';
import type { QNetworkState } from './q-network.js';

type Saved = QNetworkState['weights'];

/**
 * A saved network of these widths, with the state of its optimiser or without.
 * @throws BelfryError BELFRY_BAD_SHAPE naming the array that is missing or of another shape;
 * BELFRY_BAD_VALUE for weights that are not finite
 */
export function checkSavedNetwork(
  op: string,
  saved: QNetworkState | undefined,
  widths: readonly number[],
): void {
  const { weights, state, steps } = saved ?? ({} as Partial<QNetworkState>);
  if (!Array.isArray(weights) || !Array.isArray(state) || !rules.countOrNone[0](steps)) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      op,
      'state',
      'holds no network',
      'one of save()',
    );
  }
  checkArrays(op, weights, ['w', 'b'], widths);
  const moments = ['firstW', 'firstB', 'secondW', 'secondB'];
  checkArrays(op, state, state.length === 0 ? [] : moments, widths);
}

function checkArrays(
  op: string,
  arrays: Saved,
  prefixes: readonly string[],
  widths: readonly number[],
): void {
  const byName = new Map(arrays.map((entry) => [entry[0], entry]));
  const layers = widths.length - 1;
  for (let i = 0; i < layers; i++) {
    const [inputs, outputs] = [widths[i] as number, widths[i + 1] as number];
    for (const prefix of prefixes) {
      const isMatrix = prefix.toLowerCase().endsWith('w');
      const wanted = isMatrix ? [outputs, inputs] : [outputs];
      const [, values, shape] = byName.get(`${prefix}${i}`) ?? [];
      checkArray(op, `${prefix}${i}`, values, shape, wanted);
    }
  }
  if (arrays.length === prefixes.length * layers) return;
  const found = `has ${arrays.length} arrays`;
  throw argumentError('BELFRY_BAD_SHAPE', op, 'state', found, `${prefixes.length * layers}`);
}

function checkArray(
  op: string,
  name: string,
  values: unknown,
  shape: readonly number[] | undefined,
  wanted: readonly number[],
): void {
  const count = wanted.reduce((product, n) => product * n, 1);
  const fits = values instanceof Float32Array && values.length === count;
  if (!fits || String(shape) !== String(wanted)) {
    const found = shape === undefined ? 'is missing' : `has shape [${shape}]`;
    throw argumentError('BELFRY_BAD_SHAPE', op, name, found, `[${wanted}]`);
  }
  if (!/^[wb]/.test(name) || values.every(Number.isFinite)) return;
  throw argumentError('BELFRY_BAD_VALUE', op, name, 'is not finite', 'numbers');
}
