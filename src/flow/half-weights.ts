/** Weights in bfloat16, the upper half of a float32. */

import type { Parameters } from '../network-files.js';
import { Tensor } from '../tensor.js';

export type HalfWeights = Readonly<Record<string, Tensor<Uint16Array>>>;

/** To the nearest, ties to even; NaN stays NaN. */
export function toBfloat16(numbers: Float32Array): Uint16Array {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  return Uint16Array.from(words, (word) => {
    if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40;
    return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  });
}

export function fromBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** Every weight of the networks in bfloat16, and the networks with these weights. */
export function roundToHalves(parameters: Parameters): {
  parameters: Parameters;
  halves: HalfWeights;
} {
  const halves: Record<string, Tensor<Uint16Array>> = {};
  const rounded = { ...parameters };
  for (const [name, { data, shape }] of Object.entries(parameters)) {
    if (!/Weight\d+$/.test(name)) continue;
    const stored = toBfloat16(data);
    halves[name] = new Tensor(stored, shape, { dtype: 'bfloat16' });
    rounded[name] = new Tensor(fromBfloat16(stored), shape);
  }
  return { parameters: rounded, halves };
}
