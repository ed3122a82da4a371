/**
 * Golden files of ops that the specification has no cases for: made by plain float64 references,
 * one line a case. `npx vitest run test/golden/references.test.ts -u` writes them.
 */
export interface GoldenArray {
  dtype: 'float64' | 'float32' | 'bfloat16' | 'int32' | 'uint8';
  shape: number[];
  data: (number | string)[];
}

export interface ReferenceCase {
  name: string;
  inputs: Record<string, GoldenArray>;
  params: Record<string, number | string | boolean | null | string[]>;
  expected: Record<string, GoldenArray>;
  atol: number;
  rtol: number;
}

export interface Reference {
  /** Below test/golden; absent: the family. For forms of an op whose file the specification has. */
  folder?: string;
  family: string;
  op: string;
  cases: ReferenceCase[];
}

/** JSON has no words for these. */
const written = (x: number): number | string => (Number.isFinite(x) ? x : String(x));

export const reals = (shape: number[], data: Iterable<number>): GoldenArray => ({
  dtype: 'float64',
  shape,
  data: [...data].map(written),
});
export const float32s = (shape: number[], data: Iterable<number>): GoldenArray => ({
  ...reals(shape, data),
  dtype: 'float32',
});
/** Of numbers that bfloat16 has. */
export const bfloat16s = (shape: number[], data: Iterable<number>): GoldenArray => ({
  ...reals(shape, data),
  dtype: 'bfloat16',
});
export const integers = (shape: number[], data: Iterable<number>): GoldenArray => ({
  dtype: 'int32',
  shape,
  data: [...data],
});
export const flags = (shape: number[], data: Iterable<number>): GoldenArray => ({
  dtype: 'uint8',
  shape,
  data: [...data],
});

export function goldenText({ family, op, cases }: Reference): string {
  const head = JSON.stringify({
    algorithm: op,
    source: `plain float64 reference, test/reference/${family}`,
  });
  const lines = cases.map((one) => JSON.stringify(one)).join(',\n');
  return `${head.slice(0, -1)},"cases":[\n${lines}\n]}\n`;
}
