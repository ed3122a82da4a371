/** Gradients too large for the caches are written by other stores: they are those of the parts. */
import { setThreads, token } from 'belfry';
import { afterEach, describe, expect, it } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

afterEach(() => setThreads(2));

type Reals = Float32Array | Float64Array;

/** Bounds of sequences, some empty, most shorter than `longest`. */
function bounds(random: () => number, total: number, longest: number): Int32Array {
  const ends = [0];
  for (let end = 0; end < total; ) {
    end = Math.min(total, end + Math.floor(longest * random()));
    ends.push(end);
  }
  return Int32Array.from(ends);
}

/** Loss and gradient of sequences `from` … `to` − 1 as a part of the whole batch. */
function ofSequences<A extends Reals>(
  logProbs: A,
  oldLogProbs: A,
  advantages: A,
  cuSeqlens: Int32Array,
  mask: Uint8Array | undefined,
  [from, to]: readonly [number, number],
  gradLogProbs: A,
): number {
  const [begin, end] = [cuSeqlens[from] as number, cuSeqlens[to] as number];
  const { loss } = token.policyLossPacked({
    logProbs: logProbs.subarray(begin, end),
    oldLogProbs: oldLogProbs.subarray(begin, end),
    sequenceAdvantages: advantages.subarray(from, to),
    cuSeqlens: cuSeqlens.subarray(from, to + 1).map((bound) => bound - begin),
    numTokens: logProbs.length,
    ...(mask && { mask: mask.subarray(begin, end) }),
    outputs: ['loss', 'gradLogProbs'],
    out: { gradLogProbs },
  } as unknown as Parameters<typeof token.policyLossPacked>[0]);
  return loss;
}

describe('a gradient larger than the caches', () => {
  const cases = [Float32Array, Float64Array].flatMap((type) =>
    [7, 3000, 50_000].flatMap((longest) =>
      [false, true].map((masked) => ({ type, longest, masked, name: type.name })),
    ),
  );
  it.each(cases)('is that of its parts: $name, up to $longest tokens, masked $masked', (the) => {
    const random = randomSource(the.longest);
    const total = 8_600_000 / the.type.BYTES_PER_ELEMENT;
    const numbers = (size: number, low: number, high: number): Reals => {
      const all: Reals = new the.type(size);
      for (let i = 0; i < size; i++) all[i] = low + (high - low) * random();
      return all;
    };
    const cuSeqlens = bounds(random, total, the.longest);
    const rows = cuSeqlens.length - 1;
    const logProbs = numbers(total, -3, 0);
    const oldLogProbs = logProbs.map((x) => x + random() - 0.5);
    const advantages = numbers(rows, -1, 1);
    const mask = the.masked
      ? Uint8Array.from({ length: total }, () => Number(random() < 0.9))
      : undefined;
    const run = (range: readonly [number, number], out: Reals): number =>
      ofSequences(logProbs, oldLogProbs, advantages, cuSeqlens, mask, range, out);

    // Parts small enough for plain stores.
    const want = new the.type(total) as Reals;
    let loss = 0;
    for (let from = 0; from < rows; ) {
      let to = from + 1;
      while (to < rows && ((cuSeqlens[to] as number) - (cuSeqlens[from] as number)) * 8 < 1e6) to++;
      const [begin, end] = [cuSeqlens[from] as number, cuSeqlens[to] as number];
      if (end > begin) {
        loss += run([from, to], want.subarray(begin, end) as Reals);
      }
      from = to;
    }
    for (const [threads, shift] of [
      [1, 0],
      [2, 5],
    ] as const) {
      setThreads(threads);
      const around = new the.type(total + 16).fill(7) as Reals;
      const got = around.subarray(shift, shift + total) as Reals;
      expect(run([0, rows], got)).toBeCloseTo(loss, 6);
      expect(got.findIndex((x, i) => x !== want[i])).toBe(-1);
      expect(around.findIndex((x, i) => (i < shift || i >= shift + total) && x !== 7)).toBe(-1);
    }
  });
});
