/** Seeded random numbers for the data scripts: the counter hash of src/demo/generator.ts. */

function mix(value) {
  let h = value | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

export class Random {
  #seed;
  #count = 0;

  /** @param {number} seed */
  constructor(seed) {
    this.#seed = Math.imul(seed, 0x9e3779b9);
  }

  /** Uniform in [0, 1). */
  uniform() {
    return mix((mix(this.#count++) + this.#seed) | 0) / 4294967296;
  }

  /** Integer in [0, count). */
  integer(count) {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal (Box and Muller). */
  normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
