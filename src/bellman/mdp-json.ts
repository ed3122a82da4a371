import { BelfryError } from '../errors.js';
import { CsrBuilder, type GridLayout, type MdpTables } from './problems/csr-builder.js';

/**
 * MDPs as JSON, in two layouts.
 *
 * 1. belfry's own: the fields of `MdpTables`, camelCase or snake_case, arrays flat or nested:
 *    { "numStates": 2, "numActions": 1, "rowPtr": [0, 1, 2], "col": [1, 1], "prob": [1, 1],
 *      "rewards": [[1], [0]] }, optionally transitionRewards, continues, actionMask, startStates,
 *    layout { rows, cols, glyphs }. `rewards` may be left out if transitionRewards is given.
 * 2. Gymnasium's `env.P`, at the top or under "P": { state: { action: [[probability, nextState,
 *    reward, terminated], ...] } }, states and actions numbered from 0, as objects or as lists.
 *
 * The text is untrusted; every error names the file and the place.
 */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const MASS_TOLERANCE = 1e-6;
/** A [S, A] table of more rows than this must have a transition for every 256 of them. */
const FREE_ROWS = 2 ** 22;
const ROWS_PER_TRANSITION = 256;

/** Errors that begin with the name of the file. */
class Reader {
  constructor(readonly file: string) {}

  fail(where: string, expected: string, found: unknown, cause?: unknown): BelfryError {
    const received = describe(found);
    return new BelfryError(
      'BELFRY_BAD_FILE',
      `${this.file}: ${where} is ${received}, expected ${expected}.`,
      { op: 'readMdpJson', argument: where, expected, received, cause },
    );
  }

  integer(where: string, value: Json | undefined, low: number, high: number): number {
    if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) {
      return value as number;
    }
    throw this.fail(where, `an integer in [${low}, ${high}]`, value);
  }

  number(where: string, value: Json | undefined): number {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.fail(where, 'a finite number', value);
  }

  probability(where: string, value: Json | undefined): number {
    const p = this.number(where, value);
    if (p < 0 || p > 1 + MASS_TOLERANCE) throw this.fail(where, 'a number in [0, 1]', p);
    return p;
  }

  flag(where: string, value: Json | undefined): boolean {
    if (value === true || value === 1) return true;
    if (value === false || value === 0) return false;
    throw this.fail(where, 'true, false, 0 or 1', value);
  }

  mass(where: string, sum: number): void {
    if (sum > 1 + MASS_TOLERANCE) throw this.fail(`the mass of ${where}`, 'at most 1', sum);
  }
}

/**
 * Reads an MDP from JSON text.
 * @param name name of the file for error messages
 * @throws BelfryError `BELFRY_BAD_FILE`
 */
export function readMdpJson(text: string, name = 'mdp.json'): MdpTables {
  const reader = new Reader(name);
  const value = parse(reader, text);
  if (isRecord(value) && ('rowPtr' in value || 'row_ptr' in value)) {
    return readTables(reader, value);
  }
  const dictionary = isRecord(value) && 'P' in value ? value.P! : value;
  return readDictionary(reader, dictionary);
}

/** Writes an MDP in belfry's layout; `readMdpJson` gives the same tables back. */
export function writeMdpJson(mdp: MdpTables): string {
  const lines = Object.entries(mdp)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const plain: unknown = ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value;
      return `  ${JSON.stringify(key)}: ${JSON.stringify(plain)}`;
    });
  return `{\n${lines.join(',\n')}\n}\n`;
}

function parse(reader: Reader, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    const { message } = cause as Error;
    const position = errorPosition(message, text);
    const line = position < 0 ? '' : `, line ${text.slice(0, position).split('\n').length}`;
    throw reader.fail(`the text${line}`, 'JSON', new NotJson(message), cause);
  }
}

class NotJson {
  constructor(readonly message: string) {}
}

/** V8 gives either the position of the error or ten characters around it. */
function errorPosition(message: string, text: string): number {
  const position = /at position (\d+)/.exec(message);
  if (position) return Number(position[1]);
  if (/^Unexpected end/.test(message)) return text.length;
  const excerpt = /, (\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid JSON/.exec(message);
  const start = excerpt ? text.indexOf(excerpt[2]!) : -1;
  return start < 0 ? -1 : start + (excerpt![1] ? 10 : 0);
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value instanceof NotJson) return `not JSON (${value.message.replace(/\s+/g, ' ')})`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value).slice(0, 60);
}

const FIELDS = [
  'numStates',
  'numActions',
  'rowPtr',
  'col',
  'prob',
  'rewards',
  'transitionRewards',
  'continues',
  'actionMask',
  'startStates',
  'layout',
] as const;
type Field = (typeof FIELDS)[number];

function readFields(reader: Reader, record: { [key: string]: Json }): Map<Field, Json> {
  const fields = new Map<Field, Json>();
  for (const [key, value] of Object.entries(record)) {
    const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const field = FIELDS.find((name) => name === camel);
    if (!field) throw reader.fail(`the key ${JSON.stringify(key)}`, FIELDS.join(', '), 'unknown');
    if (fields.has(field)) throw reader.fail(`the key ${JSON.stringify(key)}`, 'one', 'a second');
    fields.set(field, value);
  }
  return fields;
}

function readTables(reader: Reader, record: { [key: string]: Json }): MdpTables {
  const fields = readFields(reader, record);
  const limit = 2 ** 31 - 2;
  const numStates = reader.integer('numStates', fields.get('numStates'), 0, limit);
  const numActions = reader.integer('numActions', fields.get('numActions'), 1, limit);
  const numRows = numStates * numActions;
  const list = (field: Field, length: number, rule: string): Json[] => {
    const flat = flatten(reader, field, fields.get(field));
    if (flat.length !== length) {
      throw reader.fail(`the length of ${field}`, `${rule} = ${length}`, flat.length);
    }
    return flat;
  };
  const reals = (field: Field, length: number, rule: string): Float64Array =>
    Float64Array.from(list(field, length, rule), (x, i) => reader.number(`${field}[${i}]`, x));
  const flags = (field: Field, length: number, rule: string): Uint8Array =>
    Uint8Array.from(list(field, length, rule), (x, i) => +reader.flag(`${field}[${i}]`, x));
  const rowPtr = Int32Array.from(
    list('rowPtr', numRows + 1, 'numStates * numActions + 1'),
    (x, i) => reader.integer(`rowPtr[${i}]`, x, 0, limit),
  );
  const numEntries = checkRowPtr(reader, rowPtr);
  const entries = 'the last rowPtr';
  const col = Int32Array.from(list('col', numEntries, entries), (x, i) =>
    reader.integer(`col[${i}]`, x, 0, numStates - 1),
  );
  const prob = Float64Array.from(list('prob', numEntries, entries), (x, i) =>
    reader.probability(`prob[${i}]`, x),
  );
  checkMass(reader, rowPtr, prob, numActions);
  const mdp: MdpTables = { numStates, numActions, rowPtr, col, prob, rewards: new Float64Array(0) };
  if (fields.has('transitionRewards')) {
    mdp.transitionRewards = reals('transitionRewards', numEntries, entries);
  }
  mdp.rewards =
    fields.has('rewards') || !mdp.transitionRewards
      ? reals('rewards', numRows, 'numStates * numActions')
      : expectedRewards(mdp, mdp.transitionRewards);
  if (fields.has('continues')) mdp.continues = flags('continues', numEntries, entries);
  if (fields.has('actionMask')) {
    mdp.actionMask = flags('actionMask', numRows, 'numStates * numActions');
  }
  if (fields.has('startStates')) {
    const states = flatten(reader, 'startStates', fields.get('startStates'));
    mdp.startStates = Int32Array.from(states, (x, i) =>
      reader.integer(`startStates[${i}]`, x, 0, numStates - 1),
    );
  }
  if (fields.has('layout')) mdp.layout = readLayout(reader, fields.get('layout'), numStates);
  return mdp;
}

/** A list of scalars, or of lists of scalars such as rewards [S][A]. */
function flatten(reader: Reader, where: string, value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw reader.fail(where, 'a list', value);
  return value.some(Array.isArray) ? value.flat() : value;
}

function checkRowPtr(reader: Reader, rowPtr: Int32Array): number {
  if (rowPtr[0] !== 0) throw reader.fail('rowPtr[0]', '0', rowPtr[0]);
  for (let r = 1; r < rowPtr.length; r++) {
    if (rowPtr[r]! < rowPtr[r - 1]!) {
      throw reader.fail(`rowPtr[${r}]`, `at least rowPtr[${r - 1}] = ${rowPtr[r - 1]}`, rowPtr[r]);
    }
  }
  return rowPtr[rowPtr.length - 1]!;
}

function checkMass(
  reader: Reader,
  rowPtr: Int32Array,
  prob: Float64Array,
  numActions: number,
): void {
  for (let row = 0; row + 1 < rowPtr.length; row++) {
    let sum = 0;
    for (let e = rowPtr[row]!; e < rowPtr[row + 1]!; e++) sum += prob[e]!;
    reader.mass(`state ${Math.floor(row / numActions)} action ${row % numActions}`, sum);
  }
}

function expectedRewards(mdp: MdpTables, transitionRewards: Float64Array): Float64Array {
  const rewards = new Float64Array(mdp.numStates * mdp.numActions);
  for (let row = 0; row < rewards.length; row++) {
    for (let e = mdp.rowPtr[row]!; e < mdp.rowPtr[row + 1]!; e++) {
      rewards[row] = rewards[row]! + mdp.prob[e]! * transitionRewards[e]!;
    }
  }
  return rewards;
}

function readLayout(reader: Reader, value: Json | undefined, numStates: number): GridLayout {
  if (!isRecord(value)) throw reader.fail('layout', 'an object', value);
  const rows = reader.integer('layout.rows', value.rows, 1, numStates);
  const cols = reader.integer('layout.cols', value.cols, 1, numStates);
  const { glyphs } = value;
  if (rows * cols !== numStates) {
    throw reader.fail('layout.rows * layout.cols', `numStates = ${numStates}`, rows * cols);
  }
  if (glyphs === undefined) return { rows, cols };
  const strings = Array.isArray(glyphs) && glyphs.every((glyph) => typeof glyph === 'string');
  if (!strings || glyphs.length !== numStates) {
    throw reader.fail('layout.glyphs', `a list of ${numStates} strings`, glyphs);
  }
  return { rows, cols, glyphs };
}

/** The values of { "0": x, "1": y } or [x, y], in order of their numbers, without gaps. */
function numbered(reader: Reader, where: string, value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) throw reader.fail(where, 'an object or a list', value);
  const count = Object.keys(value).length;
  return Array.from({ length: count }, (_, i) => {
    const item = Object.hasOwn(value, String(i)) ? value[String(i)] : undefined;
    if (item === undefined) throw reader.fail(`${where}["${i}"]`, `keys 0 to ${count - 1}`, item);
    return item;
  });
}

function readDictionary(reader: Reader, value: Json): MdpTables {
  const states = numbered(reader, 'P', value).map((actions, s) =>
    numbered(reader, `P["${s}"]`, actions),
  );
  const numStates = states.length;
  const numActions = states.reduce((most, actions) => Math.max(most, actions.length), 1);
  const numPairs = states.reduce((sum, actions) => sum + actions.length, 0);
  if (numStates * numActions > Math.max(FREE_ROWS, ROWS_PER_TRANSITION * numPairs)) {
    throw reader.fail(
      'numStates * numActions',
      `near the ${numPairs} pairs`,
      numStates * numActions,
    );
  }
  const builder = new CsrBuilder(numStates, numActions);
  states.forEach((actions, s) => {
    for (let a = 0; a < numActions; a++) {
      if (a >= actions.length) builder.forbid(s, a);
      else readOutcomes(reader, builder, numStates, s, a, actions[a]!);
    }
  });
  return builder.build();
}

function readOutcomes(
  reader: Reader,
  builder: CsrBuilder,
  numStates: number,
  state: number,
  action: number,
  outcomes: Json,
): void {
  const where = `P["${state}"]["${action}"]`;
  if (!Array.isArray(outcomes)) throw reader.fail(where, 'a list of outcomes', outcomes);
  let mass = 0;
  outcomes.forEach((outcome, k) => {
    const place = `${where}[${k}]`;
    if (!Array.isArray(outcome) || outcome.length !== 4) {
      throw reader.fail(place, '[probability, nextState, reward, terminated]', outcome);
    }
    const prob = reader.probability(`${place}[0]`, outcome[0]);
    const next = reader.integer(`${place}[1]`, outcome[1], 0, numStates - 1);
    const reward = reader.number(`${place}[2]`, outcome[2]);
    const ends = reader.flag(`${place}[3]`, outcome[3]);
    // Zeros are not stored: 0 times an infinite value would be NaN.
    if (prob > 0) builder.add(state, action, next, prob, reward, ends);
    mass += prob;
  });
  reader.mass(where, mass);
}
