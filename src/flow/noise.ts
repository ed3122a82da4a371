/** Seeded random numbers for training: xoshiro128** (Blackman & Vigna, arXiv 1805.01407). */
export class NoiseSource {
  readonly #state = new Uint32Array(4);
  #spare = Number.NaN;

  constructor(seed: number) {
    // splitmix32 spreads the seed over the state, which must not be all zeros.
    let x = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) >>> 0;
      let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[i] = z ^ (z >>> 15);
    }
  }

  #next(): number {
    const s = this.#state;
    const product = Math.imul(s[1] as number, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = (s[1] as number) << 9;
    (s[2] as number) ^= s[0] as number;
    (s[3] as number) ^= s[1] as number;
    (s[1] as number) ^= s[2] as number;
    (s[0] as number) ^= s[3] as number;
    (s[2] as number) ^= t;
    s[3] = ((s[3] as number) << 11) | ((s[3] as number) >>> 21);
    return result;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.#next() / 2 ** 32;
  }

  /** Uniform integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal, by the polar method. */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * scale;
      return x * scale;
    }
  }

  /** All that the next numbers depend on, as text. */
  state(): string {
    return [...this.#state, this.#spare].join(' ');
  }

  /** Takes a `state()` up again; false, and no change, for any other text. */
  restore(text: string): boolean {
    const numbers = text.split(' ').map(Number);
    const [words, spare = Number.NaN] = [numbers.slice(0, 4), numbers[4]];
    const valid =
      words.every((word) => word === word >>> 0) &&
      words.some((word) => word !== 0) &&
      Math.abs(spare) !== Number.POSITIVE_INFINITY;
    if (numbers.length !== 5 || !valid) return false;
    this.#state.set(words);
    this.#spare = spare;
    return true;
  }

  fillNormal(out: Float32Array): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
    return out;
  }

  fillUniform(out: Float32Array): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = this.uniform();
    return out;
  }
}
