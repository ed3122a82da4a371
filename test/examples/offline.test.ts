import { expect, test } from 'vitest';

test('pendulum-data', async () => {
  const { summary } = await import('../../examples/pendulum-data.js');
  expect(summary).toMatchObject({ length: 8000, episodes: 40 });
  expect(summary.worst).toBeLessThan(-1000); // random episodes
  expect(summary.best).toBeGreaterThan(-150); // swung up at once
});
