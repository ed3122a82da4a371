/** NumPy's .npy format, version 1.0: magic, header length, header as a Python literal, the data. */

/** The bytes of a .npy file of `data` with a shape. */
export function encodeNpy(
  data: Float32Array | Float64Array | Int32Array | Uint8Array,
  shape: readonly number[] = [data.length],
): Uint8Array {
  let kind = `<f${data.BYTES_PER_ELEMENT}`;
  if (data instanceof Int32Array) kind = '<i4';
  if (data instanceof Uint8Array) kind = '|u1';
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const literal = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // The data begin at a multiple of 64 bytes; the header ends with a line feed.
  const length = Math.ceil((literal.length + 11) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  bytes.set(new TextEncoder().encode(`${literal.padEnd(length - 1)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  return bytes;
}

type Numbers = Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array;

/** Element types of a .npy file that are read, little-endian; each in no more bytes than in the file. */
const readers: Readonly<
  Record<
    string,
    [make: new (count: number) => Numbers, read: (view: DataView, at: number) => number]
  >
> = {
  '<f4': [Float32Array, (view, at) => view.getFloat32(at, true)],
  '<f8': [Float64Array, (view, at) => view.getFloat64(at, true)],
  '<i2': [Int16Array, (view, at) => view.getInt16(at, true)],
  '<i4': [Int32Array, (view, at) => view.getInt32(at, true)],
  '<i8': [Float64Array, (view, at) => Number(view.getBigInt64(at, true))],
  '|i1': [Int8Array, (view, at) => view.getInt8(at)],
  '|u1': [Uint8Array, (view, at) => view.getUint8(at)],
  '|b1': [Uint8Array, (view, at) => view.getUint8(at)],
};

/** What a .npy file holds; `descr` is NumPy's name of the element type. */
export interface NpyArray {
  data: Numbers;
  shape: number[];
  descr: string;
}

/**
 * Reads a .npy file of numbers in C order, of any version.
 * @throws Error that says what is wrong, for the caller to name the file
 */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0) !== 0x934e554d || view.getUint16(4) !== 0x5059) {
    throw new Error('no .npy file, or cut off');
  }
  const isLong = bytes[6]! > 1;
  const begin = isLong ? 12 : 10;
  const end = begin + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw new Error('the header is cut off');
  const header = new TextDecoder('latin1').decode(bytes.subarray(begin, end));
  const [, descr = ''] = /'descr':\s*'([^']*)'/.exec(header) ?? [];
  const [, dims] = /'shape':\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  const reader = Object.hasOwn(readers, descr) ? readers[descr] : undefined;
  if (reader === undefined || dims === undefined) {
    throw new Error(`unreadable header ${JSON.stringify(header.trim().slice(0, 80))}`);
  }
  const shape = dims.split(',').flatMap((dim) => (dim.trim() === '' ? [] : [Number(dim)]));
  if (/'fortran_order':\s*True/.test(header) && shape.length > 1) throw new Error('Fortran order');
  const count = shape.reduce((product, dim) => product * dim, 1);
  const [make, read] = reader;
  const width = new make(0).BYTES_PER_ELEMENT;
  if (bytes.length - end !== count * width) {
    throw new Error(`${bytes.length - end} bytes of data, ${count * width} expected`);
  }
  const data = new make(count);
  for (let i = 0; i < count; i++) data[i] = read(view, end + i * width);
  return { data, shape, descr };
}
