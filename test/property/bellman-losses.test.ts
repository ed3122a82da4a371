/** Every loss of family `bellman`: nothing costs nothing, and a NaN is not lost. */
import * as belfry from 'belfry';
import { Tensor, type TypedArray } from 'belfry';
import { describe, expect, test } from 'vitest';

import { declaredOps, type OpInfo } from '../../src/contract.js';
import { camelCase } from '../../src/native.js';
import { randomArguments } from '../../src/tools/random-arguments.js';

type Arguments = Record<string, unknown>;
const bellman = belfry.bellman as unknown as Record<string, (args: Arguments) => Arguments>;

/** What batches are counted in, and the parameters of a penalty. */
const batch = { B: 0, N: 0, P: 0, M: 0, L: 0, E: 0, G: 0, n: 0 };
const lossesOf = ({ fields }: OpInfo): string[] =>
  fields
    .filter(({ kind, name }) => kind === 'output' && /(^|_)loss$/.test(name))
    .map(({ name }) => camelCase(name));
const losses = declaredOps()
  .filter((info) => info.family === 'bellman' && lossesOf(info).length > 0)
  .map((info) => [`${info.name} ${info.form ?? ''}`.trim(), info] as const);

function call(info: OpInfo, args: Arguments): Arguments {
  return (bellman[camelCase(info.name)] as (a: Arguments) => Arguments)(args);
}

function gradients(answer: Arguments): number[] {
  return Object.entries(answer)
    .filter(([name]) => name.startsWith('grad'))
    .flatMap(([, slope]) =>
      slope instanceof Tensor ? Array.from(slope.data as Float64Array) : [slope as number],
    );
}

test('they are all here', () => {
  expect(losses.length).toBeGreaterThanOrEqual(10);
});

describe.each(losses)('%s', (_, info) => {
  test('an empty batch has loss 0, empty gradients and count 0', () => {
    for (const dtype of ['float64', 'float32'] as const) {
      const args = randomArguments(info, { seed: 5, dtype, size: () => 2, sizes: batch });
      const answer = call(info, args);
      for (const loss of lossesOf(info)) expect(answer[loss], loss).toBe(0);
      expect(gradients(answer).every((slope) => slope === 0)).toBe(true);
      if ('count' in answer) expect(answer['count']).toBe(0);
    }
  });

  test('a NaN in its operands makes the loss NaN', () => {
    const args = randomArguments(info, { seed: 5, dtype: 'float64', size: () => 3 });
    const real = Object.values(args).filter(
      (x): x is Tensor<TypedArray> => x instanceof Tensor && x.data instanceof Float64Array,
    );
    for (const { data } of real) data.fill(Number.NaN);
    const answer = call(info, args);
    for (const loss of lossesOf(info)) expect(answer[loss], loss).toBeNaN();
  });
});
