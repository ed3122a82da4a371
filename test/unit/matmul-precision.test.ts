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
  const x = Float32Array.from({ length: 5 * 9 }, (_, i) => Math.sin(i + 1));
  const weight0 = Float32Array.from({ length: 7 * 9 }, (_, i) => Math.cos(i + 1));
  const call = () =>
    mlp({ x: { data: x, dims: [5, 9] }, weight0: { data: weight0, dims: [7, 9] } }).y;
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
