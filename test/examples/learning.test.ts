/** Learning that is measured: shortened forms of the longer examples. */
import { expect, test } from 'vitest';

import { learnToDrive } from '../../examples/car-on-the-hill.js';
import { byPlanning, fromTransitions } from '../../examples/cart-pole.js';

// The best policy scores about 0.35; standing still at the foot of the hill scores 0.
test('car-on-the-hill: the policy gets better for as long as the goal is propagated back', async () => {
  const short = { transitions: 4000, trees: 10, iterations: 15, data: 'steps', seed: 1 } as const;
  const curve = await learnToDrive(short);
  expect(curve.length).toBe(15);
  expect(curve[0]).toBeLessThan(-0.3); // one step ahead, most states look alike
  expect(curve[4]).toBeGreaterThan(0);
  expect(Math.min(...curve.slice(-3))).toBeGreaterThan(0.25);
  expect(Math.max(...curve)).toBeLessThan(0.36);
});

test('cart-pole: neural fitted Q from a fixed data set', async () => {
  const { before, after } = await fromTransitions({ steps: 4000, seed: 1 });
  expect(before).toBeLessThan(30);
  expect(after).toBeGreaterThan(200);
});

test('cart-pole: SQIRL from random play', async () => {
  const { before, after } = await byPlanning({ horizon: 80, seed: 1 });
  expect(before).toBeLessThan(30);
  expect(after).toBeGreaterThan(70);
});
