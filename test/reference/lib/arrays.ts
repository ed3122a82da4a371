/** Named arrays of real numbers, as references take and give them. */
import { seeded } from '../../../examples/lib/random.js';
import { type GoldenArray, reals } from '../golden.js';

export interface RealArray {
  shape: number[];
  data: number[];
}
export type Arrays = Record<string, RealArray>;

export const array = (shape: number[], data: number[]): RealArray => ({ shape, data });
export const scalar = (x: number): RealArray => ({ shape: [], data: [x] });

export function named(arrays: Arrays, name: string): RealArray {
  const found = arrays[name];
  if (!found) throw new Error(`no array ${name}`);
  return found;
}

/** Its rows; of more dimensions than two, those of the last one. */
export function rowsOf({ shape, data }: RealArray): number[][] {
  const width = shape.length > 1 ? (shape.at(-1) as number) : 1;
  return Array.from({ length: data.length / width }, (_, row) =>
    data.slice(row * width, (row + 1) * width),
  );
}

export const golden = (arrays: Arrays): Record<string, GoldenArray> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, reals(shape, data)]),
  );

/** The nearest number of eight significant bits: of this size, one that bfloat16 has. */
export function eightBits(x: number): number {
  if (x === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 7);
  return Math.round(x / unit) * unit;
}

export interface RandomNumbers {
  fill(shape: number[], low: number, high: number): RealArray;
  flagsOf(length: number, share: number): number[];
  below(length: number, count: number): number[];
}

/** Numbers with few digits, uniform in a range; flags and indices. */
export function generator(seed: number): RandomNumbers {
  const random = seeded(seed);
  const fill = (shape: number[], low: number, high: number): RealArray => {
    const length = shape.reduce((product, size) => product * size, 1);
    const draw = (): number => Math.round(1000 * (low + (high - low) * random())) / 1000;
    return { shape, data: Array.from({ length }, draw) };
  };
  const flagsOf = (length: number, share: number): number[] =>
    Array.from({ length }, () => (random() < share ? 1 : 0));
  const below = (length: number, count: number): number[] =>
    Array.from({ length }, () => Math.floor(count * random()));
  return { fill, flagsOf, below };
}
