/** Solvers with a goal look at their signal in the passes over the graph too. */
import { bellman } from 'belfry';
import { describe, expect, test } from 'vitest';

const { reachabilityAsync, stochasticShortestPathAsync } = bellman;
const grid = bellman.Mdp.fromTables(bellman.gridWorld({ rows: 450, cols: 450, slip: 0.2 }));
const operands = grid.operands();
const model = {
  ...operands,
  rewards: { ...operands.rewards, data: operands.rewards.data.map(Math.abs) },
  goal: [grid.numStates - 1],
};

describe('a solve of 200,000 states stops soon after its signal', () => {
  test.each([
    ['reachability', (signal: AbortSignal) => reachabilityAsync({ ...model, signal })],
    [
      'expected cost',
      (signal: AbortSignal) =>
        reachabilityAsync({ ...model, quantity: 'expected_cost', mode: 'max', signal }),
    ],
    ['shortest path', (signal: AbortSignal) => stochasticShortestPathAsync({ ...model, signal })],
  ])('%s', async (_, solve) => {
    const delays: number[] = [];
    for (const wait of [10, 40, 70, 100, 130]) {
      const controller = new AbortController();
      const outcome = solve(controller.signal).then(
        () => undefined,
        (error: Error) => error.message,
      );
      await new Promise((resolve) => setTimeout(resolve, wait));
      const asked = performance.now();
      controller.abort(new Error('enough'));
      const message = await outcome;
      delays.push(performance.now() - asked);
      if (message !== undefined) expect(message).toBe('enough');
    }
    // The median: one delay may be another process's.
    expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(150);
  });
});
