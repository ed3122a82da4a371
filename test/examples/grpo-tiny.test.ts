/** The example learns: a shortened run, and what it draws. */
import { expect, test } from 'vitest';

import { drawCurve } from '../../examples/grpo-tiny/index.js';
import { train } from '../../examples/grpo-tiny/train.js';

test('the policy learns to add', async () => {
  const curve = await train({ updates: 80 });
  // Chance is about 1 %.
  expect(curve[0]).toBeLessThan(0.05);
  expect(Math.max(...curve.slice(-5))).toBeGreaterThan(0.7);
  expect(drawCurve(curve)).toMatch(/^<svg xmlns=.*class="curve"/s);
}, 120_000);
