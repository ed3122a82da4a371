import { writeFileSync } from 'node:fs';

/**
 * Writes float32 tensors { name: { data, shape } } as a .safetensors file: 8 bytes little-endian
 * header length, JSON header padded to 8 bytes, data without gaps.
 */
export function writeFloat32Safetensors(path, tensors, metadata) {
  const header = { __metadata__: metadata };
  const names = Object.keys(tensors).sort();
  let offset = 0;
  for (const name of names) {
    const { data, shape } = tensors[name];
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * data.length] };
    offset += 4 * data.length;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8, ' '), 'utf8');
  const out = Buffer.alloc(8 + text.length + offset);
  out.writeBigUInt64LE(BigInt(text.length), 0);
  text.copy(out, 8);
  let position = 8 + text.length;
  for (const name of names) {
    for (const value of tensors[name].data) position = out.writeFloatLE(value, position);
  }
  writeFileSync(path, out);
}
