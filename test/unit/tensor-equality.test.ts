/** Tests that compare tensors can fail. */
import { Tensor } from 'belfry';
import { expect, test } from 'vitest';

const one = (...values: number[]): Tensor => new Tensor(Float32Array.from(values));

test('tensors with the same elements are equal, wherever they stand', () => {
  expect(one(1, Number.NaN)).toEqual(one(1, Number.NaN));
  expect({ a: [one(1, 2)] }).toEqual({ a: [one(1, 2)] });
});

test('other elements, shapes and types are not', () => {
  expect(one(1)).not.toEqual(one(2));
  expect({ a: [one(1, 2)] }).not.toEqual({ a: [one(1, 3)] });
  expect(one(1, 2)).not.toEqual(new Tensor(Float32Array.of(1, 2), [2, 1]));
  expect(one(1)).not.toEqual(new Tensor(Float64Array.of(1)));
});
