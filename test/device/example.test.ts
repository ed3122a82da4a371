import { expect, test } from 'vitest';

test('gpu-training: the GPU learns what the CPU learns', async () => {
  const { chosen, largestDifference } = await import('../../examples/gpu-training.js');
  expect(chosen).toBe('cuda');
  expect(largestDifference).toBeLessThan(1e-3);
});
