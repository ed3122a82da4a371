/** The ops of family token as the generated tests of its edge rules take them. */
import { Tensor, type TypedArray, token } from 'belfry';

import { declaredOps, type FieldInfo, type OpInfo } from '../../../src/contract.js';
import { camelCase } from '../../../src/native.js';

export type Arguments = Record<string, unknown>;
export type OpFunction = (args: Arguments) => Record<string, unknown>;
export type Numbers = Tensor<TypedArray>;

const functions = token as unknown as Record<string, OpFunction>;
export const ops: OpInfo[] = declaredOps().filter((info) => info.family === 'token');
export const title = (info: OpInfo): string => `${info.name} ${info.form ?? ''}`.trim();
export const table = (list: OpInfo[]): { name: string; info: OpInfo }[] =>
  list.map((info) => ({ name: title(info), info }));
export const opOf = (info: OpInfo): OpFunction => functions[camelCase(info.name)] as OpFunction;

export const operand = (info: OpInfo, name: string): FieldInfo | undefined =>
  info.fields.find((field) => field.kind === 'operand' && field.name === name);
export const isReal = (field: FieldInfo): boolean =>
  field.element === 'real' || field.element === 'mixed';
export const firstDims = (field: FieldInfo): string => field.dims?.split('|')[0] ?? '';

export function outputsOf(
  info: OpInfo,
  result: Record<string, unknown>,
): { field: FieldInfo; values: ArrayLike<number> }[] {
  return info.fields
    .filter((field) => field.kind === 'output' && result[camelCase(field.name)] !== undefined)
    .map((field) => {
      const value = result[camelCase(field.name)];
      return { field, values: value instanceof Tensor ? value.data : [value as number] };
    });
}
