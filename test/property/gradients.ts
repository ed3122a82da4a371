/** Gradients that ops return, against central differences of their losses. */
import * as belfry from 'belfry';
import { Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import { declaredOps, type OpInfo } from '../../src/contract.js';
import { camelCase } from '../../src/native.js';
import { randomArguments } from '../../src/tools/random-arguments.js';

export type Arguments = Record<string, unknown>;
export type OpFunction = (args: Arguments) => Arguments;

export interface GradientCase {
  op: string;
  form?: string;
  parameters?: Arguments;
  sizes?: Record<string, number>;
  /** Changes random arguments to what the case needs. */
  prepare?: (args: Arguments) => void;
  /** The loss: a scalar output, or the sum of an array. */
  loss: string;
  /** Input and the output that holds the gradient with respect to it, or its place in one. */
  gradients: [input: string, gradient: string | ((result: Arguments) => number[])][];
}

const step = 1e-5;

function infoOf(family: string, { op, form }: GradientCase): OpInfo {
  const info = declaredOps().find(
    (one) => one.family === family && one.name === op && (form === undefined || one.form === form),
  );
  if (info === undefined) throw new Error(`no op ${family}/${op} ${form ?? ''}`);
  return info;
}

function total(value: unknown): number {
  if (typeof value === 'number') return value;
  return Array.from((value as Tensor<Float64Array>).data).reduce((a, b) => a + b, 0);
}

/** The derivative of the loss with respect to each entry of `input`. */
function differences(op: OpFunction, args: Arguments, input: string, loss: string): number[] {
  const at = (changed: unknown): number => total(op({ ...args, [input]: changed })[loss]);
  const value = args[input];
  if (typeof value === 'number') return [(at(value + step) - at(value - step)) / (2 * step)];
  const tensor = value as Tensor<Float64Array>;
  return Array.from(tensor.data, (x, i) => {
    const moved = (to: number): Tensor<Float64Array> => {
      const data = tensor.data.slice();
      data[i] = to;
      return new Tensor(data, tensor.shape);
    };
    return (at(moved(x + step)) - at(moved(x - step))) / (2 * step);
  });
}

function numbersOf(value: unknown): number[] {
  return typeof value === 'number' ? [value] : Array.from((value as Tensor).data);
}

export function testGradients(family: string, cases: readonly GradientCase[]): void {
  const titled = cases.map((one) => ({
    ...one,
    title: [one.op, one.form, JSON.stringify(one.parameters ?? {}), one.loss].join(' '),
  }));
  describe.each(titled)('$title', (one) => {
    const info = infoOf(family, one);
    const ops = (belfry as unknown as Record<string, Record<string, OpFunction>>)[family];
    const op = ops?.[camelCase(one.op)] as OpFunction;

    test.each(one.gradients)('%s', (input, gradient) => {
      for (let seed = 1; seed <= 6; seed++) {
        const args = randomArguments(info, {
          seed,
          dtype: 'float64',
          ...(one.parameters && { parameters: one.parameters }),
          ...(one.sizes && { sizes: one.sizes }),
        });
        one.prepare?.(args);
        const result = op(args);
        const slopes =
          typeof gradient === 'string' ? numbersOf(result[gradient]) : gradient(result);
        const wanted = differences(op, args, input, one.loss);
        expect(slopes.length).toBe(wanted.length);
        // A masked or missing choice is not a number, and has no slope either.
        wanted.forEach((slope, i) => {
          if (!Number.isFinite(slope)) return;
          expect(slopes[i], `${input}[${i}], seed ${seed}`).toBeCloseTo(slope, 6);
        });
      }
    });
  });
}
