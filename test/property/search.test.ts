/** Searches, selections and exploration bonuses against slow and simple counterparts. */

import { bellman } from 'belfry';
import { describe, expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

type Random = () => number;

const seeds = Array.from({ length: 30 }, (_, seed) => seed);
const f64 = (length: number, next: () => number): Float64Array =>
  Float64Array.from({ length }, next);
const centred =
  (random: Random, scale = 2): Random =>
  () =>
    scale * (2 * random() - 1);

describe('qstar_search', () => {
  function problem(seed: number) {
    const random = randomSource(seed);
    const [states, actions] = [3 + Math.floor(random() * 25), 1 + Math.floor(random() * 4)];
    const nextStates = Int32Array.from({ length: states * actions }, () =>
      random() < 0.2 ? -1 : Math.floor(random() * states),
    );
    const cost = f64(states * actions, () => Math.floor(random() * 5));
    const goal = Uint8Array.from({ length: states }, (_, s) => (s === states - 1 ? 1 : 0));
    if (random() < 0.5) goal[Math.floor(random() * states)] = 1;
    // Cost to go of every state, by relaxing all edges often enough.
    const toGo = f64(states, () => Number.POSITIVE_INFINITY).map((v, s) => (goal[s] ? 0 : v));
    const child = (i: number): number => {
      const t = nextStates[i] as number;
      return t < 0 ? Number.POSITIVE_INFINITY : (cost[i] as number) + (toGo[t] as number);
    };
    for (let sweep = 0; sweep < states; sweep++) {
      for (let i = 0; i < cost.length; i++) {
        const s = Math.floor(i / actions);
        toGo[s] = Math.min(toGo[s] as number, child(i));
      }
    }
    const shape = [states, actions];
    const graph = {
      nextStates: { data: nextStates, shape },
      cost: { data: cost, shape },
      goal,
      start: 0,
    };
    const exact = f64(cost.length, () => 0).map((_, i) => child(i));
    return { graph, toGo, exact, shape, random };
  }
  type Problem = ReturnType<typeof problem>;

  function costOf(p: Problem, actions: Int32Array): number {
    let state = 0;
    let total = 0;
    for (const action of actions) {
      const edge = state * (p.shape[1] as number) + action;
      total += p.graph.cost.data[edge] as number;
      state = p.graph.nextStates.data[edge] as number;
    }
    expect(p.graph.goal[state]).toBe(1);
    return total;
  }

  test.each(seeds)('finds the cheapest path (seed %i)', (seed) => {
    const p = problem(seed);
    const optimum = p.toGo[0] as number;
    const least = p.exact.map((q) => (Number.isFinite(q) ? q * p.random() : 50));
    const guesses = [p.exact, p.graph.cost.data, least];
    guesses.forEach((q, k) => {
      for (const termination of ['bound', 'first_goal'] as const) {
        if (termination === 'first_goal' && k === 2) continue;
        const out = bellman.qstarSearch({
          ...p.graph,
          qValues: { data: q, shape: p.shape },
          algorithm: 'qstar',
          termination,
        });
        expect(out.pathCost).toBe(optimum);
        if (Number.isFinite(optimum)) expect(costOf(p, out.actions.data)).toBe(optimum);
        else expect(out.actions.data.length).toBe(0);
      }
    });
    for (const h of [p.toGo, p.toGo.map(() => 0)]) {
      const out = bellman.qstarSearch({ ...p.graph, h, algorithm: 'astar' });
      expect(out.pathCost).toBe(optimum);
      if (Number.isFinite(optimum)) expect(costOf(p, out.actions.data)).toBe(optimum);
    }
  });

  test.each(seeds.slice(0, 10))('paths cost what they say, in batches too (seed %i)', (seed) => {
    const p = problem(seed);
    const q = p.exact.map((x) => (Number.isFinite(x) ? x + 3 * p.random() : 50));
    for (const batch of [1, 3, 100]) {
      const qValues = { data: q, shape: p.shape };
      const star = { ...p.graph, qValues, lambda: 0.7, batch, algorithm: 'qstar' } as const;
      const out = bellman.qstarSearch(star);
      expect(Number.isFinite(out.pathCost)).toBe(Number.isFinite(p.toGo[0] as number));
      if (Number.isFinite(out.pathCost)) expect(costOf(p, out.actions.data)).toBe(out.pathCost);
      const exact = bellman.qstarSearch({
        ...star,
        lambda: 1,
        qValues: { data: p.exact, shape: p.shape },
      });
      expect(exact.pathCost).toBe(p.toGo[0]);
    }
  });

  test('negative costs and starts outside are refused', () => {
    const p = problem(1);
    const qValues = { data: p.exact, shape: p.shape };
    const call = { ...p.graph, qValues, algorithm: 'qstar' } as const;
    expect(() => bellman.qstarSearch({ ...call, start: 1000 })).toThrow(/start/);
    const cost = { data: p.graph.cost.data.map(() => -1), shape: p.shape };
    expect(() => bellman.qstarSearch({ ...call, cost })).toThrow(/cost/);
  });
});

describe('relu_q_combinatorial_argmax', () => {
  test.each(seeds)('agrees with enumeration (seed %i)', (seed) => {
    const random = randomSource(seed);
    const [hidden, bits, inputs] = [1 + Math.floor(random() * 8), Math.floor(random() * 9), 2];
    const width = bits + inputs;
    // Whole weights make ties.
    const next = seed % 2 ? centred(random) : () => Math.floor(random() * 3) - 1;
    const w1 = f64(hidden * width, next);
    const [b1, w2, b2, state] = [f64(hidden, next), f64(hidden, next), f64(1, next), f64(2, next)];
    const cost = f64(bits, () => Math.floor(random() * 4));
    const budget = Math.floor(random() * 5);
    const constraint = random() < 0.5 ? ('cardinality_le' as const) : ('knapsack' as const);
    let best = Number.NEGATIVE_INFINITY;
    let first: number[] = [];
    for (let code = 0; code < 2 ** bits; code++) {
      const action = Array.from({ length: bits }, (_, k) => (code >> (bits - 1 - k)) & 1);
      const price = (k: number): number => (constraint === 'knapsack' ? (cost[k] as number) : 1);
      if (action.reduce((sum, a, k) => sum + a * price(k), 0) > budget) continue;
      const input = [...action, ...state];
      let value = b2[0] as number;
      for (let h = 0; h < hidden; h++) {
        let sum = b1[h] as number;
        input.forEach((x, k) => {
          sum += (w1[h * width + k] as number) * x;
        });
        value += (w2[h] as number) * Math.max(sum, 0);
      }
      if (value <= best) continue;
      best = value;
      first = action;
    }
    const out = bellman.reluQCombinatorialArgmax({
      w1: { data: w1, shape: [hidden, width] },
      b1,
      w2: { data: w2, shape: [1, hidden] },
      b2,
      state,
      ...(constraint === 'knapsack' ? { cost } : {}),
      budget,
      constraint,
    });
    expect(out.converged).toBe(1);
    expect(out.qMax).toBeCloseTo(best, 12);
    if (seed % 2 === 0) expect([...out.actions.data]).toEqual(first);
  });

  test('thirty bits are proved', () => {
    const random = randomSource(9);
    const [hidden, bits] = [16, 30];
    const out = bellman.reluQCombinatorialArgmax({
      w1: { data: f64(hidden * bits, centred(random)), shape: [hidden, bits] },
      b1: f64(hidden, centred(random)),
      w2: { data: f64(hidden, centred(random)), shape: [1, hidden] },
      b2: f64(1, random),
      state: new Float64Array(0),
      budget: 4,
    });
    expect(out.converged).toBe(1);
    expect(out.actions.data.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(4);
  });
});

describe('elliptical_bonus', () => {
  test.each(seeds.slice(0, 8))('one by one and all at once (seed %i)', (seed) => {
    const random = randomSource(seed);
    const [rows, size] = [1 + Math.floor(random() * 40), 1 + Math.floor(random() * 8)];
    const phi = f64(rows * size, centred(random));
    const call = (count: number, outputs?: ['bonusAfterUpdate']) =>
      bellman.ellipticalBonus({
        phi: { data: phi.slice(0, count * size), shape: [count, size] },
        lambda: 0.1,
        beta: 0.5,
        ...(outputs ? { outputs } : {}),
      });
    const all = call(rows);
    const once = call(rows, ['bonusAfterUpdate']).bonusAfterUpdate.data;
    const { data: gram } = all.gram;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = 0;
        for (let k = 0; k < size; k++) {
          sum += (gram[i * size + k] as number) * (all.inverseFinal.data[k * size + j] as number);
        }
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 9);
      }
    }
    for (let n = 0; n < rows; n++) {
      expect(once[n]).toBeCloseTo(all.bonusAfterUpdate.data[n] as number, 10);
      // With b the bonus before a sample and β = 1, after it is b / √(1 + b²).
      const after = call(n + 1).bonusAfterUpdate.data[n] as number;
      const before = (all.bonusSequential.data[n] as number) / 0.5;
      expect(after / 0.5).toBeCloseTo(before / Math.sqrt(1 + before ** 2), 9);
    }
  });
});

test('mbtl_select: the gradient of the likelihood', () => {
  const random = randomSource(3);
  const transfer = { data: f64(64, random), shape: [8, 8] };
  const contexts = f64(8, () => 5 * random());
  const run = (sigmaF2: number, lengthScale: number, noiseStd: number) =>
    bellman.mbtlSelect({
      transfer,
      contexts,
      slope: 0.1,
      sigmaF2,
      lengthScale,
      noiseStd,
      numSteps: 5,
    });
  const [s, l, n, e] = [0.8, 1.3, 0.2, 1e-6];
  const here = run(s, l, n);
  const difference = (ds: number, dl: number, dn: number): number =>
    (run(s + ds, l + dl, n + dn).logMarginalLikelihood -
      run(s - ds, l - dl, n - dn).logMarginalLikelihood) /
    (2 * e);
  const expected = [difference(e, 0, 0), difference(0, e, 0), difference(0, 0, e)];
  expected.forEach((d, k) => expect(here.gradLogMarginalLikelihood.data[k]).toBeCloseTo(d, 5));
});

test('exploration_graph_q solves its own equations', () => {
  const random = randomSource(8);
  const [states, actions, gamma] = [12, 3, 0.9];
  const shape = [states, actions];
  const nextStates = Int32Array.from({ length: 36 }, () => Math.floor(random() * 13) - 1);
  const tried = Int32Array.from({ length: 36 }, () => Math.floor(random() * 3));
  const visits = Int32Array.from({ length: states }, () => Math.floor(random() * 5));
  const out = bellman.explorationGraphQ({
    nextStates: { data: nextStates, shape },
    tried: { data: tried, shape },
    visits,
    gamma,
    temperature: 0.3,
  });
  const q = out.qValues.data;
  for (let i = 0; i < q.length; i++) {
    const next = nextStates[i] as number;
    let want = 1;
    if (tried[i] && next < 0) want = 0;
    else if (tried[i]) {
      const best = Math.max(...q.subarray(next * actions, (next + 1) * actions));
      want = 1 / Math.sqrt(1 + (visits[next] as number)) + gamma * best;
    }
    expect(q[i]).toBeCloseTo(want, 10);
  }
});

describe('tree_selection', () => {
  const shape = [1, 3];
  const visits = { data: Int32Array.from([0, 2, 2]), shape };
  const valueSum = { data: Float64Array.from([0, 1, 1]), shape };

  test('untried first, then the lower of equals; masked never', () => {
    const all = bellman.treeSelection({ visits, valueSum });
    expect([...all.ucb.data]).toEqual([Number.POSITIVE_INFINITY, all.ucb.data[1], all.ucb.data[1]]);
    expect(all.ucbAction.data[0]).toBe(0);
    const actionMask = { data: Uint8Array.from([0, 1, 1]), shape };
    const some = bellman.treeSelection({ visits, valueSum, actionMask });
    expect(some.ucb.data[0]).toBe(Number.NEGATIVE_INFINITY);
    expect(some.ucbAction.data[0]).toBe(1);
    const none = { data: new Uint8Array(3), shape };
    const nothing = bellman.treeSelection({ visits, valueSum, actionMask: none });
    expect(nothing.ucbAction.data[0]).toBe(-1);
  });

  test('a pending visit is a visit that lost', () => {
    const pending = { data: Int32Array.from([0, 1, 0]), shape };
    const waiting = bellman.treeSelection({ visits, valueSum, pending });
    const finished = bellman.treeSelection({
      visits: { data: Int32Array.from([0, 3, 2]), shape },
      valueSum: { data: Float64Array.from([0, 0, 1]), shape },
    });
    expect(waiting.ucb.data).toEqual(finished.ucb.data);
  });
});

test('pomdp_belief_qmdp: an impossible observation', () => {
  const out = bellman.pomdpBeliefQmdp({
    prob: { data: Float64Array.from([1, 0, 0, 1]), shape: [2, 1, 2] },
    observation: { data: Float64Array.from([1, 0, 0.5, 0.5]), shape: [1, 2, 2] },
    belief: { data: Float64Array.from([1, 0, 0.5, 0.5]), shape: [2, 2] },
    actions: Int32Array.from([0, 0]),
    obs: Int32Array.from([1, 1]),
  });
  expect([...out.likelihood.data]).toEqual([0, 0.25]);
  expect([...out.nextBelief.data]).toEqual([Number.NaN, Number.NaN, 0, 1]);
});

describe('exploration', () => {
  // Graph of 30 screens with 6 actions, learned while walking. An untried action is worth as much
  // as novelty without end, 1/(1 − γ): with less, a loop among new screens looks better to it.
  test('exploration_graph_q visits more distinct edges than a random walk', () => {
    const [screens, actions, steps] = [30, 6, 300];
    const shape = [screens, actions];
    const walk = (seed: number, directed: boolean): number => {
      const random = randomSource(seed);
      const graph = Int32Array.from({ length: screens * actions }, () =>
        Math.floor(random() * screens),
      );
      const nextStates = new Int32Array(screens * actions).fill(-1);
      const tried = new Int32Array(screens * actions);
      const visits = new Int32Array(screens);
      let screen = 0;
      for (let step = 0; step < steps; step++) {
        let weights = f64(actions, () => 1 / actions);
        if (directed) {
          const { policy } = bellman.explorationGraphQ({
            nextStates: { data: nextStates, shape },
            tried: { data: tried, shape },
            visits,
            unknownReward: 10,
            temperature: 0.1,
          });
          weights = Float64Array.from(policy.data).slice(screen * actions, (screen + 1) * actions);
        }
        let [u, action] = [random(), 0];
        while (action < actions - 1 && u > (weights[action] as number)) {
          u -= weights[action] as number;
          action += 1;
        }
        const edge = screen * actions + action;
        tried[edge] = (tried[edge] as number) + 1;
        nextStates[edge] = graph[edge] as number;
        screen = graph[edge] as number;
        visits[screen] = (visits[screen] as number) + 1;
      }
      return tried.filter((count) => count > 0).length;
    };
    let [directed, uniform] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      directed += walk(seed, true);
      uniform += walk(seed, false);
    }
    expect(directed / uniform).toBeGreaterThan(1.3);
  });
});
