import { argumentError, type BelfryErrorCode } from './errors.js';

/** Throws where an array has not `count` rows of `width` numbers. */
export function checkLength(
  op: string,
  name: string,
  array: { length: number },
  count: number,
  width: number,
): void {
  if (array.length === count * width) return;
  const expected = `${count * width} (${count} rows of ${width})`;
  throw argumentError('BELFRY_BAD_SHAPE', op, name, `has length ${array.length}`, expected);
}

/** Rows of `width` numbers. @throws BelfryError BELFRY_BAD_SHAPE where the last one is cut */
export function wholeRows(
  op: string,
  name: string,
  array: { length: number },
  width: number,
): number {
  const count = array.length / width;
  if (Number.isInteger(count)) return count;
  const expected = `a multiple of ${width}, the numbers of a row`;
  throw argumentError('BELFRY_BAD_SHAPE', op, name, `has length ${array.length}`, expected);
}

/** Numbers of each of `count` rows. @throws BelfryError BELFRY_BAD_SHAPE where rows are ragged */
export function rowWidth(
  op: string,
  name: string,
  array: { length: number },
  count: number,
): number {
  const width = array.length / count;
  if (Number.isInteger(width) && width > 0) return width;
  const found = `has length ${array.length}`;
  const expected = `a multiple of ${count}, the number of rewards`;
  throw argumentError('BELFRY_BAD_SHAPE', op, name, found, expected);
}

/**
 * @throws BelfryError BELFRY_BAD_VALUE, or `code`, naming the first row that holds what float32 does
 * not: NaN, an infinity, a number too large
 */
export function checkFinite(
  op: string,
  name: string,
  array: ArrayLike<number>,
  width: number,
  code?: BelfryErrorCode,
): void {
  for (let i = 0; i < array.length; i++) {
    if (typeof array[i] === 'number' && Number.isFinite(Math.fround(array[i]!))) continue;
    throw badRow(op, name, i, array[i]!, width, 'a finite number', code);
  }
}

/** @throws BelfryError BELFRY_BAD_VALUE naming the first row that is neither 0 nor 1 */
export function checkFlags(op: string, name: string, array: ArrayLike<number | boolean>): void {
  for (let i = 0; i < array.length; i++) {
    const flag = array[i]!;
    if (flag === 0 || flag === 1 || typeof flag === 'boolean') continue;
    throw badRow(op, name, i, flag, 1, '0 or 1');
  }
}

/** @throws BelfryError BELFRY_BAD_VALUE naming the first row beyond ±limit */
export function checkWithin(
  op: string,
  name: string,
  array: ArrayLike<number>,
  width: number,
  limit: number,
): void {
  for (let i = 0; i < array.length; i++) {
    if (Math.abs(array[i]!) <= limit) continue;
    throw badRow(op, name, i, array[i]!, width, `a number in [${-limit}, ${limit}]`);
  }
}

/** @throws BelfryError BELFRY_BAD_VALUE naming the first row that is no index below `count` */
export function checkIndices(op: string, name: string, array: Int32Array, count: number): void {
  for (let i = 0; i < array.length; i++) {
    if (array[i]! >= 0 && array[i]! < count) continue;
    throw badRow(op, name, i, array[i]!, 1, `an index in [0, ${count})`);
  }
}

function badRow(
  op: string,
  name: string,
  at: number,
  value: number,
  width: number,
  want: string,
  code: BelfryErrorCode = 'BELFRY_BAD_VALUE',
) {
  const row = Math.floor(at / width);
  const place = width === 1 ? `row ${row}` : `row ${row}, column ${at % width}`;
  return argumentError(code, op, name, `holds ${value} in ${place}`, want);
}

/** Rows where an episode begins: the first, and those behind the end of another. */
export function findEpisodeStarts(terminated: Uint8Array, truncated: Uint8Array): Int32Array {
  const starts = [0];
  for (let row = 0; row + 1 < terminated.length; row++) {
    if (terminated[row] || truncated[row]) starts.push(row + 1);
  }
  return Int32Array.from(starts);
}
