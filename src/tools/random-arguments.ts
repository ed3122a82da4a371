/** Random legal arguments for any op, made from its declaration: for tests and benches. */
import type { FieldInfo, OpInfo } from '../contract.js';
import { camelCase } from '../native.js';
import { Tensor, type TypedArray } from '../tensor.js';

/** Sizes by symbol; families as "n[0]", "n[1]". */
export type Sizes = Map<string, number>;

export interface RandomOptions {
  dtype: 'float32' | 'float64';
  seed: number;
  /** Size of a symbol that is not in `sizes`. Default 1 to 5 at random. */
  size?: (symbol: string, random: () => number) => number;
  sizes?: Readonly<Record<string, number>>;
  /** Give optional operands too. Default true. */
  optional?: boolean;
  /** Parameters to set. */
  parameters?: Readonly<Record<string, unknown>>;
}

/** mulberry32: small, seeded, good enough to fill arrays. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomArguments(info: OpInfo, options: RandomOptions): Record<string, unknown> {
  return new ArgumentMaker(info, options).make();
}

class ArgumentMaker {
  readonly #info: OpInfo;
  readonly #options: RandomOptions;
  readonly #random: () => number;
  readonly #sizes: Sizes = new Map();

  constructor(info: OpInfo, options: RandomOptions) {
    this.#info = info;
    this.#options = options;
    this.#random = randomSource(options.seed);
    for (const [symbol, size] of Object.entries(options.sizes ?? {})) this.#sizes.set(symbol, size);
    for (const rule of info.rules ?? []) this.#applyRule(rule.size, rule.sum);
  }

  make(): Record<string, unknown> {
    const args: Record<string, unknown> = {};
    const [pick, word] = (this.#info.pick ?? '').split('=') as [string, string | undefined];
    for (const field of this.#info.fields) {
      if (field.kind === 'operand') this.#operand(field, args);
      else if (field.kind !== 'output') this.#parameter(field, args);
    }
    if (word !== undefined) args[camelCase(pick)] = { true: true, false: false }[word] ?? word;
    for (const [name, value] of Object.entries(this.#options.parameters ?? {})) {
      if (this.#info.fields.some((field) => camelCase(field.name) === name)) args[name] = value;
    }
    return args;
  }

  #applyRule(size: string, sum: string): void {
    let total = 0;
    for (const term of sum.split(/\+(?![^[]*\])/)) total += this.#evaluate(term, 0);
    this.#sizes.set(this.#resolve(size, 0), total);
  }

  /** "n[#+1]" for item 2 -> "n[3]"; "n[L]" -> "n[<count>]". */
  #resolve(symbol: string, item: number): string {
    return symbol.replace(/\[(.*)\]/, (_, inside: string) => {
      if (inside === '#') return `[${item}]`;
      if (inside.startsWith('@')) return `[${this.#field(inside.slice(1))?.default ?? 0}]`;
      if (inside === '#+1') return `[${item + 1}]`;
      return /^\d+$/.test(inside) ? `[${inside}]` : `[${this.#size(inside)}]`;
    });
  }

  #field(name: string): FieldInfo | undefined {
    return this.#info.fields.find((field) => field.name === name);
  }

  #size(symbol: string): number {
    const known = this.#sizes.get(symbol);
    if (known !== undefined) return known;
    const choose = this.#options.size ?? ((_, random) => 1 + Math.floor(random() * 5));
    // A size named by a parameter must be legal for it; embeddings are even.
    const family = symbol.replace(/\[\d+\]/, '[#]');
    const named = this.#info.fields.find(({ sizeOf }) => sizeOf === symbol || sizeOf === family);
    let size = Math.max(choose(symbol, this.#random), named?.min ?? 0);
    if ((named?.min ?? 0) >= 4) size += size % 2;
    // Exponents stay small: an array has d^m elements.
    if (this.#info.fields.some(({ dims }) => dims?.includes(`[^${symbol}]`)))
      size = Math.min(size, 3);
    this.#sizes.set(symbol, size);
    return size;
  }

  #evaluate(dim: string, item: number): number {
    let value = 1;
    let add = 0;
    let factors = 0;
    for (const part of dim.split(/([*+])(?![^[]*\])/)) {
      if (part === '*' || part === '+') continue;
      if (/^\d+$/.test(part)) add += Number(part);
      else {
        value *= this.#factor(part, item);
        factors += 1;
      }
    }
    return factors > 0 ? value + add : add;
  }

  /**
   * A size, the sum of a family ("n[+]"), its weights and biases ("n[*]"), its hidden units
   * ("n[-]") or d + … + d^m.
   */
  #factor(part: string, item: number): number {
    const [, base = '', inside = ''] = /^(\w+)\[([+*-]|\^\w+)\]$/.exec(part) ?? [];
    if (inside === '*') return this.#parameters(base);
    if (inside === '-') {
      return this.#layerSizes(base)
        .slice(1, -1)
        .reduce((a, b) => a + b, 0);
    }
    if (inside === '+') return this.#listedSizes(`${base}[#]`).reduce((a, b) => a + b, 0);
    if (inside === '') return this.#size(this.#resolve(part, item));
    const depth = this.#size(inside.slice(1));
    return Array.from({ length: depth }, (_, k) => this.#size(base) ** (k + 1)).reduce(
      (a, b) => a + b,
      0,
    );
  }

  /** Weights and biases of layers whose sizes are this family. */
  #parameters(family: string): number {
    const sizes = this.#layerSizes(family);
    return sizes.slice(1).reduce((sum, size, i) => sum + size * ((sizes[i] as number) + 1), 0);
  }

  #layerSizes(family: string): number[] {
    const weights = this.#info.fields.find(
      (field) => field.list === true && field.dims?.startsWith(`${family}[#+1],`),
    );
    return Array.from({ length: this.#size(weights?.count as string) + 1 }, (_, i) =>
      this.#size(this.#resolve(`${family}[${i}]`, 0)),
    );
  }

  /** The sizes that a list of integers names. */
  #listedSizes(sizeOf: string): number[] {
    const count = this.#info.fields.find((field) => field.sizeOf === sizeOf)?.count as string;
    return Array.from({ length: this.#size(count) }, (_, i) =>
      this.#size(sizeOf.replace('#', String(i))),
    );
  }

  #operand(field: FieldInfo, args: Record<string, unknown>): void {
    if (field.optional === true && this.#options.optional === false) {
      if (field.whenParameter === undefined) return;
      if (this.#word(field.whenParameter, args) !== field.whenWord) return;
    }
    if (field.list !== true) {
      args[camelCase(field.name)] = this.#array(field, 0);
      return;
    }
    const count = this.#size(field.count as string);
    for (let item = 0; item < count; item++) {
      const name = field.name.replace(/#(\d*)/, (_, first) => String(item + Number(first)));
      args[camelCase(name)] = this.#array(field, item);
    }
  }

  /** What a deciding parameter says, or says by default. */
  #word(parameter: string, args: Record<string, unknown>): unknown {
    const field = this.#field(parameter);
    const given = args[camelCase(parameter)] ?? field?.default;
    if (field?.kind === 'boolean') return String(Boolean(given));
    return typeof given === 'number' ? field?.words?.[given] : given;
  }

  #array(field: FieldInfo, item: number): Tensor<TypedArray> {
    if (field.dims === '*' || field.like !== undefined) {
      const shape = [this.#size('first'), this.#size('second')];
      return new Tensor(this.#fill(field, (shape[0] as number) * (shape[1] as number)), shape);
    }
    const dims = (field.dims?.split('|')[0] ?? '').split(',').filter((dim) => dim !== '');
    const shape = dims.map((dim) => this.#evaluate(dim, item));
    const length = shape.reduce((a, b) => a * b, 1);
    return new Tensor(this.#fill(field, length), shape);
  }

  #fill(field: FieldInfo, length: number): TypedArray {
    const random = this.#random;
    if (field.element === 'flag')
      return Uint8Array.from({ length }, () => (random() < 0.8 ? 1 : 0));
    if (field.offsetsTo !== undefined)
      return this.#offsets(length, this.#evaluate(field.offsetsTo, 0));
    if (field.element === 'index') {
      const below = field.indexBelow === undefined ? 4 : this.#evaluate(field.indexBelow, 0);
      return Int32Array.from({ length }, () =>
        field.indexOrNone === true && random() < 0.2 ? -1 : Math.floor(random() * below),
      );
    }
    const { low = -2, high = 2 } = field;
    const values = { length };
    const next = (): number => low + (high - low) * random();
    return this.#options.dtype === 'float32'
      ? Float32Array.from(values, next)
      : Float64Array.from(values, next);
  }

  #offsets(length: number, end: number): Int32Array {
    const cuts = Array.from({ length: Math.max(0, length - 2) }, () =>
      Math.floor(this.#random() * (end + 1)),
    );
    return Int32Array.from([0, ...cuts.sort((a, b) => a - b), end]).slice(0, length);
  }

  #parameter(field: FieldInfo, args: Record<string, unknown>): void {
    const name = camelCase(field.name);
    if (field.kind === 'integerList' && field.sizeOf !== undefined)
      args[name] = this.#listedSizes(field.sizeOf);
    else if (field.sizeOf !== undefined) args[name] = this.#size(field.sizeOf);
    else if (field.kind === 'numberList' || field.kind === 'integerList') {
      if (field.optional !== true || this.#options.optional !== false) {
        args[name] = this.#numbers(field);
      }
    } else if (field.kind === 'choiceList') {
      if (field.count !== undefined && field.count !== '') {
        const words = field.words ?? [];
        const pick = (): string => words[Math.floor(this.#random() * words.length)] as string;
        args[name] = Array.from({ length: this.#size(field.count) }, pick);
      }
    } else if (field.required === true) args[name] = this.#required(field);
  }

  #numbers(field: FieldInfo): number[] {
    const { min = 0, max = min + 3 } = field;
    const length = field.count === undefined || field.count === '' ? 2 : this.#size(field.count);
    const below = field.indexBelow === undefined ? undefined : this.#size(field.indexBelow);
    return Array.from({ length: below === 0 ? 0 : length }, () => {
      if (below !== undefined) return Math.floor(this.#random() * below);
      const value = min + (max - min) * this.#random();
      return field.kind === 'integerList' ? Math.floor(value) : value;
    });
  }

  #required(field: FieldInfo): unknown {
    if (field.words !== undefined)
      return field.words[Math.floor(this.#random() * field.words.length)];
    const { min = 0, max = min + 3 } = field;
    if (field.kind === 'integer')
      return Math.ceil(min) + Math.floor(this.#random() * (Math.min(max, min + 3) - min));
    return min + (max - min) * (0.1 + 0.8 * this.#random());
  }
}
