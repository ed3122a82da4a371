/**
 * ZIP archives as NumPy writes them: stored or deflated entries, no encryption, below 4 GiB. A file
 * is untrusted: every offset and size is checked before it is used.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { FileErrors } from './file-columns.js';

const endMark = 0x06054b50;
const centralMark = 0x02014b50;
const localMark = 0x04034b50;
const endSize = 22;
const centralSize = 46;
const localSize = 30;

interface Entry {
  name: string;
  method: number;
  flags: number;
  crc: number;
  packed: number;
  size: number;
  offset: number;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 255]!;
  return (crc ^ 0xffffffff) >>> 0;
}

/** Bytes that all entries that are opened may unpack to, where the archive itself is no larger. */
const mostUnpacked = 2 ** 31;

/** The entries of an archive by name; later ones of a name win. */
export function readZip(bytes: Uint8Array, errors: FileErrors): Map<string, () => Uint8Array> {
  let left = Math.max(mostUnpacked, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, () => Uint8Array>();
  const { start, count } = centralStart(view, errors);
  let at = start;
  for (let i = 0; i < count; i++) {
    const { entry, end } = readEntry(view, bytes, at, errors);
    entries.set(entry.name, () => {
      left -= entry.size;
      if (left >= 0) return unpack(view, bytes, entry, errors);
      const expected = `what an archive of ${bytes.length} bytes may unpack to`;
      throw errors.bad(entry.name, `unpacks to ${entry.size} bytes`, expected);
    });
    at = end;
  }
  return entries;
}

/** Where the central directory begins; its end record is followed by a comment of any length. */
function centralStart(view: DataView, errors: FileErrors): { start: number; count: number } {
  const lowest = Math.max(0, view.byteLength - endSize - 0xffff);
  for (let at = view.byteLength - endSize; at >= lowest; at--) {
    if (view.getUint32(at, true) !== endMark) continue;
    const start = view.getUint32(at + 16, true);
    const count = view.getUint16(at + 10, true);
    if (start === 0xffffffff || count === 0xffff) {
      throw errors.bad('', 'is a ZIP64 archive', 'an archive below 4 GiB');
    }
    return { start, count };
  }
  throw errors.bad('', 'is no ZIP archive, or is cut off', 'an .npz file');
}

function readEntry(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  errors: FileErrors,
): { entry: Entry; end: number } {
  const isWhole = at + centralSize <= view.byteLength;
  if (!isWhole || view.getUint32(at, true) !== centralMark) {
    throw errors.bad('', `has no directory entry at byte ${at}`, 'a whole archive');
  }
  const nameLength = view.getUint16(at + 28, true);
  const start = at + centralSize + nameLength;
  const rest = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (start > view.byteLength) throw errors.bad('', 'ends within a name', 'a whole archive');
  const entry = {
    name: new TextDecoder().decode(bytes.subarray(at + centralSize, start)),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  return { entry, end: start + rest };
}

function unpack(view: DataView, bytes: Uint8Array, entry: Entry, errors: FileErrors): Uint8Array {
  const { name, offset, packed, size, method } = entry;
  if (entry.flags & 1) throw errors.bad(name, 'is encrypted', 'a plain entry');
  const isWhole = offset + localSize <= view.byteLength;
  if (!isWhole || view.getUint32(offset, true) !== localMark) {
    throw errors.bad(name, `does not begin at byte ${offset}`, 'a whole archive');
  }
  const lengths = view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  const begin = offset + localSize + lengths;
  if (begin + packed > view.byteLength) {
    throw errors.bad(name, `ends at byte ${begin + packed}`, `within ${view.byteLength} bytes`);
  }
  const data = bytes.subarray(begin, begin + packed);
  if (method !== 0 && method !== 8) {
    throw errors.bad(name, `is packed by method ${method}`, 'stored or deflated');
  }
  const plain =
    method === 0
      ? data
      : errors.guard(name, () => inflateRawSync(data, { maxOutputLength: Math.max(1, size) }));
  if (plain.length !== size) throw errors.bad(name, `has ${plain.length} bytes`, `${size}`);
  if (crc32(plain) !== entry.crc) throw errors.bad(name, 'is damaged (CRC)', 'a whole archive');
  return plain;
}

/** An archive of these files, deflated where `compress` says so. */
export function writeZip(files: Record<string, Uint8Array>, compress: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, plain] of Object.entries(files)) {
    const data = compress ? deflateRawSync(plain) : plain;
    const label = new TextEncoder().encode(name);
    const local = new DataView(new ArrayBuffer(localSize));
    const central = new DataView(new ArrayBuffer(centralSize));
    local.setUint32(0, localMark, true);
    central.setUint32(0, centralMark, true);
    central.setUint16(4, 20, true);
    // From the version needed on, both headers hold the same; 1 January 1980 is the date.
    for (const [header, at] of [
      [local, 4],
      [central, 6],
    ] as const) {
      header.setUint16(at, 20, true);
      header.setUint16(at + 4, compress ? 8 : 0, true);
      header.setUint16(at + 8, 33, true);
      header.setUint32(at + 10, crc32(plain), true);
      header.setUint32(at + 14, data.length, true);
      header.setUint32(at + 18, plain.length, true);
      header.setUint16(at + 22, label.length, true);
    }
    central.setUint32(42, offset, true);
    parts.push(bytesOf(local), label, data);
    directory.push(bytesOf(central), label);
    offset += localSize + label.length + data.length;
  }
  const end = new DataView(new ArrayBuffer(endSize));
  end.setUint32(0, endMark, true);
  end.setUint16(8, directory.length / 2, true);
  end.setUint16(10, directory.length / 2, true);
  end.setUint32(
    12,
    directory.reduce((sum, part) => sum + part.length, 0),
    true,
  );
  end.setUint32(16, offset, true);
  return new Uint8Array(Buffer.concat([...parts, ...directory, bytesOf(end)]));
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer);
}
