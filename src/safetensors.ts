import { argumentError, BelfryError, type BelfryErrorCode, show } from './errors.js';

/**
 * Reader and writer of .safetensors files: 8 bytes little-endian length of the header, a JSON
 * header { name: { dtype, shape, data_offsets: [begin, end] } }, then the bytes of the tensors
 * without gaps. A file is untrusted: everything is checked before an array is made.
 */

export type SafetensorsData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface SafetensorsTensor {
  /** BF16 and F16 come as their bits in a Uint16Array, BOOL and the F8 types in a Uint8Array. */
  data: SafetensorsData;
  shape: number[];
  /** Name of the element type in the file, e.g. 'F32'. */
  dtype: string;
}

export interface SafetensorsFile {
  /** By name; the object has no prototype, so any name is safe. */
  tensors: Record<string, SafetensorsTensor>;
  metadata: Record<string, string>;
}

export interface WriteTensor {
  data: SafetensorsData;
  shape: readonly number[];
  /** Default: the plain type of the array; needed for BF16, F16, BOOL and F8. */
  dtype?: string;
}

const LENGTH_BYTES = 8;
/** The limit of the reference implementation; a larger header is an attack or an accident. */
const MAX_HEADER_BYTES = 100_000_000;

const DTYPES = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
} as const;
type Dtype = keyof typeof DTYPES;

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Reads the bytes of a .safetensors file.
 * @param options.name name of the file for error messages
 * @param options.views give views of `bytes` where the alignment allows it, not copies
 * @returns tensors (copies unless `views`) and the file's `__metadata__`
 * @throws BelfryError `BELFRY_BAD_FILE`
 */
export function readSafetensors(
  bytes: Uint8Array,
  options: { name?: string; views?: boolean } = {},
): SafetensorsFile {
  const file = options.name ?? 'safetensors';
  if (!(bytes instanceof Uint8Array)) {
    const found = `is ${show(bytes)}`;
    throw argumentError('BELFRY_BAD_DTYPE', file, 'bytes', found, 'a Uint8Array');
  }
  const { header, dataStart } = readHeader(bytes, file);
  const { entries, metadata } = readEntries(header, file);
  checkLayout(entries, bytes.length - dataStart, file);
  const tensors = Object.create(null) as Record<string, SafetensorsTensor>;
  for (const { name, dtype, shape, begin, end } of entries) {
    const part = bytes.subarray(dataStart + begin, dataStart + end);
    const aligned = part.byteOffset % DTYPES[dtype].BYTES_PER_ELEMENT === 0;
    // The file's offsets need not be aligned to the element size.
    const { buffer, byteOffset, length } =
      options.views === true && aligned ? part : Uint8Array.from(part);
    const count = length / DTYPES[dtype].BYTES_PER_ELEMENT;
    tensors[name] = {
      data: new DTYPES[dtype](buffer as ArrayBuffer, byteOffset, count),
      shape,
      dtype,
    };
  }
  return { tensors, metadata };
}

/**
 * Writes tensors as a .safetensors file: wide element types first, then by name, header padded to
 * 8 bytes, so that every tensor is aligned and equal input gives equal bytes.
 * @throws BelfryError `BELFRY_BAD_SHAPE`, `BELFRY_BAD_DTYPE` if they do not fit the data
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, WriteTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts = safetensorsParts(tensors, metadata);
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    out.set(part, position);
    position += part.length;
  }
  return out;
}

/** @internal The same file in parts: the header, then the bytes of each tensor where they are. */
export function safetensorsParts(
  tensors: Readonly<Record<string, WriteTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const sorted = Object.entries(tensors)
    .map(([name, tensor]) => ({ name, data: tensor.data, ...checkTensor(name, tensor) }))
    .sort((a, b) => b.width - a.width || (a.name < b.name ? -1 : 1));
  const fields: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) fields.push(['__metadata__', { ...metadata }]);
  let offset = 0;
  for (const { name, dtype, shape, data } of sorted) {
    const end = offset + data.byteLength;
    fields.push([name, { dtype, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const json = `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const headerLength = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(LENGTH_BYTES + headerLength).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerLength), true);
  header.set(text, LENGTH_BYTES);
  const bytesOf = ({ data }: WriteTensor): Uint8Array =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [header, ...sorted.map(bytesOf)];
}

function badFile(file: string, argument: string, expected: string, received: string): BelfryError {
  const message = `${file}: ${argument} is ${received}, expected ${expected}.`;
  const details = { op: 'readSafetensors', argument, expected, received };
  return new BelfryError('BELFRY_BAD_FILE', message, details);
}

function quote(name: string): string {
  return `tensor ${JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name)}`;
}

function readHeader(bytes: Uint8Array, file: string): { header: string; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) {
    throw badFile(file, 'the size', 'at least 8 bytes', `${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  const limit = Math.min(bytes.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (declared > BigInt(limit)) {
    throw badFile(file, 'the header length', `at most ${limit}`, String(declared));
  }
  const dataStart = LENGTH_BYTES + Number(declared);
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    return { header: decoder.decode(bytes.slice(LENGTH_BYTES, dataStart)), dataStart };
  } catch {
    throw badFile(file, 'the header', 'UTF-8 text', 'not UTF-8');
  }
}

function readEntries(
  header: string,
  file: string,
): { entries: Entry[]; metadata: Record<string, string> } {
  const parsed = parseObject(header, file);
  rejectDuplicates(header, file);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (name === '__metadata__') metadata = readMetadata(value, file);
    else entries.push(readEntry(name, value, file));
  }
  return { entries, metadata };
}

function parseObject(header: string, file: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(header);
  } catch (cause) {
    throw badFile(file, 'the header', 'JSON', `not JSON (${(cause as Error).message})`);
  }
  if (!isRecord(parsed)) throw badFile(file, 'the header', 'a JSON object', 'another JSON value');
  return parsed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON.parse keeps the last of two equal keys without a word, so the keys are read once more. */
function rejectDuplicates(header: string, file: string): void {
  const seen = new Set<string>();
  let depth = 0;
  let lastString = '';
  for (let i = 0; i < header.length; i++) {
    const char = header[i];
    if (char === '{' || char === '[') depth++;
    if (char === '}' || char === ']') depth--;
    if (char === '"') {
      const end = endOfString(header, i);
      if (depth === 1) lastString = header.slice(i, end + 1);
      i = end;
    }
    if (char === ':' && depth === 1) {
      const name = JSON.parse(lastString) as string;
      if (seen.has(name)) {
        throw badFile(file, quote(name), 'one entry a name', 'given twice');
      }
      seen.add(name);
    }
  }
}

/** Index of the closing quote of the JSON string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

/** A short text of a JSON value, safe for values nested a million deep. */
function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (isRecord(value)) return 'an object';
  if (Array.isArray(value) && value.some((item) => typeof item === 'object'))
    return 'a nested list';
  return JSON.stringify(Array.isArray(value) ? value.slice(0, 20) : value).slice(0, 80);
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every((item) => typeof item === 'string')) {
    throw badFile(file, '__metadata__', 'an object of strings', describe(value));
  }
  return Object.assign(Object.create(null) as Record<string, string>, value);
}

function readEntry(name: string, value: unknown, file: string): Entry {
  const where = quote(name);
  const fail = (what: string, expected: string, received: unknown): BelfryError => {
    return badFile(file, `${where}: ${what}`, expected, describe(received));
  };
  if (!isRecord(value)) throw fail('the entry', 'an object', value);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPES, dtype)) {
    throw fail('dtype', Object.keys(DTYPES).join(', '), dtype);
  }
  if (!isCountList(shape)) throw fail('shape', 'a list of sizes', shape);
  if (!isCountList(offsets) || offsets.length !== 2) {
    throw fail('data_offsets', 'two offsets [begin, end]', offsets);
  }
  const [begin, end] = offsets as [number, number];
  const width = DTYPES[dtype as Dtype].BYTES_PER_ELEMENT;
  const numBytes = countElements(shape) * width;
  if (!Number.isSafeInteger(numBytes)) throw fail('shape', 'fewer than 2^53 bytes', shape);
  if (end - begin !== numBytes) {
    const rule = `${numBytes} bytes apart (${dtype} [${shape.join(', ')}])`;
    throw fail('data_offsets', rule, offsets);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

function countElements(shape: readonly number[]): number {
  // A zero anywhere makes the tensor empty, however large the other sizes.
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** The tensors must cover the data exactly: no overlap, no hole, no byte past the end. */
function checkLayout(entries: readonly Entry[], dataBytes: number, file: string): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of sorted) {
    const where = `${quote(name)}: data_offsets`;
    const range = `[${begin}, ${end}]`;
    if (end > dataBytes) throw badFile(file, where, `within ${dataBytes} bytes of data`, range);
    if (begin !== position) {
      const what = begin < position ? 'overlapping' : 'leaving a hole';
      throw badFile(file, where, `a begin of ${position}`, `${range} (${what})`);
    }
    position = end;
  }
  if (position !== dataBytes) {
    throw badFile(file, 'the data', `${position} bytes, the sum of the tensors`, `${dataBytes}`);
  }
}

function checkTensor(
  name: string,
  tensor: WriteTensor,
): { dtype: Dtype; shape: number[]; width: number } {
  const fail = (code: BelfryErrorCode, what: string, received: string, expected: string) =>
    argumentError(code, 'writeSafetensors', `${what} of ${quote(name)}`, received, expected);
  if (name === '__metadata__')
    throw fail('BELFRY_BAD_VALUE', 'the name', 'is reserved', 'another one');
  const dtype = tensor.dtype ?? plainDtype(tensor.data);
  const known = Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype as Dtype] : undefined;
  if (!known || !(tensor.data instanceof known)) {
    const expected = `a type held in ${tensor.data.constructor.name}`;
    throw fail('BELFRY_BAD_DTYPE', 'dtype', `is ${dtype}`, expected);
  }
  const shape = [...tensor.shape];
  if (!isCountList(shape) || countElements(shape) !== tensor.data.length) {
    const expected = `a shape of ${tensor.data.length} elements`;
    throw fail('BELFRY_BAD_SHAPE', 'shape', `is [${shape.join(', ')}]`, expected);
  }
  return { dtype: dtype as Dtype, shape, width: tensor.data.BYTES_PER_ELEMENT };
}

/** The element types that are not another type's bits in disguise. */
const PLAIN: readonly Dtype[] = 'F64 F32 I64 I32 I16 I8 U64 U32 U16 U8'.split(' ') as Dtype[];

function plainDtype(data: SafetensorsData): string {
  return PLAIN.find((dtype) => data instanceof DTYPES[dtype]) ?? 'none';
}
