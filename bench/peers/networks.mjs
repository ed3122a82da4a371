// The workloads' generator and networks, as peers.py and src/demo/generator.ts have them.

const mix = (h) => {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};
const uniform = (seed, i) => mix((mix(i) + Math.imul(seed, 0x9e3779b9)) | 0) / 2 ** 32;

/** float32 numbers of [low, high). */
export const uniformArray = (seed, length, low, high) =>
  Float32Array.from({ length }, (_, i) => low + (high - low) * uniform(seed, i));

/** Weights [outputs, inputs] and biases: one running offset through the generator. */
export function makeLayers(widths, seed) {
  let offset = 0;
  return widths.slice(1).map((outputs, layer) => {
    const inputs = widths[layer];
    const scale = Math.sqrt(6 / (inputs + outputs));
    const first = offset;
    const biasAt = first + inputs * outputs;
    offset = biasAt + outputs;
    const weight = (_, k) => (2 * uniform(seed, first + k) - 1) * scale;
    const bias = (_, o) => 0.01 * (uniform(seed, biasAt + o) - 0.5);
    return {
      inputs,
      outputs,
      weight: Float32Array.from({ length: inputs * outputs }, weight),
      bias: Float32Array.from({ length: outputs }, bias),
    };
  });
}
