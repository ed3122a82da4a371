/** Random numbers for the examples, uniform in [0, 1): seeded, so every run prints the same. */
export type Random = () => number;

/** A stream of uniform numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Uniform integer in [0, count). */
export function integer(random: Random, count: number): number {
  return Math.floor(random() * count);
}

/** Standard normal. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** An index drawn with the given probabilities, which add up to one. */
export function draw(random: Random, probabilities: ArrayLike<number>): number {
  let left = random();
  for (let i = 0; i < probabilities.length; i++) {
    left -= probabilities[i]!;
    if (left < 0) return i;
  }
  return probabilities.length - 1;
}

/** Index of the first largest of `count` entries from `first` on. */
export function argMax(
  values: ArrayLike<number>,
  first = 0,
  count: number = values.length,
): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[first + i]! > values[first + best]!) best = i;
  return best;
}
