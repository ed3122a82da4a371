/** Learning that is measured: shortened forms of the longer examples. */
import { expect, test } from 'vitest';

import { learnToDrive } from '../../examples/car-on-the-hill.js';
import { byPlanning, fromTransitions } from '../../examples/cart-pole.js';

// The best policy scores about 0.35, one that drives into the left wall −0.5 and worse. Without the
// bootstrap the curve stays at −0.46, with the sign of the rewards turned at −0.7.
test('car-on-the-hill: the policy gets better for as long as the goal is propagated back', async () => {
  const short = { transitions: 4000, trees: 10, iterations: 15, scoreEvery: 1, seed: 1 };
  const curve = await learnToDrive({ ...short, data: 'steps' });
  const scores = curve.map(({ score }) => score);
  expect(curve.map(({ iteration }) => iteration)).toEqual(scores.map((_, i) => i + 1));
  expect(scores[0]).toBeLessThan(-0.3); // one step ahead, most states look alike
  expect(scores[4]).toBeGreaterThan(0);
  expect(Math.min(...scores.slice(-3))).toBeGreaterThan(0.25);
  expect(Math.max(...scores)).toBeLessThan(0.36);
});

test('cart-pole: neural fitted Q from a fixed data set', async () => {
  const { before, after } = await fromTransitions({ steps: 4000, seed: 1 });
  expect(before).toBeLessThan(30);
  expect(after).toBeGreaterThan(400); // 73 without the bootstrap, 36 with the sign turned
});

test('cart-pole: SQIRL from random play', async () => {
  const { before, after } = await byPlanning({ horizon: 80, seed: 1 });
  expect(before).toBeLessThan(30);
  expect(after).toBeGreaterThan(70); // of 80; 26 from rewards alone, 9 with the sign turned
});
