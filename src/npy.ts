/** NumPy's .npy format, version 1.0: magic, header length, header as a Python literal, the data. */

/** The bytes of a .npy file of `data` with a shape. */
export function encodeNpy(
  data: Float32Array | Float64Array | Int32Array,
  shape: readonly number[] = [data.length],
): Uint8Array {
  const kind = data instanceof Int32Array ? 'i4' : `f${data.BYTES_PER_ELEMENT}`;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const literal = `{'descr': '<${kind}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // The data begin at a multiple of 64 bytes; the header ends with a line feed.
  const length = Math.ceil((literal.length + 11) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  bytes.set(new TextEncoder().encode(`${literal.padEnd(length - 1)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  return bytes;
}
