/** A golden file as read, and what became of a case. */
export interface GoldenArray {
  dtype: 'float32' | 'float64' | 'bfloat16' | 'int32' | 'uint8';
  shape: number[];
  data: (number | string)[];
}

export interface GoldenCase {
  name: string;
  inputs: Record<string, GoldenArray>;
  params: Record<string, unknown>;
  expected: Record<string, GoldenArray>;
  atol: number;
  rtol: number;
}

export interface GoldenPath {
  family: string;
  op: string;
  path: string;
}

export interface RunOptions {
  device: 'cpu' | 'cuda';
  dtype: 'own' | 'f32' | 'f64';
  /** Calls of each case, one after the other. */
  repeat: number;
}

export type Verdict =
  | { kind: 'passed' }
  | { kind: 'failed'; reason: string }
  | { kind: 'skipped'; reason: string };
