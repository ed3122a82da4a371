/** tf32 on a GPU: close to the CPU, not float32, and gone without a trace when it is unset. */
import { readFileSync } from 'node:fs';
import { Engine, setMatmulPrecision } from 'belfry';
import { fqlTrainStep, mlp } from 'belfry/flow';
import { afterAll, expect, test } from 'vitest';

// Before the plug-in is opened, and nothing else is said before the first call.
setMatmulPrecision('tf32');
const engine = new Engine({ device: 'cuda' });
afterAll(() => setMatmulPrecision('float32'));

type Args = Record<string, unknown>;
type Op = (args: never) => object;

/** Repeatable numbers in [−1, 1). */
function numbers(dims: number[], seed: number) {
  let state = seed;
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
  return { data, dims };
}

/** Layers of sizes that fill no tile, forwards, along a tangent and back. */
function network(rows: number): Args {
  return {
    x: numbers([rows, 55], 1),
    tangentX: numbers([rows, 55], 2),
    weight0: numbers([70, 55], 3),
    bias0: numbers([70], 4),
    weight1: numbers([6, 70], 5),
    bias1: numbers([6], 7),
    activations: ['tanh', 'identity'],
    gradY: numbers([rows, 6], 6),
  };
}

interface Golden {
  cases: {
    inputs: Record<string, { dtype: string; shape: number[]; data: number[] }>;
    params: Args;
  }[];
}

/** The float32 operands and the parameters of a golden case, under their names in TypeScript. */
function goldenStep(): Args {
  const path = new URL('../golden/flow/fql_train_step.json', import.meta.url);
  const [first] = (JSON.parse(readFileSync(path, 'utf8')) as Golden).cases;
  const operands = Object.entries(first?.inputs ?? {}).map(([name, { dtype, shape, data }]) => {
    const numbers = dtype === 'uint8' ? Uint8Array.from(data) : Float32Array.from(data);
    return [name, { data: numbers, dims: shape }] as const;
  });
  const named = [...operands, ...Object.entries(first?.params ?? {})].map(([name, value]) => {
    return [name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), value];
  });
  return Object.fromEntries(named) as Args;
}

/** All numbers of a result, those of lists too, in order. */
function flat(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
  if (Array.isArray(value)) return value.flatMap(flat);
  const { data } = (value ?? {}) as { data?: Float32Array };
  return data === undefined ? Object.values(value ?? {}).flatMap(flat) : Array.from(data);
}

const call = (op: unknown, args: Args): number[] => flat((op as Op)(args as never));

function onDevice(op: unknown, args: Args, precision: 'float32' | 'tf32'): number[] {
  setMatmulPrecision(precision);
  return call(op, { ...args, engine });
}

const largest = (values: number[]) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

function apart(left: number[], right: number[]): number {
  expect(left.length).toBe(right.length);
  return largest(left.map((x, i) => x - (right[i] as number)));
}

test('a choice made before the plug-in was opened counts', () => {
  const first = call(mlp, { ...network(3), engine });
  expect(onDevice(mlp, network(3), 'tf32')).toEqual(first);
  expect(onDevice(mlp, network(3), 'float32')).not.toEqual(first);
});

test.each([
  ['mlp, many rows', mlp, network(300), 2e-3],
  ['mlp, one row', mlp, network(1), 2e-3],
  ['a training step of FQL', fqlTrainStep, goldenStep(), 2e-2],
] as [string, unknown, Args, number][])('%s', (_, op, args, tolerance) => {
  const onCpu = call(op, args);
  const rounded = onDevice(op, args, 'tf32');
  const plain = onDevice(op, args, 'float32');
  const scale = largest(onCpu);
  expect(scale).toBeGreaterThan(0);
  expect(apart(plain, onCpu)).toBeLessThan(1e-5 * scale);
  expect(apart(rounded, onCpu)).toBeLessThan(tolerance * scale);
  expect(apart(rounded, plain)).toBeGreaterThan(1e-5 * scale);
  expect(onDevice(op, args, 'tf32')).toEqual(rounded);
  expect(onDevice(op, args, 'float32')).toEqual(plain);
});

test('float64 is not rounded', () => {
  const wide = Object.entries(network(40)).map(([name, value]) => {
    const { data, dims } = value as ReturnType<typeof numbers>;
    return [name, data === undefined ? value : { data: Float64Array.from(data), dims }];
  });
  const args = Object.fromEntries(wide) as Args;
  expect(onDevice(mlp, args, 'tf32')).toEqual(onDevice(mlp, args, 'float32'));
});
