/** One golden case: made into a call of the public API, run, and judged. */
import { BelfryError } from '../errors.js';
import { camelCase } from '../native.js';
import { Tensor, type TypedArray } from '../tensor.js';
import type { GoldenArray, GoldenCase, GoldenPath, RunOptions, Verdict } from './golden-types.js';

type Families = Record<string, Record<string, unknown>>;
type OpFunction = (args: Record<string, unknown>) => Record<string, unknown>;

export async function judgeCase(
  families: Families,
  file: GoldenPath,
  golden: GoldenCase,
  options: RunOptions,
): Promise<Verdict> {
  const op = families[camelCase(file.family.replaceAll('-', '_'))]?.[camelCase(file.op)];
  if (typeof op !== 'function') return { kind: 'skipped', reason: 'no such op' };
  const real = realType(golden, options.dtype);
  const operands = Object.entries(golden.inputs).map(
    ([name, array]) => [camelCase(name), makeOperand(array, real)] as const,
  );
  const before = operands.map(([, operand]) => Buffer.from(bytesOf(operand.data)));
  const args: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(golden.params)) args[camelCase(name)] = value;

  try {
    for (const [name, operand] of operands) {
      args[name] = options.device === 'cuda' ? operand.to('cuda') : operand;
    }
    for (let call = 0; call < options.repeat; call++) {
      const result = await toHost((op as OpFunction)(args));
      const reason = judgeResult(result, golden, options.dtype);
      if (reason !== '') return { kind: 'failed', reason };
    }
  } catch (error) {
    if (error instanceof BelfryError && error.code === 'BELFRY_NOT_IMPLEMENTED') {
      return { kind: 'skipped', reason: 'not implemented' };
    }
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
  for (const [i, [name, operand]] of operands.entries()) {
    if (!before[i]?.equals(bytesOf(operand.data))) {
      return { kind: 'failed', reason: `operand ${name} changed` };
    }
  }
  return { kind: 'passed' };
}

/** '' when all outputs are as expected, else what is wrong. */
function judgeResult(
  result: Record<string, unknown>,
  golden: GoldenCase,
  dtype: RunOptions['dtype'],
): string {
  for (const [name, want] of Object.entries(golden.expected)) {
    const reason = compare(result[camelCase(name)], want, tolerance(golden, want, dtype));
    if (reason !== '') return `${name} ${reason}`;
  }
  return '';
}

function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** float64 when any operand is, or none is real. */
function ownType(golden: GoldenCase): 'f32' | 'f64' {
  const dtypes = Object.values(golden.inputs).map((array) => array.dtype);
  const real = dtypes.filter((dtype) => dtype.startsWith('float') || dtype === 'bfloat16');
  return real.length === 0 || real.includes('float64') ? 'f64' : 'f32';
}

function realType(golden: GoldenCase, asked: RunOptions['dtype']): 'f32' | 'f64' {
  return asked === 'own' ? ownType(golden) : asked;
}

function makeOperand(array: GoldenArray, real: 'f32' | 'f64'): Tensor<TypedArray> {
  const numbers = array.data.map(Number);
  switch (array.dtype) {
    case 'float32':
    case 'float64':
      return new Tensor<TypedArray>(
        real === 'f64' ? Float64Array.from(numbers) : Float32Array.from(numbers),
        array.shape,
      );
    case 'bfloat16':
      if (real === 'f64') return new Tensor<TypedArray>(Float64Array.from(numbers), array.shape);
      return new Tensor<TypedArray>(toBfloat16(numbers), array.shape, { dtype: 'bfloat16' });
    case 'int32':
      return new Tensor<TypedArray>(Int32Array.from(numbers), array.shape);
    case 'uint8':
      return new Tensor<TypedArray>(Uint8Array.from(numbers), array.shape);
  }
}

/** The values are exactly representable: the upper half of each float32. */
function toBfloat16(numbers: number[]): Uint16Array {
  const bits = new Uint32Array(Float32Array.from(numbers).buffer);
  return Uint16Array.from(bits, (word) => word >>> 16);
}

async function toHost(result: Record<string, unknown>): Promise<Record<string, unknown>> {
  const host: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(result)) {
    host[name] =
      value instanceof Tensor && value.device === 'cuda'
        ? new Tensor(await value.read(), value.shape, { dtype: value.dtype })
        : value;
  }
  return host;
}

interface Tolerance {
  atol: number;
  rtol: number;
  exact: boolean;
  ignored: boolean;
}

function tolerance(golden: GoldenCase, want: GoldenArray, dtype: RunOptions['dtype']): Tolerance {
  const exact = !want.dtype.startsWith('float');
  const narrowed = dtype === 'f32' && ownType(golden) === 'f64';
  if (!narrowed) return { atol: golden.atol, rtol: golden.rtol, exact, ignored: false };
  const gamma = golden.params['gamma'];
  const horizon = typeof gamma === 'number' && gamma < 1 ? 1 / (1 - gamma) : 1;
  let largest = 0;
  for (const x of want.data.map(Number)) {
    if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  }
  return {
    atol: Math.max(golden.atol, 1e-6 * horizon * largest),
    rtol: Math.max(golden.rtol, 1e-5 * horizon),
    exact,
    ignored: exact,
  };
}

/** '' when equal within the tolerance, else what is wrong. */
function compare(got: unknown, want: GoldenArray, allowed: Tolerance): string {
  if (got === undefined) return 'is missing';
  if (allowed.ignored) return '';
  const tensor = typeof got === 'number' ? new Tensor(Float64Array.of(got), []) : got;
  if (!(tensor instanceof Tensor)) return `is ${typeof got}, expected a Tensor or a number`;
  const isScalar = (shape: readonly number[]): boolean =>
    shape.length === 0 || (shape.length === 1 && shape[0] === 1);
  const sameShape =
    tensor.shape.length === want.shape.length && tensor.shape.every((d, i) => d === want.shape[i]);
  if (!sameShape && !(isScalar(tensor.shape) && isScalar(want.shape))) {
    return `has shape [${tensor.shape}], expected [${want.shape}]`;
  }
  const data = tensor.data as TypedArray;
  for (let i = 0; i < want.data.length; i++) {
    const x = data[i] as number;
    const y = Number(want.data[i]);
    const bound = allowed.exact ? 0 : allowed.atol + allowed.rtol * Math.abs(y);
    const same = Object.is(x, y) || x === y || (Number.isNaN(x) && Number.isNaN(y));
    if (!same && !(Number.isFinite(y) && Math.abs(x - y) <= bound))
      return `at ${i}: got ${x}, want ${y}, allowed ±${bound}`;
  }
  return '';
}
