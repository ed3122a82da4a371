/** For all tests: tensors are equal when shape, dtype and elements are; their fields are private. */
import { expect } from 'vitest';

import type { Tensor, TypedArray } from '../src/tensor.js';

// By name: the tests that load the package anew have a class Tensor of their own.
const isTensor = (value: unknown): value is Tensor<TypedArray> =>
  (value as object | null | undefined)?.constructor?.name === 'Tensor';

expect.addEqualityTesters([
  function sameTensors(a, b, testers): boolean | undefined {
    if (!isTensor(a) || !isTensor(b)) return undefined;
    if (a.disposed || b.disposed) return a.disposed === b.disposed;
    const facts = (tensor: Tensor<TypedArray>): unknown[] => [
      tensor.dtype,
      [...tensor.shape],
      tensor.readSync(),
    ];
    return this.equals(facts(a), facts(b), testers);
  },
]);
