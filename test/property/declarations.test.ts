/** What must hold of every op, made from its declaration alone. */

import * as belfry from 'belfry';
import { BelfryError, Tensor, type TypedArray } from 'belfry';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { declaredOps, type OpInfo } from '../../src/contract.js';
import { camelCase } from '../../src/native.js';
import { randomArguments } from '../../src/tools/random-arguments.js';

type Arguments = Record<string, unknown>;
type OpFunction = (args: Arguments) => Arguments;

const families = belfry as unknown as Record<string, Record<string, OpFunction>>;
const dtypes = ['float32', 'float64'] as const;

function find(info: OpInfo): OpFunction {
  const family = families[camelCase(info.family.replace('-', '_'))];
  return family?.[camelCase(info.name)] as OpFunction;
}

function operands(args: Arguments): [string, Tensor<TypedArray>][] {
  return Object.entries(args).filter(
    (entry): entry is [string, Tensor<TypedArray>] => entry[1] instanceof Tensor,
  );
}

/** The error of a call that must not go through. */
function errorOf(run: () => unknown): BelfryError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(BelfryError);
    return error as BelfryError;
  }
  throw new Error('the call went through');
}

/** Quick solves: random tables need not be contractions. */
const parameters = { maxIterations: 50 };

const all = declaredOps().map((info) => ({
  name: `${info.family}/${info.name} ${info.form ?? ''}`.trim(),
  info,
}));

describe.each(all)('$name', ({ info }) => {
  const op = find(info);
  const make = (
    seed: number,
    dtype: (typeof dtypes)[number] = 'float64',
    extra: object = {},
  ): Arguments => randomArguments(info, { seed, dtype, parameters, ...extra });

  /** Random data may be refused (a Gram matrix that is singular, say), but only with a reason. */
  const attempt = (args: Arguments): Arguments | undefined => {
    try {
      return op(args);
    } catch (error) {
      if (!(error instanceof BelfryError)) throw error;
      expect(['BELFRY_BAD_VALUE', 'BELFRY_NOT_IMPLEMENTED', 'BELFRY_INVALID_ARGUMENT']).toContain(
        error.code,
      );
      return undefined;
    }
  };

  test('is exported', () => expect(typeof op).toBe('function'));

  test('random arguments run, leave operands alone, and give the same bits twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.constantFrom(...dtypes),
        fc.boolean(),
        (seed, dtype, optional) => {
          const args = make(seed, dtype, { optional });
          const before = operands(args).map(([, tensor]) => tensor.data.slice());
          const first = attempt(args);
          const second = attempt(args);
          operands(args).forEach(([name, tensor], i) =>
            expect(tensor.data, name).toEqual(before[i]),
          );
          expect(second).toEqual(first);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('results do not depend on the number of threads', () => {
    const args = make(7, 'float64', {
      size: (_: string, random: () => number) => 3 + Math.floor(random() * 60),
    });
    belfry.setThreads(1);
    const one = attempt(args);
    belfry.setThreads(3);
    const many = attempt(args);
    expect(many).toEqual(one);
  });

  test('sizes of zero are legal or refused with a reason', () => {
    for (let seed = 0; seed < 6; seed++) {
      const size = (_: string, random: () => number): number => Math.floor(random() * 2);
      const args = make(seed, 'float64', { size });
      try {
        op(args);
      } catch (error) {
        expect(error).toBeInstanceOf(BelfryError);
      }
    }
  });

  test('NaN and infinities are data', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const args = make(3);
      for (const [, tensor] of operands(args)) {
        if (tensor.data instanceof Float64Array) tensor.data.fill(value);
      }
      attempt(args);
    }
  });

  test('a wrong dtype is named', () => {
    const args = make(1);
    const [name, tensor] = operands(args)[0] ?? [];
    if (name === undefined || tensor === undefined) return;
    const wrong = new Tensor<TypedArray>(new Uint8Array(tensor.size), tensor.shape);
    const isFlag = tensor.data instanceof Uint8Array;
    const replaced = isFlag
      ? new Tensor<TypedArray>(new Float64Array(tensor.size), tensor.shape)
      : wrong;
    const error = errorOf(() => op({ ...args, [name]: replaced }));
    expect(error.code).toBe('BELFRY_BAD_DTYPE');
    expect(error.argument).toBe(name);
    expect(error.expected).not.toBe('');
  });

  test('a wrong shape is named', () => {
    for (const [name, tensor] of operands(make(2))) {
      if (tensor.shape.length === 0) continue;
      const shape = [...tensor.shape, 1, 1, 1];
      const error = errorOf(() => op({ ...make(2), [name]: { data: tensor.data, shape } }));
      expect(error.code).toBe('BELFRY_BAD_SHAPE');
      expect(error.argument).toBe(name);
    }
  });

  test('a shape that does not fit its data is named', () => {
    const [name, tensor] = operands(make(2))[0] ?? [];
    if (name === undefined || tensor === undefined) return;
    const error = errorOf(() =>
      op({ ...make(2), [name]: { data: tensor.data, shape: [tensor.size + 1] } }),
    );
    expect(error.code).toBe('BELFRY_BAD_SHAPE');
  });

  test('indices and offsets out of range are refused', () => {
    for (const field of info.fields) {
      if (field.indexBelow === undefined && field.offsetsTo === undefined) continue;
      const name = camelCase(field.name);
      for (const bad of [-5, 2 ** 31 - 1]) {
        const args = make(4);
        if (field.kind === 'integerList') {
          const error = errorOf(() => op({ ...args, [name]: [bad] }));
          expect(error.code).toBe('BELFRY_BAD_VALUE');
          continue;
        }
        if (field.kind === 'integer') {
          const error = errorOf(() => op({ ...args, [name]: bad }));
          expect(['BELFRY_BAD_VALUE', 'BELFRY_INVALID_ARGUMENT']).toContain(error.code);
          expect(error.argument).toBe(name);
          continue;
        }
        const tensor = args[name] as Tensor<Int32Array>;
        if (tensor.size === 0) continue;
        const data = tensor.data.slice();
        data[Math.floor(data.length / 2)] = bad;
        const error = errorOf(() => op({ ...args, [name]: new Tensor(data, tensor.shape) }));
        expect(error.code).toBe('BELFRY_BAD_VALUE');
        expect(error.argument).toBe(name);
      }
    }
  });

  test('parameters out of range, of another kind and unknown words are refused', () => {
    for (const field of info.fields) {
      if (field.kind === 'operand' || field.kind === 'output' || field.kind === 'builtin') continue;
      const name = camelCase(field.name);
      // The parameter that chooses the form: another word asks for another form.
      if (info.pick?.startsWith(`${field.name}=`)) continue;
      const bad: unknown[] = [{}, 'no such word'];
      const isList = field.kind === 'numberList' || field.kind === 'integerList';
      if (isList) {
        bad.push([{}], 7);
        if (field.min !== undefined) bad.push([field.min - 1]);
        if (field.kind === 'integerList') bad.push([1.5]);
      }
      if (field.kind !== 'nullableNumber' && field.nullWord !== true) bad.push(null);
      if (field.min !== undefined && !isList) bad.push(field.min - 1);
      if (field.max !== undefined && !isList) bad.push(field.max + 1);
      if (field.kind === 'integer') bad.push(1.5, Number.NaN);
      for (const value of bad) {
        const error = errorOf(() => op({ ...make(5), [name]: value }));
        expect(error.code, `${name} = ${String(value)}`).toBe('BELFRY_INVALID_ARGUMENT');
        expect(error.argument).toBe(name);
      }
    }
  });

  test('an unknown key is refused, with a guess', () => {
    const error = errorOf(() => op({ ...make(6), gamm: 1 }));
    expect(error.code).toBe('BELFRY_INVALID_ARGUMENT');
    expect(error.argument).toBe('gamm');
    const out = errorOf(() => op({ ...make(6), out: { nonsense: new Float64Array(1) } }));
    expect(out.code).toBe('BELFRY_INVALID_ARGUMENT');
    expect(out.argument).toBe('out.nonsense');
  });

  test('out is filled, and nothing is written when an argument is wrong', () => {
    const args = make(8);
    const result = attempt(args);
    if (result === undefined) return;
    const sizedByData = new Set(
      info.fields.filter((field) => field.sizedByData).map((field) => camelCase(field.name)),
    );
    for (const [name, value] of Object.entries(result)) {
      if (!(value instanceof Tensor) || value.size === 0 || sizedByData.has(name)) continue;
      const data = value.data.slice().fill(77);
      const out = { [name]: new Tensor(data, value.shape) };
      const tooLong = {
        [name]: new Tensor(new (data.constructor as Float64ArrayConstructor)(data.length + 1)),
      };
      errorOf(() => op({ ...args, out, nonsense: 1 }));
      expect(Array.from(data).every((x) => x === 77)).toBe(true);
      expect(errorOf(() => op({ ...args, out: tooLong })).code).toBe('BELFRY_BAD_SHAPE');
      expect((op({ ...args, out })[name] as Tensor<TypedArray>).data).toBe(data);
      expect(data).toEqual(value.data);
    }
  });

  test('an output that overlaps an operand is refused', () => {
    const args = make(9);
    const result = attempt(args);
    if (result === undefined) return;
    for (const field of info.fields) {
      if (field.kind !== 'output' || field.mayAlias !== undefined || field.sizedByData) continue;
      const value = result[camelCase(field.name)];
      if (!(value instanceof Tensor) || value.size === 0 || value.shape.length === 0) continue;
      const twin = operands(args).find(
        ([, t]) => t.size >= value.size && t.data.constructor === value.data.constructor,
      );
      if (twin === undefined) continue;
      const overlapping = twin[1].data.subarray(0, value.size);
      const error = errorOf(() => op({ ...args, out: { [camelCase(field.name)]: overlapping } }));
      expect(error.code).toBe('BELFRY_ALIASED');
    }
  });

  test('outputs asks for a part', () => {
    const args = make(10);
    const result = attempt(args);
    const [name] = Object.keys(result ?? {});
    if (name === undefined) return;
    const part = op({ ...args, outputs: [name] });
    expect(Object.keys(part)).toContain(name);
    expect(part[name]).toEqual(result?.[name]);
  });

  test('the asynchronous twin gives the same', async () => {
    const args = make(11);
    const result = attempt(args);
    if (result === undefined) return;
    const family = families[camelCase(info.family.replace('-', '_'))] as unknown as Record<
      string,
      (a: Arguments) => Promise<unknown>
    >;
    expect(await family[`${camelCase(info.name)}Async`]?.(args)).toEqual(result);
    await expect(
      family[`${camelCase(info.name)}Async`]?.({ ...args, nonsense: 1 }),
    ).rejects.toBeInstanceOf(BelfryError);
  });
});
