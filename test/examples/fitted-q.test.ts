/** The examples of family fitted-q, beyond the chain. */
import { expect, test } from 'vitest';

test('tree-fitted-q', async () => {
  const { fromMiddle, fromLeft, lastChange } = await import('../../examples/tree-fitted-q.js');
  expect(fromMiddle.reward).toBe(1);
  expect(fromLeft.reward).toBe(1);
  expect(lastChange).toBeLessThan(0.5);
});

test('sqirl-corridor', async () => {
  const { planned, atRandom } = await import('../../examples/sqirl-corridor.js');
  expect(atRandom).toBeLessThan(1);
  expect(planned).toBeGreaterThan(3);
});
