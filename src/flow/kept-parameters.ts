import type { Placement } from '../placement.js';
import type { Tensor } from '../tensor.js';

type Arrays = readonly Tensor<Float32Array>[];

interface Copy {
  step: number;
  arrays: Arrays;
}

/**
 * Copies of the arrays of a learner, of which one is known to be good: a copy counts once a step
 * from it has given finite losses. They lie where the arrays lie.
 */
export class KeptParameters {
  readonly #arrays: Arrays;
  readonly #placement: Placement;
  #good: Copy | undefined;
  #latest: Copy | undefined;
  #spare: Arrays | undefined;

  constructor(arrays: Arrays, placement: Placement) {
    this.#arrays = arrays;
    this.#placement = placement;
  }

  get empty(): boolean {
    return this.#good === undefined && this.#latest === undefined;
  }

  /** Copies the arrays as they are after `step`. */
  copy(step: number): void {
    const to =
      this.#latest?.arrays ?? this.#spare ?? this.#arrays.map((a) => this.#placement.like(a));
    copyAll(this.#arrays, to);
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
    copyAll(kept.arrays, this.#arrays);
    return kept.step;
  }
}

function copyAll(from: Arrays, to: Arrays): void {
  to.forEach((array, i) => array.copyFrom(from[i] as Tensor<Float32Array>));
}
