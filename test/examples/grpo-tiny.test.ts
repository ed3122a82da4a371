/** The example learns: a shortened run, and what it draws. */
import { expect, test } from 'vitest';

import { drawCurve } from '../../examples/grpo-tiny/index.js';
import { train } from '../../examples/grpo-tiny/train.js';

test('the policy learns to add', async () => {
  const curve = await train({ updates: 80 });
  // Chance is about 1 %.
  expect(curve[0]).toBeLessThan(0.05);
  expect(Math.max(...curve.slice(-5))).toBeGreaterThan(0.7);
  const drawn = drawCurve(curve);
  expect(drawn).toMatch(/^<svg xmlns=.*class="curve"/s);
  // One point an update, and the last above the first: y points down.
  const path = /<path d="([^"]+)" class="curve"/.exec(drawn)?.[1] as string;
  const heights = path
    .split(/[ML]/)
    .slice(1)
    .map((point) => Number(point.split(',')[1]));
  expect(heights.length).toBe(curve.length);
  expect(heights.at(-1)).toBeLessThan((heights[0] as number) - 100);
}, 120_000);
