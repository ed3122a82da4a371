/** A ReLU network over binary inputs as a mixed-integer programme (arXiv 2503.01919). */
import type { RealArray } from '../tensor.js';
import type { LinearColumn, LinearProgram, LinearRow } from './linear-program.js';

/** One layer: y = W x + b, then max(y, 0) except after the last. */
export interface ReluLayer {
  /** W, [outputs, inputs]. */
  weights: { readonly data: RealArray; readonly shape: readonly number[] };
  /** b, [outputs]. */
  bias: RealArray;
}

/** The value of the network's one output. */
export function evaluateNetwork(layers: readonly ReluLayer[], inputs: ArrayLike<number>): number {
  let x = Array.from(inputs);
  layers.forEach(({ weights, bias }, l) => {
    const [, width = 0] = weights.shape;
    x = Array.from(bias, (b, h) => {
      const y = x.reduce((sum, xi, i) => sum + weights.data[h * width + i]! * xi, b);
      return l + 1 < layers.length ? Math.max(y, 0) : y;
    });
  });
  return x[0]!;
}

/** What a layer computes: constant + Σ coefficients[i] · column[i], between low and high. */
interface Affine {
  constant: number;
  columns: number[];
  coefficients: number[];
  low: number;
  high: number;
}

/**
 * max of the network over binary actions. Its first `numActions` columns are the actions. Unit
 * x = max(z, 0) with z in [l, h] and l < 0 < h takes a binary d and the rows
 *
 *   z ≤ x ≤ z − l (1 − d),  0 ≤ x ≤ h d
 *
 * with l and h as tight as intervals make them; a unit that never changes branch takes none.
 * @param mostActive at most so many actions are 1, which tightens the first layer
 */
export function reluProgram(
  layers: readonly ReluLayer[],
  numActions: number,
  state: ArrayLike<number>,
  constraints: readonly LinearRow[],
  mostActive: number,
): LinearProgram {
  const columns: LinearColumn[] = Array.from({ length: numActions }, () => ({
    cost: 0,
    low: 0,
    high: 1,
    integer: true,
  }));
  const rows: LinearRow[] = [...constraints];
  // No action at all is where the search starts, if that is allowed.
  const start: number[] = new Array(numActions).fill(0);
  let inputs = columns.map((_, i) => i);
  let offset = 0;
  layers.forEach((layer, l) => {
    const units = Array.from(layer.bias, (_, h) =>
      l === 0
        ? firstLayerUnit(layer, h, state, numActions, mostActive)
        : laterUnit(layer, h, inputs, columns),
    );
    if (l + 1 < layers.length) inputs = units.map((unit) => addUnit(unit, columns, rows, start));
    else offset = setObjective(units[0]!, columns);
  });
  const mayRest = constraints.every(({ low, high }) => low <= 0 && high >= 0);
  return { maximise: true, offset, columns, rows, ...(mayRest && { start }) };
}

function firstLayerUnit(
  { weights, bias }: ReluLayer,
  h: number,
  state: ArrayLike<number>,
  numActions: number,
  mostActive: number,
): Affine {
  const first = h * (numActions + state.length);
  let constant = bias[h]!;
  for (let d = 0; d < state.length; d++) {
    constant += weights.data[first + numActions + d]! * state[d]!;
  }
  const coefficients = Array.from(weights.data.subarray(first, first + numActions));
  const sorted = [...coefficients].sort((a, b) => b - a);
  const sumOf = (list: number[]): number => list.reduce((sum, x) => sum + x, 0);
  const high = constant + sumOf(sorted.slice(0, mostActive).filter((w) => w > 0));
  const low =
    constant +
    sumOf(
      sorted
        .reverse()
        .slice(0, mostActive)
        .filter((w) => w < 0),
    );
  return { constant, columns: coefficients.map((_, i) => i), coefficients, low, high };
}

function laterUnit(
  { weights, bias }: ReluLayer,
  h: number,
  inputs: readonly number[],
  columns: readonly LinearColumn[],
): Affine {
  const coefficients = inputs.map((_, i) => weights.data[h * inputs.length + i]!);
  let [low, high] = [bias[h]!, bias[h]!];
  inputs.forEach((column, i) => {
    const ends = [columns[column]!.low, columns[column]!.high].map((x) => coefficients[i]! * x);
    low += Math.min(...ends);
    high += Math.max(...ends);
  });
  return { constant: bias[h]!, columns: [...inputs], coefficients, low, high };
}

/** Adds x = max(unit, 0), to the starting point too; its column. */
function addUnit(
  unit: Affine,
  columns: LinearColumn[],
  rows: LinearRow[],
  start: number[],
): number {
  const { constant } = unit;
  // Intervals are sums of their own order: rounding must not cut anything off.
  const slack = 1e-12 * (Math.abs(unit.low) + Math.abs(unit.high));
  const [low, high] = [unit.low - slack, unit.high + slack];
  const output = columns.push({ cost: 0, low: Math.max(low, 0), high: Math.max(high, 0) }) - 1;
  const atStart = unit.columns.reduce(
    (z, at, i) => z + unit.coefficients[i]! * start[at]!,
    constant,
  );
  start.push(Math.max(atStart, 0));
  if (high <= 0) return output;
  // Bounds on x − z, and perhaps a multiple of d besides.
  const difference = (least: number, most: number, more: [number, number][] = []): void => {
    rows.push({
      low: least + constant,
      high: most + constant,
      indices: [output, ...unit.columns, ...more.map(([column]) => column)],
      values: [1, ...unit.coefficients.map((w) => -w), ...more.map(([, value]) => value)],
    });
  };
  if (low >= 0) {
    difference(0, 0);
    return output;
  }
  const branch = columns.push({ cost: 0, low: 0, high: 1, integer: true }) - 1;
  start.push(atStart > 0 ? 1 : 0);
  difference(0, Infinity);
  difference(-Infinity, -low, [[branch, -low]]);
  rows.push({ low: -Infinity, high: 0, indices: [output, branch], values: [1, -high] });
  return output;
}

/** The network's output as objective; returns its constant. */
function setObjective(unit: Affine, columns: LinearColumn[]): number {
  unit.columns.forEach((column, i) => {
    columns[column]!.cost += unit.coefficients[i]!;
  });
  return unit.constant;
}
