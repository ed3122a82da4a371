/**
 * How the weights of a layer start:
 * - `'fan_in'`: uniform in ±1/√inputs, biases too, as PyTorch starts linear layers;
 * - `'fan_avg'`: uniform in ±√(6/(inputs + outputs)) (Glorot & Bengio, AISTATS 2010), biases 0;
 * - `'orthogonal'`: rows or columns of length 1 that are orthogonal to each other (Saxe et al., arXiv
 *   1312.6120), biases 0;
 * - `'sparse'`: uniform in ±1/√inputs, nine of ten inputs of each unit 0, biases 0, as in stream-x
 *   (Elsayed et al., arXiv 2410.14606).
 */
export type InitialWeights = 'fan_in' | 'fan_avg' | 'orthogonal' | 'sparse';

export const initialWeights: readonly InitialWeights[] = [
  'fan_in',
  'fan_avg',
  'orthogonal',
  'sparse',
];

/** Share of the inputs of a unit that `'sparse'` leaves out. */
const sparsity = 0.9;

export interface InitialLayer {
  /** [outputs, inputs] */
  weight: number[];
  /** [outputs] */
  bias: number[];
}

/** The layer; `uniform()` draws from [0, 1), weights before biases. */
export function initialLayer(
  kind: InitialWeights,
  inputs: number,
  outputs: number,
  uniform: () => number,
): InitialLayer {
  const within = (bound: number, length: number): number[] =>
    Array.from({ length }, () => (2 * uniform() - 1) * bound);
  const fanIn = 1 / Math.sqrt(Math.max(1, inputs));
  const size = inputs * outputs;
  const bias = new Array<number>(outputs).fill(0);
  switch (kind) {
    case 'fan_in':
      return { weight: within(fanIn, size), bias: within(fanIn, outputs) };
    case 'fan_avg':
      return { weight: within(Math.sqrt(6 / Math.max(1, inputs + outputs)), size), bias };
    case 'orthogonal':
      return { weight: orthogonal(inputs, outputs, uniform), bias };
    case 'sparse':
      return { weight: sparse(within(fanIn, size), inputs, uniform), bias };
  }
}

/** The shorter side orthonormal: Gram–Schmidt, twice, on normal numbers. */
function orthogonal(inputs: number, outputs: number, uniform: () => number): number[] {
  const [count, length] = inputs < outputs ? [inputs, outputs] : [outputs, inputs];
  const vectors: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, () => normal(uniform));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) subtract(vector, other, dot(vector, other));
    }
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((x) => x / norm));
  }
  const at = (i: number, k: number): number => (vectors[i] as Float64Array)[k] as number;
  return Array.from({ length: inputs * outputs }, (_, place) => {
    const [row, column] = [Math.floor(place / inputs), place % inputs];
    return inputs < outputs ? at(column, row) : at(row, column);
  });
}

/** Zeros in ⌈0.9 inputs⌉ random places of each row. */
function sparse(weight: number[], inputs: number, uniform: () => number): number[] {
  const zeros = Math.ceil(sparsity * inputs);
  const places = Array.from({ length: inputs }, (_, i) => i);
  for (let row = 0; row < weight.length; row += inputs) {
    for (let i = 0; i < zeros; i++) {
      const other = i + Math.floor(uniform() * (inputs - i));
      [places[i], places[other]] = [places[other] as number, places[i] as number];
      weight[row + (places[i] as number)] = 0;
    }
  }
  return weight;
}

/** Standard normal, by Box and Muller. */
function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function subtract(from: Float64Array, vector: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) {
    from[i] = (from[i] as number) - times * (vector[i] as number);
  }
}
