interface Copy {
  step: number;
  arrays: Float32Array[];
}

/**
 * Copies of the arrays of a learner, of which one is known to be good: a copy counts once a step
 * from it has given finite losses.
 */
export class KeptParameters {
  readonly #arrays: readonly Float32Array[];
  #good: Copy | undefined;
  #latest: Copy | undefined;
  #spare: Float32Array[] | undefined;

  constructor(arrays: readonly Float32Array[]) {
    this.#arrays = arrays;
  }

  get empty(): boolean {
    return this.#good === undefined && this.#latest === undefined;
  }

  /** Copies the arrays as they are after `step`. */
  copy(step: number): void {
    const to = this.#latest?.arrays ?? this.#spare ?? this.#arrays.map((a) => a.slice());
    this.#arrays.forEach((array, i) => to[i]?.set(array));
    this.#spare = undefined;
    this.#latest = { step, arrays: to };
  }

  /** A step from the arrays last copied was good. */
  confirm(): void {
    if (this.#latest === undefined) return;
    this.#spare = this.#good?.arrays;
    this.#good = this.#latest;
    this.#latest = undefined;
  }

  /** Puts the last good copy back: the step it is of, or undefined when nothing was kept. */
  restore(): number | undefined {
    const kept = this.#good ?? this.#latest;
    if (kept === undefined) return undefined;
    this.#arrays.forEach((array, i) => array.set(kept.arrays[i] as Float32Array));
    return kept.step;
  }
}
