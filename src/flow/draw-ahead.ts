import type { NoiseSource } from './noise.js';

/**
 * What each step draws, drawn for the next step while one is at work: the same numbers as without,
 * and at any time the noise is where it would be without. Two sets of arrays take turns, so that a
 * step's are not touched while it reads them.
 */
export class DrawAhead<Set> {
  #turn = 0;
  /** State of the noise before and after what was drawn ahead. */
  #ahead: { before: string; after: string } | undefined;

  constructor(
    readonly noise: NoiseSource,
    readonly sets: readonly [Set, Set],
    readonly fill: (set: Set) => void,
  ) {}

  /** The numbers of the next step; drawn now if they were not yet, or if others were drawn since. */
  take(): Set {
    const ahead = this.#ahead;
    const set = this.#next;
    this.#ahead = undefined;
    this.#turn = 1 - this.#turn;
    if (ahead?.before === this.noise.state()) this.noise.restore(ahead.after);
    else this.fill(set);
    return set;
  }

  /** Draws what `take` will give. */
  draw(): void {
    const before = this.noise.state();
    this.fill(this.#next);
    this.#ahead = { before, after: this.noise.state() };
    this.noise.restore(before);
  }

  get #next(): Set {
    return this.sets[this.#turn] as Set;
  }
}
