/** Every example runs, and shows what it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

test('there is a test for each example', () => {
  const tests = readdirSync(here)
    .map((file) => readFileSync(`${here}/${file}`, 'utf8'))
    .join('\n');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts'))) {
    expect(tests).toContain(`'../../examples/${name.replace('.ts', '.js')}'`);
  }
});

test('solve-frozen-lake', async () => {
  const { startValue, certified } = await import('../../examples/solve-frozen-lake.js');
  expect(startValue).toBeCloseTo(0.4146403618, 7);
  expect(certified).toBe(true);
});

test('grpo-advantages', async () => {
  const { loss, gradient } = await import('../../examples/grpo-advantages.js');
  expect(Number.isFinite(loss)).toBe(true);
  // The two wrong answers of the first prompt are pushed down, the right ones up.
  expect(gradient.data[0]).toBeLessThan(0);
  expect(gradient.data[3]).toBeGreaterThan(0);
  expect(gradient.data[14]).toBe(0);
});

test('fitted-q-chain', async () => {
  const { qRight } = await import('../../examples/fitted-q-chain.js');
  expect(qRight).toBeCloseTo(0.9 ** 4, 6);
});

test('flow-policy', async () => {
  const { chosen, scores } = await import('../../examples/flow-policy.js');
  expect(chosen.shape).toEqual([2, 2]);
  expect(scores?.shape).toEqual([2, 8]);
  expect(Math.max(...chosen.data.map(Math.abs))).toBeLessThanOrEqual(1);
});

test('solve-own-mdp', async () => {
  const { chance } = await import('../../examples/solve-own-mdp.js');
  expect(chance).toBeCloseTo(0.4, 9);
});
