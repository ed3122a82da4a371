import { createReadStream } from 'node:fs';
import { basename } from 'node:path';

import { argumentError, show } from '../errors.js';
import { checkOptions } from '../options.js';
import type { OfflineActions, OfflineDataset } from './dataset.js';
import {
  type Column,
  type Columns,
  datasetOf,
  FileErrors,
  type ReadOptions,
  readOptionNames,
} from './file-columns.js';

const names: Readonly<Record<keyof Columns, string>> = {
  observations: 'observation',
  actions: 'action',
  rewards: 'reward',
  terminated: 'terminated',
  truncated: 'truncated',
  nextObservations: 'next_observation',
};

/** Numbers that come one by one. */
class Growing {
  #data = new Float64Array(1024);
  #length = 0;
  isInteger = true;

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#length++] = value;
  }
  get data(): Float64Array {
    return this.#data.subarray(0, this.#length);
  }
}

/** The columns of the lines so far; every line must be like the first. */
class LineColumns {
  readonly #errors: FileErrors;
  readonly #columns = new Map<string, Growing>();
  readonly #widths = new Map<string, number>();
  rows = 0;
  #hasNext = false;

  constructor(errors: FileErrors) {
    this.#errors = errors;
  }

  add(text: string, line: number): void {
    const value = this.#parse(text, line);
    const hasNext = names.nextObservations in value;
    if (this.rows === 0) this.#hasNext = hasNext;
    else if (hasNext && !this.#hasNext) {
      const name = `line ${line}: ${names.nextObservations}`;
      throw this.#errors.bad(name, 'is given', 'it in all lines or in none');
    }
    this.#numbers('observations', value, line);
    this.#numbers('actions', value, line);
    this.#numbers('rewards', value, line, 0);
    this.#flag('terminated', value, line);
    this.#flag('truncated', value, line);
    if (this.#hasNext) {
      const width = this.#widths.get('observations') ?? 0;
      this.#numbers('nextObservations', value, line, width);
    }
    this.rows += 1;
  }

  #parse(text: string, line: number): Record<string, unknown> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw this.#errors.bad(`line ${line}`, 'is no JSON', 'an object', cause);
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    throw this.#errors.bad(`line ${line}`, `is ${show(value)}`, 'an object');
  }

  /** A number (width 0) or a vector of them. */
  #numbers(key: keyof Columns, from: Record<string, unknown>, line: number, fixed?: number): void {
    const value = from[names[key]];
    const vector = Array.isArray(value) ? value : [value];
    const width = Array.isArray(value) ? value.length : 0;
    const expected = fixed ?? this.#widths.get(key) ?? width;
    const isRight = width === expected && vector.every((x) => typeof x === 'number');
    if (!isRight || vector.length === 0) {
      const found = value === undefined ? 'is missing' : `is ${show(value)}`;
      const wanted = expected > 0 ? `${expected} numbers` : 'a number';
      throw this.#errors.bad(`line ${line}: ${names[key]}`, found, wanted);
    }
    this.#widths.set(key, width);
    const column = this.#column(key);
    for (const x of vector as number[]) {
      column.push(x);
      if (!Number.isInteger(x)) column.isInteger = false;
    }
  }

  #flag(key: keyof Columns, from: Record<string, unknown>, line: number): void {
    const value = from[names[key]] ?? false;
    if (![true, false, 0, 1].includes(value as boolean)) {
      throw this.#errors.bad(`line ${line}: ${names[key]}`, `is ${show(value)}`, 'true or false');
    }
    this.#column(key).push(Number(value));
  }

  #column(key: string): Growing {
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = new Growing();
      this.#columns.set(key, column);
    }
    return column;
  }

  columns(): Columns {
    const column = (key: keyof Columns): Column => {
      const { data, isInteger } = this.#column(key);
      const width = this.#widths.get(key) ?? 0;
      const shape = width === 0 ? [this.rows] : [this.rows, width];
      // A vector of one whole number is still a vector.
      return { data, shape, isInteger: isInteger && width === 0 };
    };
    return {
      observations: column('observations'),
      actions: column('actions'),
      rewards: column('rewards'),
      terminated: column('terminated'),
      truncated: column('truncated'),
      ...(this.#hasNext ? { nextObservations: column('nextObservations') } : {}),
    };
  }
}

/** Where lines come from: a path, the bytes, or pieces of text or bytes cut anywhere. */
export type LineSource =
  | string
  | Uint8Array
  | AsyncIterable<string | Uint8Array>
  | Iterable<string | Uint8Array>;

/**
 * Reads a data set of JSON lines of any number, a line at a time. Each holds a transition:
 *
 * `{"observation":[…],"action":[…],"reward":0,"terminated":false,"truncated":false,"next_observation":[…]}`
 *
 * `action` is a vector, or an integer index; flags left out are false; `next_observation` is in all
 * lines or in none, where they are those of the lines that follow, as for `readD4rl`. Empty lines
 * are skipped.
 * @throws BelfryError BELFRY_BAD_FILE naming the file, the line and the field
 */
export async function readJsonLines(
  source: LineSource,
  options: ReadOptions = {},
): Promise<OfflineDataset<OfflineActions>> {
  checkOptions('readJsonLines', options, readOptionNames);
  const file = options.name ?? (typeof source === 'string' ? basename(source) : 'file');
  const errors = new FileErrors('readJsonLines', file);
  const lines = new LineColumns(errors);
  let number = 0;
  try {
    for await (const line of linesOf(piecesOf(source), errors)) {
      number += 1;
      if (line.trim() !== '') lines.add(line, number);
    }
  } catch (cause) {
    if ((cause as { syscall?: string }).syscall === undefined) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw errors.bad('', `could not be read (${reason})`, 'a file', cause);
  }
  if (lines.rows === 0) throw errors.bad('', 'holds no transitions', 'JSON lines');
  return datasetOf(errors, lines.columns(), names, options);
}

type Pieces = Exclude<LineSource, string | Uint8Array>;

function piecesOf(source: LineSource): Pieces {
  if (typeof source === 'string') return createReadStream(source);
  if (source instanceof Uint8Array) return [source];
  const known = source as Partial<AsyncIterable<string> & Iterable<string>> | undefined;
  if (known?.[Symbol.asyncIterator] ?? known?.[Symbol.iterator]) return source;
  const found = `is ${show(source)}`;
  const expected = 'a path, a Uint8Array, or pieces of text or bytes';
  throw argumentError('BELFRY_BAD_DTYPE', 'readJsonLines', 'source', found, expected);
}

/** Characters of the longest line there may be, some ten million numbers. */
const longestLine = 2 ** 28;

/** The lines of pieces cut anywhere, without their line feeds; every character is looked at once. */
async function* linesOf(pieces: Pieces, errors: FileErrors): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  let [length, number] = [0, 1];
  const finish = (last: string): string => {
    const line = [...begun, last].join('');
    [begun, length] = [[], 0];
    number += 1;
    return line;
  };
  for await (const piece of pieces) {
    const parts = textOf(piece, decoder).split('\n');
    const rest = parts.pop() ?? '';
    for (const part of parts) yield finish(part);
    begun.push(rest);
    length += rest.length;
    if (length <= longestLine) continue;
    throw errors.bad(
      `line ${number}`,
      `has more than ${longestLine} characters`,
      'a line a transition',
    );
  }
  yield finish(decoder.decode());
}

function textOf(piece: string | Uint8Array, decoder: InstanceType<typeof TextDecoder>): string {
  if (typeof piece === 'string') return piece;
  if (piece instanceof Uint8Array) return decoder.decode(piece, { stream: true });
  const found = `holds ${show(piece)}`;
  const expected = 'pieces of text or bytes';
  throw argumentError('BELFRY_BAD_DTYPE', 'readJsonLines', 'source', found, expected);
}

/**
 * The lines of `readJsonLines`, one at a time and with their line feed: for
 * `stream.Readable.from(jsonLines(data))` or a loop. Numbers are written so that float32 comes back.
 */
export function* jsonLines(data: OfflineDataset<OfflineActions>): Generator<string> {
  const { observationSize: size, actionSize } = data;
  const vector = (array: OfflineActions, row: number, width: number): number[] =>
    Array.from(array.subarray(row * width, (row + 1) * width));
  for (let row = 0; row < data.length; row++) {
    const line = {
      observation: vector(data.observations, row, size),
      action: actionSize === 0 ? data.actions[row] : vector(data.actions, row, actionSize),
      reward: data.rewards[row],
      terminated: data.terminated[row] === 1,
      truncated: data.truncated[row] === 1,
      next_observation: vector(data.nextObservations, row, size),
    };
    yield `${JSON.stringify(line)}\n`;
  }
}
