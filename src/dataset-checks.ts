import { argumentError } from './errors.js';

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

/** @throws BelfryError BELFRY_BAD_VALUE naming the first row that holds NaN or an infinity */
export function checkFinite(
  op: string,
  name: string,
  array: ArrayLike<number>,
  width: number,
): void {
  for (let i = 0; i < array.length; i++) {
    if (Number.isFinite(array[i])) continue;
    throw badRow(op, name, i, array[i]!, width, 'a finite number');
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

function badRow(op: string, name: string, at: number, value: number, width: number, want: string) {
  const row = Math.floor(at / width);
  const place = width === 1 ? `row ${row}` : `row ${row}, column ${at % width}`;
  return argumentError('BELFRY_BAD_VALUE', op, name, `holds ${value} in ${place}`, want);
}

/** Rows where an episode begins: the first, and those behind the end of another. */
export function findEpisodeStarts(terminated: Uint8Array, truncated: Uint8Array): Int32Array {
  const starts = [0];
  for (let row = 0; row + 1 < terminated.length; row++) {
    if (terminated[row] || truncated[row]) starts.push(row + 1);
  }
  return Int32Array.from(starts);
}
