/**
 * The one path from a typed call to the add-on. What it writes into the control block, field by
 * field in declaration order, is what native/binding/reader.cc reads:
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
  type NumberedKey,
  type OpPlan,
  planOp,
} from './contract.js';
import type { Engine } from './engine.js';
import { argumentError, type BelfryErrorCode, didYouMean, show } from './errors.js';
import { native, nativeState } from './native.js';
import { type AsyncOptions, startTask } from './tasks.js';
import { type DeviceHandle, type DType, dtypeCodes, Tensor, type TypedArray } from './tensor.js';

const absent = 0;
const given = 1;
const isNull = 2;
const word = 3;
const onDevice = 3;
const sharedBit = 16;

/** Options of every call; `R` is its result. */
export interface CallOptions<R> {
  /** Arrays to write results to, by name: a Tensor, or a typed array of the right length. */
  out?: { readonly [K in keyof R]?: R[K] | ArrayFor<R[K]> };
  /** Compute only these outputs; default: all. */
  outputs?: readonly (keyof R & string)[];
  /** Where host operands are computed; default: the CPU. */
  engine?: Engine;
}

type ArrayFor<T> = T extends Tensor<infer A> ? A : T extends number ? TypedArray : never;

type Arguments = Record<string, unknown>;
type Result = Record<string, unknown>;
/** Which array an error is about: field, number in a list or −1, whether it was given in `out`. */
type Place = [FieldPlan, number, boolean];

/** An op of the package; its plan is made at the first call. */
export class Op {
  readonly family: string;
  readonly declaredName: string;
  #plan: OpPlan | undefined;

  constructor(family: string, declaredName: string) {
    this.family = family;
    this.declaredName = declaredName;
  }

  get plan(): OpPlan {
    this.#plan ??= planOp(this.family, this.declaredName);
    return this.#plan;
  }

  call(args: object): unknown {
    const plan = this.plan;
    const engine = (args as { engine?: Engine }).engine;
    if (engine !== undefined && engine.device !== 'cpu')
      return callStaged(this, args as Arguments, engine);
    const form = selectForm(plan, args as Arguments);
    const call = new CallWriter(plan.name, form, args as Arguments, false);
    const arrays = native().run(form.index, ...call.arrays);
    return readResult(form, call.out, arrays);
  }

  callAsync(args: object): Promise<unknown> {
    // Async: a wrong argument rejects, it does not throw.
    return this.#start(args as Arguments);
  }

  async #start(args: Arguments): Promise<unknown> {
    const plan = this.plan;
    const engine = args['engine'] as Engine | undefined;
    const staged = engine !== undefined && engine.device !== 'cpu';
    const placed = staged ? stageArguments(plan, args, engine) : args;
    const form = selectForm(plan, placed);
    const call = new CallWriter(plan.name, form, placed, true);
    const result = await startTask(
      plan.name,
      args as AsyncOptions,
      (id) => native().start(id, form.index, ...call.arrays),
      (arrays) => readResult(form, call.out, arrays as TypedArray[] | undefined),
    );
    return staged ? unstage(result, args['out'] as Result | undefined) : result;
  }
}

/** The first form whose parameter has the given word or whose required operands are all there. */
function selectForm(plan: OpPlan, args: Arguments): FormPlan {
  if (typeof args !== 'object' || args === null) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      plan.name,
      '',
      `called with ${show(args)}`,
      'one object',
    );
  }
  const [only] = plan.forms;
  if (plan.forms.length === 1 && only !== undefined) return only;
  for (const form of plan.forms) {
    const fits =
      form.pickKey !== ''
        ? args[form.pickKey] === form.pickWord
        : form.requiredKeys.every((key) => args[key] !== undefined);
    if (fits) return form;
  }
  const choices = plan.forms.map((form) => `${form.info.form} (${form.requiredKeys.join(', ')})`);
  throw argumentError(
    'BELFRY_MISSING_OPERAND',
    plan.name,
    '',
    'fits none of its forms',
    choices.join(' or '),
  );
}

/** Writes one call into the control block and collects its arrays. */
class CallWriter {
  readonly arrays: unknown[] = [];
  readonly out: Result | undefined;
  readonly #op: string;
  readonly #form: FormPlan;
  readonly #args: Arguments;
  readonly #async: boolean;
  #control: Float64Array;
  #at = 0;

  constructor(op: string, form: FormPlan, args: Arguments, async: boolean) {
    this.#op = op;
    this.#form = form;
    this.#args = args;
    this.#async = async;
    this.#control = nativeState().control;
    const lists = this.#checkKeys();
    const wanted = this.#wantedOutputs();
    this.out = args['out'] as Result | undefined;
    for (const field of form.fields) {
      if (field.isOperand) this.#operand(field, lists);
      else if (field.isOutput) this.#output(field, wanted);
      else this.#parameter(field);
    }
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

  /** Refuses unknown names; collects numbered operands, by family and number. */
  #checkKeys(): unknown[][] | undefined {
    const form = this.#form;
    let lists: unknown[][] | undefined;
    for (const key in this.#args) {
      if (form.keys.has(key)) continue;
      if (callKeys.has(key)) continue;
      if (this.#args[key] === undefined) continue;
      const numbered = form.families.size > 0 ? numberedKey(form, key) : undefined;
      if (numbered === undefined) throw this.#unknown(key);
      lists ??= Array.from({ length: form.families.size }, () => []);
      (lists[numbered.field.list] as unknown[])[numbered.number] = this.#args[key];
    }
    return lists;
  }

  #unknown(key: string): Error {
    const known = [...this.#form.keys, ...callKeys];
    for (const family of this.#form.families.keys()) known.push(`${family}0`);
    const hint = didYouMean(key, known);
    return argumentError(
      'BELFRY_INVALID_ARGUMENT',
      this.#op,
      key,
      'is not an operand or parameter',
      '',
      hint,
    );
  }

  /** The names in `outputs`, checked; a numbered output is asked for by its family's name. */
  #wantedOutputs(): readonly string[] | undefined {
    const outputs = this.#args['outputs'];
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
    const known = this.#form.outputKeys;
    if ((outputs as string[]).every((name) => known.has(name))) return outputs as string[];
    return (outputs as unknown[]).map((name) => {
      const base = String(name).replace(/\d+$/, '');
      if (known.has(base)) return base;
      const hint = didYouMean(String(name), known);
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        this.#op,
        'outputs',
        `names ${show(name)}`,
        'outputs of this op',
        hint,
      );
    });
  }

  #operand(field: FieldPlan, lists: unknown[][] | undefined): void {
    if (!field.isList) {
      this.#array(field, -1, false, this.#args[field.key]);
      return;
    }
    const items = lists?.[field.list] ?? [];
    this.#put(items.length);
    for (let i = 0; i < items.length; i++) {
      if (items[i] === undefined && field.info.gaps !== true) {
        throw argumentError(
          'BELFRY_MISSING_OPERAND',
          this.#op,
          `${field.key}${i}`,
          'is missing',
          'numbers without gaps',
        );
      }
      this.#array(field, i, false, items[i]);
    }
  }

  /** Error messages alone need the name; it is made when one is thrown. */
  #bad(code: BelfryErrorCode, where: Place, received: string, expected: string): Error {
    const [field, item, isOut] = where;
    const key = `${isOut ? 'out.' : ''}${field.key}${item < 0 ? '' : item}`;
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
    this.#put(wanted === undefined || wanted.includes(field.key) ? 1 : 0);
    if (this.out === undefined) {
      this.#put(0);
      return;
    }
    if (!field.isList) {
      const array = this.out[field.key];
      this.#put(array === undefined ? 0 : 1);
      if (array === undefined) return;
      this.#put(-1);
      this.#array(field, -1, true, array);
      return;
    }
    const numbers = Object.keys(this.out)
      .map((key) => (key.startsWith(field.key) ? key.slice(field.key.length) : ''))
      .filter((number) => /^\d+$/.test(number));
    this.#put(numbers.length);
    for (const number of numbers) {
      this.#put(Number(number));
      this.#array(field, Number(number), true, this.out[`${field.key}${number}`]);
    }
  }

  #parameter(field: FieldPlan): void {
    const value = this.#args[field.key];
    const { kind } = field.info;
    if (value === undefined) {
      this.#put(absent);
    } else if (kind === 'choiceList') {
      this.#words(field, value);
    } else if (typeof value === 'number' && kind !== 'choice' && kind !== 'boolean') {
      this.#put(given);
      this.#put(value);
    } else if (typeof value === 'boolean' && kind === 'boolean') {
      this.#put(given);
      this.#put(value ? 1 : 0);
    } else if (value === null && kind === 'nullableNumber') {
      this.#put(isNull);
    } else if (typeof value === 'string' && field.words.has(value)) {
      this.#put(kind === 'numberOrWord' ? word : given);
      this.#put(field.words.get(value) as number);
    } else {
      throw this.#badParameter(field, value);
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

/** Which numbered operand a name is; remembered, since parsing it costs more than the rest. */
function numberedKey(form: FormPlan, key: string): NumberedKey | undefined {
  const known = form.numbered.get(key);
  if (known !== undefined) return known;
  const match = /^(.*?)(0|[1-9]\d{0,3})$/.exec(key);
  const field = match?.[1] === undefined ? undefined : form.families.get(match[1]);
  if (field === undefined) return undefined;
  const parsed = { field, number: Number(match?.[2]) };
  form.numbered.set(key, parsed);
  return parsed;
}

/** Only asked of empty arrays: a detached buffer cannot be viewed again. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer).length < 0;
  } catch {
    return true;
  }
}

/** The control block now holds: count, then field, item, rank (−1: a number follows), dtype, dims. */
function readResult(
  form: FormPlan,
  out: Result | undefined,
  arrays: unknown[] | undefined,
): Result {
  const { control } = nativeState();
  const result: Result = {};
  let at = 1;
  let next = 0;
  for (let entry = control[0] as number; entry > 0; entry--) {
    const field = form.fields[control[at++] as number] as FieldPlan;
    const item = control[at++] as number;
    const key = item < 0 ? field.key : `${field.key}${item}`;
    const rank = control[at++] as number;
    if (rank < 0) {
      result[key] = control[at++] as number;
      continue;
    }
    const dtype = dtypeCodes[control[at++] as number] as DType;
    const shape: number[] = [];
    for (let d = 0; d < rank; d++) shape.push(control[at++] as number);
    const array = out?.[key] ?? arrays?.[next++];
    result[key] = ArrayBuffer.isView(array)
      ? new Tensor(array as TypedArray, shape, { dtype })
      : new Tensor(undefined, shape, { dtype, handle: array as DeviceHandle });
  }
  if (out !== undefined) {
    for (const key of Object.keys(out)) {
      if (out[key] !== undefined) result[key] ??= out[key];
    }
  }
  return result;
}

/** Host operands on another device: there, compute, and back, on this thread. */
function callStaged(op: Op, args: Arguments, engine: Engine): unknown {
  return unstage(
    op.call(stageArguments(op.plan, args, engine)),
    args['out'] as Result | undefined,
    true,
  );
}

function stageArguments(plan: OpPlan, args: Arguments, engine: Engine): Arguments {
  const staged: Arguments = {};
  const form = selectForm(plan, args);
  const operands = new Set(
    form.fields.filter((field) => field.isOperand).map((field) => field.key),
  );
  for (const [key, value] of Object.entries(args)) {
    if (key === 'engine' || key === 'out') continue;
    const isOperand = operands.has(key) || operands.has(key.replace(/\d+$/, ''));
    staged[key] = isOperand && value !== undefined ? engine.place(value) : value;
  }
  return staged;
}

function unstage(result: unknown, out: Result | undefined): Promise<unknown>;
function unstage(result: unknown, out: Result | undefined, sync: true): unknown;
function unstage(result: unknown, out: Result | undefined, sync = false): unknown {
  const entries = Object.entries(result as Record<string, Tensor<TypedArray>>);
  const host = (key: string, tensor: Tensor<TypedArray>, data: TypedArray): unknown => {
    tensor.dispose();
    if (tensor.shape.length === 0) return data[0];
    const target = out?.[key] as Tensor<TypedArray> | TypedArray | undefined;
    if (target === undefined) return new Tensor(data, tensor.shape, { dtype: tensor.dtype });
    (ArrayBuffer.isView(target) ? target : target.data).set(data);
    return target;
  };
  if (sync) {
    return Object.fromEntries(entries.map(([key, t]) => [key, host(key, t, t.readSync())]));
  }
  return Promise.all(
    entries.map(async ([key, t]) => [key, host(key, t, await t.read())] as const),
  ).then(Object.fromEntries);
}
