/** The classes around an op: they agree with it, and check what they are given. */
import {
  CsrBuilder,
  EffectiveHorizon,
  effectiveHorizon,
  frozenLake,
  Mdp,
  matrixGame,
  mbtlSelect,
  QStarSearch,
  QuantalResponse,
  qstarSearch,
  shapleyValueIteration,
  TaskSelector,
  WhittleIndex,
  whittleIndex,
} from 'belfry/bellman';
import { describe, expect, test } from 'vitest';

import { uniform, uniformInt } from '../../src/demo/generator.js';

describe('QStarSearch', () => {
  const S = 60;
  const A = 4;
  const goal = S - 1;

  /** A random graph with the estimates of a random, never overestimating Q-function. */
  function graph(seed: number) {
    const next = Int32Array.from({ length: S * A }, (_, i) =>
      uniform(seed, i) < 0.2 ? -1 : uniformInt(seed + 1, i, S),
    );
    const cost = Float64Array.from({ length: S * A }, (_, i) => 1 + uniformInt(seed + 2, i, 5));
    const exact = new Float64Array(S).fill(Number.POSITIVE_INFINITY);
    exact[goal] = 0;
    for (let sweep = 0; sweep < S; sweep++) {
      next.forEach((to, i) => {
        const s = Math.floor(i / A);
        if (to >= 0)
          exact[s] = Math.min(exact[s] as number, (cost[i] as number) + (exact[to] as number));
      });
    }
    const q = Float64Array.from(next, (to, i) => {
      const left = to < 0 ? 0 : Math.min(exact[to] as number, 50);
      return (cost[i] as number) + left * uniform(seed + 3, i);
    });
    return { next, cost, exact, q };
  }

  function problemOf({ next, cost, q }: ReturnType<typeof graph>) {
    return {
      numActions: A,
      step: (s: number, a: number) => ({
        next: next[s * A + a] as number,
        cost: cost[s * A + a] as number,
      }),
      isGoal: (s: number) => s === goal,
      actions: (s: number) => [0, 1, 2, 3].filter((a) => (next[s * A + a] as number) >= 0),
      qValues: (states: readonly number[]) =>
        states.flatMap((s) => [...q.subarray(s * A, s * A + A)]),
    };
  }

  test.each([1, 2, 3, 4, 5, 6])('is the search of qstarSearch, graph %i', async (seed) => {
    const tables = graph(10 * seed);
    for (const options of [
      {},
      { batch: 5 },
      { lambda: 0.6 },
      { termination: 'first_goal' as const },
    ]) {
      const shape = [S, A];
      const op = qstarSearch({
        algorithm: 'qstar',
        nextStates: { data: tables.next, shape },
        cost: { data: tables.cost, shape },
        goal: Uint8Array.from({ length: S }, (_, s) => Number(s === goal)),
        qValues: { data: tables.q, shape },
        ...options,
      });
      const answer = new QStarSearch(problemOf(tables), options).solveSync(0);
      expect(answer.pathCost).toBe(op.pathCost);
      expect(Array.from(answer.actions)).toEqual(Array.from(op.actions.data));
      expect([answer.numPopped, answer.numPushed]).toEqual([op.numPopped, op.numPushed]);
      expect(answer.converged).toBe(true);
      expect(await new QStarSearch(problemOf(tables), options).solve(0)).toEqual(answer);
    }
    expect(new QStarSearch(problemOf(tables)).solveSync(0).pathCost).toBe(tables.exact[0]);
  });

  const line = {
    numActions: 1,
    step: (s: number) => ({ next: s + 1, cost: 1 }),
    isGoal: (s: number) => s === 5,
    qValues: async (states: readonly number[]) => Float32Array.from(states, (s) => 5 - s),
  };

  test('takes a promise, a start at the goal, and a limit', async () => {
    const { states, converged } = await new QStarSearch(line).solve(0);
    expect(states).toEqual([0, 1, 2, 3, 4, 5]);
    expect(converged).toBe(true);
    const there = await new QStarSearch(line).solve(5);
    expect(there).toMatchObject({ pathCost: 0, numPopped: 0, states: [5], converged: true });
    const limited = await new QStarSearch(line, { maxIterations: 3 }).solve(0);
    expect(limited).toMatchObject({
      pathCost: Number.POSITIVE_INFINITY,
      converged: false,
      states: [],
    });
  });

  test('is stopped by its signal, and reports', async () => {
    const endless = {
      ...line,
      isGoal: () => false,
      qValues: (s: readonly number[]) => s.map(() => 1),
    };
    const controller = new AbortController();
    let reports = 0;
    const solving = new QStarSearch(endless).solve(0, {
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        reports += 1;
        expect(iteration).toBeGreaterThan(0);
        controller.abort(new Error('enough'));
      },
    });
    await expect(solving).rejects.toThrow('enough');
    expect(reports).toBe(1);
  });

  test('names what is wrong', async () => {
    const wrong = (changes: object) => new QStarSearch({ ...line, ...changes }).solve(0);
    await expect(wrong({ qValues: () => [1, 2] })).rejects.toThrow(
      /returned 2 numbers, expected 1 × 1/,
    );
    await expect(wrong({ qValues: () => [Number.NaN] })).rejects.toThrow(
      /returned NaN for action 0/,
    );
    await expect(wrong({ step: () => ({ next: 1, cost: -1 }) })).rejects.toThrow(/costs -1/);
    expect(() => new QStarSearch(line).solveSync(0)).toThrow(/returns a promise/);
    expect(() => new QStarSearch(line, { batch: 0 })).toThrow(/batch is 0/);
    expect(() => new QStarSearch(line, { lamda: 1 } as object)).toThrow(/lambda/);
  });
});

describe('EffectiveHorizon', () => {
  const lake = Mdp.fromTables(frozenLake({ slippery: false }));

  test('is the op on the model with an end', async () => {
    const analysis = new EffectiveHorizon(lake, { horizon: 8 });
    const { minK, optimalReturn, effectiveHorizonBound } = await analysis.analyse();
    expect(optimalReturn).toBe(1);
    expect(analysis.analyseSync().minK).toBe(minK);
    expect(effectiveHorizonBound).toBeLessThanOrEqual(8);
    const next = Int32Array.from({ length: 17 * 4 }, (_, row) =>
      row < 64 && lake.rowPtr[row] !== lake.rowPtr[row + 1]
        ? (lake.col[lake.rowPtr[row] as number] as number)
        : -1,
    );
    const rewards = new Float64Array(68);
    rewards.set(lake.rewards);
    const op = effectiveHorizon({
      nextStates: { data: next, shape: [17, 4] },
      rewards: { data: rewards, shape: [17, 4] },
      horizon: 8,
    });
    expect(op).toMatchObject({ minK, effectiveHorizonBound });
    expect((await analysis.analyseSticky(0)).optimalReturn).toBe(1);
  });

  test('refuses chance', () => {
    const slippery = Mdp.fromTables(frozenLake());
    expect(() => new EffectiveHorizon(slippery, { horizon: 8 })).toThrow(
      /3 successors in row 0 \(state 0, action 0\)/,
    );
    const builder = new CsrBuilder(1, 2);
    builder.add(0, 0, 0, 1);
    builder.forbid(0, 1);
    expect(() => new EffectiveHorizon(Mdp.fromTables(builder.build()), { horizon: 2 })).toThrow(
      /forbids/,
    );
  });
});

describe('QuantalResponse', () => {
  const payoff = { data: Float64Array.of(3, -1, -2, 2), shape: [2, 2] };

  test('approaches the game as both sides cool', async () => {
    const game = new QuantalResponse({ payoff });
    const { expectedPayoff, converged } = await game.solve({ alpha: 1e-3, beta: 1e-3 });
    expect(converged).toBe(1);
    expect(expectedPayoff).toBeCloseTo(matrixGame({ payoff }).value, 2);
    const cooled = game.cool({ alpha: 0.1, betas: [100, 1] });
    expect(cooled).toHaveLength(2);
    expect(cooled[0]?.policyMin.data[0]).toBeCloseTo(0.5, 1);
  });

  test('solves Markov games', () => {
    const prob = { data: Float64Array.of(1, 1, 1, 1), shape: [1, 2, 2, 1] };
    const rewards = { data: payoff.data, shape: [1, 2, 2] };
    const { vStar } = new QuantalResponse({ prob, rewards, gamma: 0.5 }).solveSync({
      alpha: 1e-3,
      beta: 1e-3,
    });
    const shapley = shapleyValueIteration({ prob, rewards, gamma: 0.5 }).vStar.data[0] as number;
    expect(vStar.data[0]).toBeCloseTo(shapley, 1);
  });
});

describe('WhittleIndex', () => {
  const arm = (p: number) => ({
    prob: { data: Float64Array.of(0.9, 0.1, 1 - p, p, 0.4, 0.6, 0.1, 0.9), shape: [2, 2, 2] },
    rewards: { data: Float64Array.of(0, 0, 1, 1), shape: [2, 2] },
  });
  const harmful = {
    prob: { data: Float64Array.of(0, 1, 1, 0, 0, 1, 1, 0), shape: [2, 2, 2] },
    rewards: { data: Float64Array.of(0, 0, 1, 1), shape: [2, 2] },
  };

  test('serves the largest index, and nobody against their good', () => {
    const policy = new WhittleIndex([arm(0.3), arm(0.8), arm(0.8), harmful], { discount: 0.9 });
    const op = whittleIndex({ ...arm(0.3), gamma: 0.9 });
    expect(Array.from(policy.indices[0]?.data ?? [])).toEqual(Array.from(op.whittleIndex.data));
    expect(policy.choose([0, 0, 0, 0], 1)).toEqual([1]);
    expect(policy.choose([0, 0, 0, 0], 2)).toEqual([1, 2]);
    expect(policy.choose([0, 0, 0, 0], 4)).toEqual([1, 2, 0]);
    expect(() => policy.choose([0, 0], 1)).toThrow(/has 2 elements, expected 4/);
    expect(() => policy.choose([0, 2, 0, 0], 1)).toThrow(/holds 2 for arm 1/);
  });
});

describe('TaskSelector', () => {
  test('chooses what the op chooses that sees everything', () => {
    const n = 12;
    const transfer = Float64Array.from({ length: n * n }, (_, i) => {
      const distance = Math.abs(Math.floor(i / n) - (i % n));
      return 0.6 + 0.4 * uniform(5, Math.floor(i / n)) - 0.05 * distance;
    });
    const options = {
      slope: 0.05,
      lengthScale: 2,
      contexts: Float64Array.from({ length: n }, (_, i) => i),
    };
    const op = mbtlSelect({ ...options, transfer: { data: transfer, shape: [n, n] }, numSteps: n });
    const selector = new TaskSelector(options);
    for (let step = 0; step < n; step++) {
      const task = selector.next();
      selector.observe(transfer.subarray(task * n, (task + 1) * n));
    }
    expect(selector.chosen).toEqual(Array.from(op.selected.data));
    selector.meanPerformance.forEach((mean, step) => {
      expect(mean).toBeCloseTo(op.meanPerformance.data[step] as number, 12);
    });
    expect(() => selector.next()).toThrow(/has chosen all 12 tasks/);
    expect(() => new TaskSelector(options).observe([1])).toThrow(/has 1 elements, expected 12/);
  });
});
