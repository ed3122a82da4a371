/**
 * Stateless random numbers on 32-bit counters: element `i` of stream `seed` is a hash of the two,
 * so any element can be made on its own, in any order, with the same bits in every language.
 *
 *   hash(seed, i)    = mix(mix(i) + seed * 0x9E3779B9)   modulo 2^32
 *   uniform(seed, i) = hash(seed, i) / 2^32              in [0, 1), exact in float64
 *
 * `mix` is the finaliser of MurmurHash3. Good for test data and benchmarks, not for statistics.
 */

const TWO_POW_32 = 4294967296;
const GOLDEN_RATIO = 0x9e3779b9;

/** The 32-bit finaliser of MurmurHash3: a bijection in which every input bit moves every output bit. */
export function mix(value: number): number {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** Element `index` of stream `seed`, an integer in [0, 2^32). */
export function hash(seed: number, index: number): number {
  return mix((mix(index) + Math.imul(seed, GOLDEN_RATIO)) | 0);
}

/** Element `index` of stream `seed`, uniform in [0, 1). */
export function uniform(seed: number, index: number): number {
  return hash(seed, index) / TWO_POW_32;
}

/** Uniform in [low, high], computed in float64 and rounded once to float32. */
export function uniformFloat32(seed: number, index: number, low = 0, high = 1): number {
  return Math.fround(low + (high - low) * uniform(seed, index));
}

/** Uniform integer in [0, count); the product is exact because count stays below 2^21. */
export function uniformInt(seed: number, index: number, count: number): number {
  return Math.floor((hash(seed, index) * count) / TWO_POW_32);
}

/** Standard normal by Box and Muller from elements 2·index and 2·index + 1 of the stream. */
export function normal(seed: number, index: number): number {
  // 1 - u lies in (0, 1], so the logarithm is finite.
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniform(seed, 2 * index + 1));
}

/** A Float32Array filled with elements 0, 1, ... of a stream. */
export function uniformArray(seed: number, length: number, low = 0, high = 1): Float32Array {
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = low + (high - low) * uniform(seed, i);
  return out;
}
