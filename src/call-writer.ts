/**
 * Writes a call into the control block. What it writes, field by field in declaration order, is
 * what native/binding/reader.cc reads:
 *
 *   operand       state; when given: half-type hint (+16 shared), rank (−1 bare array), dims
 *   numbered      count, then each as an operand
 *   output        wanted, number supplied; each: item, then as an operand
 *   parameter     state, value; choices as the number of the word; lists as count, words
 */
import {
  callKeys,
  type FieldPlan,
  type FormPlan,
  type NamePlan,
  type NameTable,
} from './contract.js';
import { argumentError, type BelfryErrorCode, didYouMean, show } from './errors.js';
import { nativeState } from './native.js';
import { type DType, Tensor, type TypedArray } from './tensor.js';

const absent = 0;
const given = 1;
const isNull = 2;
const word = 3;
const onDevice = 3;
const sharedBit = 16;

export type Arguments = Record<string, unknown>;
export type Result = Record<string, unknown>;
/** Which array an error is about: field, number in a list or −1, whether it was given in `out`. */
type Place = [FieldPlan, number, boolean];

/** Writes one call into the control block and collects its arrays. */
export class CallWriter {
  readonly arrays: unknown[] = [];
  readonly out: Result | undefined;
  readonly #op: string;
  readonly #form: FormPlan;
  readonly #async: boolean;
  /** What the caller gave for each field; an array of arrays for a numbered one. */
  readonly #values: unknown[];
  readonly #control: Float64Array;
  #at = 0;

  constructor(op: string, form: FormPlan, args: Arguments, async: boolean) {
    const state = nativeState();
    const turn = ++state.turn;
    this.#op = op;
    this.#form = form;
    this.#async = async;
    this.#control = state.control;
    this.#values = new Array(form.fields.length);
    this.#collect(form.inputs, args, '');
    const wanted = this.#wantedOutputs(args['outputs']);
    this.out = args['out'] as Result | undefined;
    if (this.out !== undefined) this.#collect(form.outputs, this.out, 'out.');
    for (const field of form.fields) {
      if (field.isOperand) this.#operand(field);
      else if (field.isOutput) this.#output(field, wanted);
      else this.#parameter(field);
    }
    if (state.turn === turn) return;
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      op,
      '',
      'was given an object whose getter calls belfry',
      'plain properties',
    );
  }

  /** What was written, until the next call. */
  words(): Float64Array {
    return this.#control.subarray(0, this.#at);
  }

  #put(value: number): void {
    if (this.#at >= this.#control.length) {
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        this.#op,
        '',
        'has too many arguments',
        `${this.#control.length} numbers at most`,
      );
    }
    this.#control[this.#at++] = value;
  }

  /** Sorts what is given by field, numbered ones by number; refuses unknown names. */
  #collect(table: NameTable, given: Arguments, prefix: '' | 'out.'): void {
    for (const key in given) {
      const value = given[key];
      if (value === undefined) continue;
      let name = table.names.get(key);
      if (name === undefined) {
        if (prefix === '' && callKeys.has(key)) continue;
        name = numberedName(table, key, this.#form.fields);
        if (name === undefined) throw this.#unknown(table, key, prefix);
      }
      if (name.number < 0) {
        this.#values[name.index] = value;
      } else {
        this.#values[name.index] ??= [];
        (this.#values[name.index] as unknown[])[name.number] = value;
      }
    }
  }

  #unknown(table: NameTable, key: string, prefix: '' | 'out.'): Error {
    const known = [...table.names.keys(), ...(prefix === '' ? callKeys : [])];
    for (const [family, index] of table.families)
      known.push(`${family}${this.#form.fields[index]?.first}`);
    return argumentError(
      'BELFRY_INVALID_ARGUMENT',
      this.#op,
      `${prefix}${key}`,
      prefix === '' ? 'is not an operand or parameter' : 'is not an output',
      '',
      didYouMean(key, known),
    );
  }

  /** The names in `outputs`, checked; a numbered output is asked for by its family's name. */
  #wantedOutputs(outputs: unknown): readonly string[] | undefined {
    if (outputs === undefined) return undefined;
    if (!Array.isArray(outputs)) {
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        this.#op,
        'outputs',
        `is ${show(outputs)}`,
        'an array of names',
      );
    }
    const { names, families } = this.#form.outputs;
    return (outputs as unknown[]).map((name) => {
      const key = String(name);
      if (names.get(key)?.number === -1 || families.has(key)) return key;
      const base = key.replace(/\d+$/, '');
      if (families.has(base)) return base;
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        this.#op,
        'outputs',
        `names ${show(name)}`,
        'outputs of this op',
        didYouMean(key, [...names.keys(), ...families.keys()]),
      );
    });
  }

  #operand(field: FieldPlan): void {
    const value = this.#values[field.index];
    if (!field.isList) {
      const number = typeof value === 'number' && field.info.dims === '1';
      this.#array(field, -1, false, number ? this.#oneNumber(field, value) : value);
      return;
    }
    const items = (value ?? []) as unknown[];
    this.#put(items.length);
    for (let i = 0; i < items.length; i++) {
      if (items[i] === undefined && field.info.gaps !== true) {
        throw argumentError(
          'BELFRY_MISSING_OPERAND',
          this.#op,
          `${field.key}${i + field.first}`,
          'is missing',
          'numbers without gaps',
        );
      }
      this.#array(field, i, false, items[i]);
    }
  }

  /** A plain number for an operand that holds one, in the type of the call's other operands. */
  #oneNumber(field: FieldPlan, value: number): TypedArray {
    if (field.info.element === 'index') return Int32Array.of(value);
    if (field.info.element === 'flag') return Uint8Array.of(value === 0 ? 0 : 1);
    const single = this.#values.some((other) => {
      const data = (other as { data?: unknown } | undefined)?.data ?? other;
      return data instanceof Float32Array;
    });
    return single ? Float32Array.of(value) : Float64Array.of(value);
  }

  /** Error messages alone need the name; it is made when one is thrown. */
  #bad(code: BelfryErrorCode, where: Place, received: string, expected: string): Error {
    const [field, item, isOut] = where;
    const key = `${isOut ? 'out.' : ''}${field.key}${item < 0 ? '' : item + field.first}`;
    return argumentError(code, this.#op, key, received, expected);
  }

  #array(field: FieldPlan, item: number, isOut: boolean, value: unknown): void {
    if (value === undefined) {
      this.#put(absent);
      return;
    }
    if (ArrayBuffer.isView(value)) {
      this.#host(field, item, isOut, value as TypedArray, undefined, undefined);
    } else if (value instanceof Tensor && value.device !== 'cpu') {
      this.#put(onDevice);
      this.#put(0);
      this.#shape(field, item, isOut, value.shape);
      this.arrays.push(value.handle);
    } else {
      const object = value as {
        data?: TypedArray;
        shape?: number[];
        dims?: number[];
        dtype?: DType;
      };
      const data = typeof object === 'object' && object !== null ? object.data : undefined;
      if (!ArrayBuffer.isView(data)) {
        throw this.#bad(
          'BELFRY_BAD_DTYPE',
          [field, item, isOut],
          `is ${show(value)}`,
          'a typed array, or an object with data and shape',
        );
      }
      const shape = object.shape ?? object.dims;
      if (!Array.isArray(shape) && !ArrayBuffer.isView(shape)) {
        throw this.#bad(
          'BELFRY_BAD_SHAPE',
          [field, item, isOut],
          'has no shape (or dims)',
          'an array of dimensions',
        );
      }
      this.#host(field, item, isOut, data, shape, object.dtype);
    }
  }

  #host(
    field: FieldPlan,
    item: number,
    isOut: boolean,
    data: TypedArray,
    shape: readonly number[] | undefined,
    dtype: DType | undefined,
  ): void {
    const buffer = data.buffer as { resizable?: boolean; growable?: boolean };
    if (buffer.resizable === true || buffer.growable === true) {
      throw this.#bad(
        'BELFRY_RESIZABLE_BUFFER',
        [field, item, isOut],
        'lies in a resizable buffer',
        'one of fixed length',
      );
    }
    if (data.length === 0 && isDetached(data.buffer)) {
      throw this.#bad(
        'BELFRY_DETACHED_BUFFER',
        [field, item, isOut],
        'lies in a buffer that was transferred',
        'an attached one',
      );
    }
    let hint = 0;
    if (data instanceof Uint16Array) hint = dtype === 'bfloat16' ? 3 : dtype === 'float16' ? 4 : 0;
    if (this.#async && data.buffer instanceof SharedArrayBuffer) hint += sharedBit;
    this.#put(given);
    this.#put(hint);
    if (shape === undefined) this.#put(-1);
    else this.#shape(field, item, isOut, shape);
    this.arrays.push(data);
  }

  #shape(field: FieldPlan, item: number, isOut: boolean, shape: readonly number[]): void {
    if (shape.length > 4) {
      throw this.#bad(
        'BELFRY_BAD_SHAPE',
        [field, item, isOut],
        `has rank ${shape.length}`,
        'a rank of at most 4',
      );
    }
    this.#put(shape.length);
    for (let i = 0; i < shape.length; i++) this.#put(shape[i] as number);
  }

  #output(field: FieldPlan, wanted: readonly string[] | undefined): void {
    const asked = wanted?.includes(field.key) ?? field.info.onRequest !== true;
    this.#put(asked ? 1 : 0);
    const value = this.#values[field.index];
    if (value === undefined) {
      this.#put(0);
    } else if (!field.isList) {
      this.#put(1);
      this.#put(-1);
      this.#array(field, -1, true, value);
    } else {
      const items = value as unknown[];
      const numbers = Object.keys(items);
      this.#put(numbers.length);
      for (const number of numbers) {
        this.#put(Number(number));
        this.#array(field, Number(number), true, items[Number(number)]);
      }
    }
  }

  #parameter(field: FieldPlan): void {
    const value = this.#values[field.index];
    const { kind } = field.info;
    if (value === undefined) {
      this.#put(absent);
    } else if (kind === 'builtin') {
      this.#put(absent);
    } else if (kind === 'choiceList') {
      this.#words(field, value);
    } else if (kind === 'numberList' || kind === 'integerList') {
      this.#numbers(field, value);
    } else if (typeof value === 'number' && kind !== 'choice' && kind !== 'boolean') {
      this.#put(given);
      this.#put(value);
    } else if (typeof value === 'boolean' && kind === 'boolean') {
      this.#put(given);
      this.#put(value ? 1 : 0);
    } else if (value === null && (kind === 'nullableNumber' || field.info.nullWord === true)) {
      this.#put(isNull);
    } else if (typeof value === 'string' && field.words.has(value)) {
      this.#put(kind === 'numberOrWord' ? word : given);
      this.#put(field.words.get(value) as number);
    } else {
      throw this.#badParameter(field, value);
    }
  }

  #numbers(field: FieldPlan, value: unknown): void {
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) throw this.#badParameter(field, value);
    const list = value as ArrayLike<unknown>;
    this.#put(given);
    this.#put(list.length);
    for (let i = 0; i < list.length; i++) {
      if (typeof list[i] !== 'number') throw this.#badParameter(field, value);
      this.#put(list[i] as number);
    }
  }

  #words(field: FieldPlan, value: unknown): void {
    if (!Array.isArray(value)) throw this.#badParameter(field, value);
    this.#put(given);
    this.#put(value.length);
    for (const item of value as unknown[]) {
      const index = field.words.get(item as string);
      if (index === undefined) throw this.#badParameter(field, item);
      this.#put(index);
    }
  }

  #badParameter(field: FieldPlan, value: unknown): Error {
    const words = [...field.words.keys()].map((name) => `'${name}'`).join(', ');
    const expected = {
      number: 'a number',
      integer: 'an integer',
      boolean: 'true or false',
      nullableNumber: 'a number or null',
      numberOrWord: `a number or ${words}`,
      choice: field.words.size > 1 ? `one of ${words}` : words,
      numberList: 'an array of numbers',
      integerList: 'an array of integers',
      choiceList: `an array of ${words}`,
    }[field.info.kind as string];
    const hint = typeof value === 'string' ? didYouMean(value, field.words.keys()) : '';
    return argumentError(
      'BELFRY_INVALID_ARGUMENT',
      this.#op,
      field.key,
      `is ${show(value)}`,
      expected,
      hint,
    );
  }
}

/** Which numbered array a name is; remembered, since parsing it costs more than the rest. */
function numberedName(
  table: NameTable,
  key: string,
  fields: readonly FieldPlan[],
): NamePlan | undefined {
  const match = /^(.*?)(0|[1-9]\d{0,3})$/.exec(key);
  const index = match?.[1] === undefined ? undefined : table.families.get(match[1]);
  if (index === undefined) return undefined;
  const number = Number(match?.[2]) - (fields[index]?.first ?? 0);
  if (number < 0) return undefined;
  const name = { index, number };
  table.names.set(key, name);
  return name;
}

/** Only asked of empty arrays: a detached buffer cannot be viewed again. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer).length < 0;
  } catch {
    return true;
  }
}
