/**
 * What the last small call of a form was given and what it wrote. Training and control loops call
 * an op again and again with the same arrays; when nothing but their elements has changed, the words
 * of the last call are the words of this one.
 */
import type { FormPlan } from './contract.js';
import { RepeatedCall } from './repeated-call.js';
import { type DType, Tensor, type TypedArray } from './tensor.js';

/** Above this the work outweighs the writing, and the arrays should not be kept alive. */
const mostBytes = 2 ** 20;

/** An object whose properties were read: their names and values in order, and what lies below. */
interface Seen {
  keys: string[];
  values: unknown[];
  /** By property: what it held, where being the same object is not the question. */
  deeper: (ArrayFacts | List | undefined)[];
}

/** An array operand as it was: elements may change, nothing else. */
interface ArrayFacts {
  data: TypedArray;
  /** Absent for a bare typed array. */
  shape: number[] | undefined;
  dtype: DType | undefined;
}

/** A list of words or numbers, compared one by one. */
type List = readonly unknown[];

interface Shaped {
  data: TypedArray;
  shape?: ArrayLike<number>;
  dims?: ArrayLike<number>;
  dtype?: DType;
}

interface Call {
  readonly arrays: readonly unknown[];
  words(): Float64Array;
}

export class CallMemo {
  #call: RepeatedCall | undefined;
  #args: Seen | undefined;
  #out: Seen | undefined;
  /** First array of the last call: one that comes twice starts a loop. */
  #first: unknown;

  /** The last call, intact, if one with these arguments would write its words for its arrays. */
  match(given: Record<string, unknown>): RepeatedCall | undefined {
    if (this.#args === undefined || !isSame(this.#args, given, 'out')) return undefined;
    const { out } = given;
    if (out === undefined || this.#out === undefined) {
      if (out !== this.#out) return undefined;
    } else if (!isSame(this.#out, out as Record<string, unknown>)) {
      return undefined;
    }
    return this.#call?.isIntact === true ? this.#call : undefined;
  }

  /** Remembers a call that may be the first of a loop, and lets go of the one before. */
  note(form: FormPlan, given: Record<string, unknown>, call: Call): void {
    this.#args = undefined;
    const [first] = call.arrays;
    const isRepeated = first !== undefined && first === this.#first;
    this.#first = isSmall(call.arrays) ? first : undefined;
    this.#call = undefined;
    if (!isRepeated || this.#first === undefined) return;
    const { out } = given;
    this.#out = out === undefined ? undefined : see(out as Record<string, unknown>);
    if (out !== undefined && this.#out === undefined) return;
    this.#args = see(given, 'out', (key) => isArrayOperand(form, key));
    this.#call = new RepeatedCall(form.index, call.words(), call.arrays);
  }
}

function isSmall(arrays: readonly unknown[]): boolean {
  let bytes = 0;
  for (const array of arrays) {
    if (!ArrayBuffer.isView(array)) return false; // memory of a GPU
    bytes += array.byteLength;
  }
  return bytes <= mostBytes;
}

function isArrayOperand(form: FormPlan, key: string): boolean {
  const name = form.inputs.names.get(key);
  return name !== undefined && form.fields[name.index]?.isOperand === true;
}

/** Undefined where a later object could not be told to be the same; `apart` is looked into apart. */
function see(
  given: Record<string, unknown>,
  apart?: 'out',
  isArray: (key: string) => boolean = () => true,
): Seen | undefined {
  const seen: Seen = { keys: [], values: [], deeper: [] };
  for (const key in given) {
    const value = key === apart ? undefined : given[key];
    const deeper = lookInto(value, isArray(key));
    if (deeper === null) return undefined;
    seen.keys.push(key);
    seen.values.push(value);
    seen.deeper.push(deeper);
  }
  return seen;
}

/** What to compare of a value beyond its identity; null: it cannot be compared. */
function lookInto(value: unknown, isArray: boolean): ArrayFacts | List | undefined | null {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return [...(value as unknown[])];
  if (!isArray) return null;
  if (ArrayBuffer.isView(value)) return factsOf(value as TypedArray, undefined, undefined);
  const { data, shape, dims, dtype } = value as Shaped;
  const sizes = shape ?? dims;
  if (!ArrayBuffer.isView(data) || sizes === undefined) return null;
  return factsOf(data, Array.from(sizes), dtype);
}

function factsOf(
  data: TypedArray,
  shape: number[] | undefined,
  dtype: DType | undefined,
): ArrayFacts {
  return { data, shape, dtype };
}

function isSame(seen: Seen, given: Record<string, unknown>, apart?: 'out'): boolean {
  const { keys, values, deeper } = seen;
  let i = 0;
  for (const key in given) {
    if (i >= keys.length || keys[i] !== key) return false;
    const value = key === apart ? undefined : given[key];
    const facts = deeper[i];
    if (facts === undefined ? value !== values[i] : !isUnchanged(value, facts)) return false;
    i++;
  }
  return i === keys.length;
}

/** By what it holds, so that objects and lists made anew for each call are known too. */
function isUnchanged(value: unknown, facts: ArrayFacts | List): boolean {
  if (Array.isArray(facts)) return Array.isArray(value) && sameItems(value, facts);
  const { data, shape, dtype } = facts as ArrayFacts;
  if (shape === undefined) return value === data;
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Tensor && (value.disposed || value.device !== 'cpu')) return false;
  const now = value as Partial<Shaped>;
  const sizes = now.shape ?? now.dims;
  if (now.data !== data || now.dtype !== dtype || sizes === undefined) return false;
  return sameItems(sizes, shape);
}

function sameItems(now: ArrayLike<unknown>, then: ArrayLike<unknown>): boolean {
  if (now.length !== then.length) return false;
  for (let i = 0; i < then.length; i++) {
    if (now[i] !== then[i]) return false;
  }
  return true;
}
