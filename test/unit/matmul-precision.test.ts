/** The choice of float32 or tf32 for products on a GPU: the words, the variable, the CPU's bits. */
import { execFileSync } from 'node:child_process';
import { BelfryError, matmulPrecision, setMatmulPrecision } from 'belfry';
import { mlp } from 'belfry/flow';
import { afterEach, expect, test } from 'vitest';

afterEach(() => setMatmulPrecision('float32'));

test('float32 is the default, and the last word counts', () => {
  expect(matmulPrecision()).toBe('float32');
  setMatmulPrecision('tf32');
  expect(matmulPrecision()).toBe('tf32');
  setMatmulPrecision('float32');
  expect(matmulPrecision()).toBe('float32');
});

test.each(['TF32', 'bfloat16', '', undefined, 1])('%j is no precision', (word) => {
  setMatmulPrecision('tf32');
  const choose = () => setMatmulPrecision(word as 'tf32');
  expect(choose).toThrow(BelfryError);
  expect(choose).toThrow(/setMatmulPrecision.*precision.*'float32' or 'tf32'/);
  expect(matmulPrecision()).toBe('tf32');
});

test('the CPU computes in float32 whatever is chosen', () => {
  const numbers = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i + 1));
  const x = { data: numbers(5 * 9), dims: [5, 9] };
  const weight0 = { data: numbers(7 * 9), dims: [7, 9] };
  const call = () => mlp({ x, weight0, bias0: numbers(7), activations: ['tanh'] }).y;
  const before = call();
  setMatmulPrecision('tf32');
  expect(call()).toEqual(before);
});

test.each([
  ['tf32', 'tf32'],
  ['float32', 'float32'],
  ['half', 'float32'],
])('BELFRY_MATMUL=%s begins with %s', (word, expected) => {
  const program = "import('belfry').then((belfry) => console.log(belfry.matmulPrecision()))";
  const env = { ...process.env, BELFRY_MATMUL: word };
  expect(execFileSync(process.execPath, ['-e', program], { env, encoding: 'utf8' }).trim()).toBe(
    expected,
  );
});
