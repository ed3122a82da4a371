import { describe, expect, it } from 'vitest';
import {
  averageRewardRvi,
  averageRewardRviAsync,
  CsrBuilder,
  constrainedMdpLp,
  constrainedMdpLpAsync,
  effectiveHorizon,
  forest,
  garnet,
  gridWorld,
  knownMdps,
  Mdp,
  PolicyIteration,
  policyIteration,
  prioritizedSweeping,
  problem,
  reachability,
  reachabilityAsync,
  riverSwim,
  solve,
  stochasticShortestPath,
  stochasticShortestPathAsync,
  valueIteration,
} from '../../src/bellman/index.js';
import { randomSource } from '../../src/tools/random-arguments.js';

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

/** Rows with few successors out of `numStates`, self-loops and traps among them. */
function randomModel(seed: number, numStates: number, numActions: number) {
  const random = randomSource(seed);
  const rowPtr = [0];
  const col: number[] = [];
  const prob: number[] = [];
  for (let row = 0; row < numStates * numActions; row++) {
    const count = 1 + Math.floor(random() * 2);
    const first = Math.floor(random() * numStates);
    const p = count === 1 ? 1 : 0.25 + 0.5 * random();
    col.push(first);
    prob.push(p);
    if (count === 2) {
      col.push(Math.floor(random() * numStates));
      prob.push(1 - p);
    }
    rowPtr.push(col.length);
  }
  const costs = Float64Array.from({ length: numStates * numActions }, () =>
    random() < 0.3 ? 0 : random(),
  );
  return {
    rowPtr: Int32Array.from(rowPtr),
    col: Int32Array.from(col),
    prob: Float64Array.from(prob),
    rewards: { data: costs, shape: [numStates, numActions] },
  };
}

/** Sweeps from a start, goal pinned: from 0 the least fixed point of a maximum or minimum. */
function sweepFrom(
  model: ReturnType<typeof randomModel>,
  goal: number,
  pick: (...values: number[]) => number,
  cost: boolean,
  sweeps = 4000,
): Float64Array {
  const [numStates = 0, numActions = 0] = model.rewards.shape;
  let values = new Float64Array(numStates);
  for (let i = 0; i < sweeps; i++) {
    const before = values;
    values = Float64Array.from({ length: numStates }, (_, s) => {
      if (s === goal) return cost ? 0 : 1;
      const q = Array.from({ length: numActions }, (_, a) => {
        const row = s * numActions + a;
        let sum = cost ? model.rewards.data[row]! : 0;
        for (let e = model.rowPtr[row]!; e < model.rowPtr[row + 1]!; e++)
          sum += model.prob[e]! * before[model.col[e]!]!;
        return sum;
      });
      return pick(...q);
    });
  }
  return values;
}

describe('reachability', () => {
  it('agrees with long sweeps from 0, between its bounds', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const model = randomModel(seed, 9, 2);
      for (const mode of ['max', 'min'] as const) {
        const { prob, lower, upper, converged } = reachability({ ...model, goal: [8], mode });
        const want = sweepFrom(model, 8, mode === 'max' ? Math.max : Math.min, false);
        expect(converged).toBe(1);
        expect(furthest(prob.data, want), `seed ${seed} ${mode}`).toBeLessThan(1e-8);
        for (let s = 0; s < 9; s++) {
          expect(lower.data[s]!).toBeLessThanOrEqual(want[s]! + 1e-12);
          expect(upper.data[s]!).toBeGreaterThanOrEqual(want[s]! - 1e-9);
        }
      }
    }
  });

  it('counts steps when asked to', () => {
    const model = randomModel(5, 7, 2);
    const want = sweepFrom(model, 6, Math.max, false, 4);
    // Goal pinned after the first sweep: step n is sweep n + 1 of the reference.
    const got = reachability({ ...model, goal: [6], steps: 3 });
    expect(furthest(got.prob.data, want)).toBeLessThan(1e-15);
  });

  it('has the published answers of the rings, the die, the chain and consensus', () => {
    for (const [size, steps] of [
      [3, 4 / 3],
      [5, 3.2],
      [7, 48 / 7],
    ] as const) {
      const ring = reachability({ builtin: `herman(${size})`, quantity: 'expected_cost' });
      expect(ring.maxValue).toBeCloseTo(steps, 9);
    }
    const die = reachability({ builtin: 'knuth_yao', quantity: 'expected_cost' });
    expect(die.value.data[0]).toBeCloseTo(11 / 3, 12);
    const ring = reachability({ builtin: 'israeli_jalfon(5)' });
    expect(Math.min(...ring.prob.data)).toBeCloseTo(1, 9);
    const chain = reachability({ builtin: 'haddad_monmege(20,0.7)', eps: 1e-6 });
    expect(chain.converged).toBe(1);
    expect(chain.prob.data[20]).toBeCloseTo(0.7, 6);
    const four = reachability({ builtin: 'consensus(2,4)' });
    expect(four.c2Pmin).toBeCloseTo(1793 / 4096, 8);
    expect(four.disagreePmax).toBeCloseTo(251 / 4080, 8);
    expect(four.stepsMax).toBeCloseTo(243, 7);
    expect(four.stepsMin).toBeCloseTo(192, 7);
  });

  it('never claims bounds it does not have', () => {
    // A second action, so that it is no chain: those are eliminated without loss of digits.
    const chain = problem('haddad_monmege(45,0.7)');
    const twice = new CsrBuilder(91, 2);
    for (let e = 0, s = 0; e < chain.col.length; e++) {
      while (chain.rowPtr[s + 1]! <= e) s++;
      for (const action of [0, 1]) twice.add(s, action, chain.col[e]!, chain.prob[e]!);
    }
    const far = reachability({
      ...Mdp.fromTables(twice.build()).operands(),
      goal: [0],
      eps: 1e-6,
      maxIterations: 600,
    });
    expect(far.converged).toBe(0);
    expect(far.lower.data[45]!).toBeLessThanOrEqual(0.7);
    expect(far.upper.data[45]!).toBeGreaterThanOrEqual(0.7);
  });
});

describe('stochasticShortestPath', () => {
  it('is the limit of long sweeps where cycles cost something', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const model = randomModel(seed, 8, 3);
      model.rewards.data.forEach((cost, row) => {
        if (cost === 0) model.rewards.data[row] = 0.5;
      });
      const { values, policy } = stochasticShortestPath({ ...model, goal: [7] });
      const want = sweepFrom(model, 7, Math.min, true);
      for (let s = 0; s < 8; s++) {
        if (values.data[s] === Number.POSITIVE_INFINITY) {
          expect(want[s]).toBeGreaterThan(100);
          expect(policy.data[s]).toBe(-1);
        } else {
          expect(values.data[s]).toBeCloseTo(want[s]!, 8);
        }
      }
    }
  });

  it('does not stay on a free cycle', () => {
    // 0 and 1 swap for free; from 1 the goal costs 5.
    const { values, policy } = stochasticShortestPath({
      rowPtr: Int32Array.of(0, 1, 1, 2, 3, 4, 4),
      col: Int32Array.of(1, 0, 2, 2),
      prob: Float64Array.of(1, 1, 1, 1),
      rewards: { data: Float64Array.of(0, 9, 0, 5, 0, 0), shape: [3, 2] },
      actionMask: { data: Uint8Array.of(1, 0, 1, 1, 1, 0), shape: [3, 2] },
      goal: [2],
    });
    expect([...values.data]).toEqual([5, 5, 0]);
    expect([...policy.data]).toEqual([0, 1, -1]);
  });

  it('solves a large grid', () => {
    const grid = gridWorld({ rows: 60, cols: 60, slip: 0.2 });
    const cost = { data: grid.rewards.map(Math.abs), shape: [3600, 4] };
    const { rowPtr, col, prob } = grid;
    const answer = stochasticShortestPath({ rowPtr, col, prob, rewards: cost, goal: [3599] });
    expect(answer.converged).toBe(1);
    const again = knownMdps({
      rowPtr,
      col,
      prob,
      rewards: { ...cost, data: grid.rewards },
      gamma: 1,
    });
    expect(furthest(answer.values.data, again.vStar.data.map(Math.abs))).toBeLessThan(1e-8);
  });
});

describe('policyIteration', () => {
  const mdp = Mdp.fromTables(garnet({ numStates: 700, numActions: 3, branching: 4, seed: 3 }));
  const star = valueIteration({ ...mdp.operands(), gamma: 0.95, tolerance: 1e-10 }).vStar;

  it('comes to V* by every algorithm and method', () => {
    const algorithms = [
      { algorithm: 'policy_iteration' as const },
      { algorithm: 'modified_policy_iteration' as const, evalSweeps: 10, tolerance: 1e-8 },
      ...(['vi', 'mpi', 'gmres', 'bicgstab', 'tfqmr'] as const).map((method) => ({
        algorithm: 'inexact_policy_iteration' as const,
        method,
        maxInner: method === 'mpi' ? 30 : 1000,
      })),
    ];
    for (const options of algorithms) {
      const answer = policyIteration({ ...mdp.operands(), gamma: 0.95, ...options } as never) as {
        values: { data: Float64Array };
        converged: number;
      };
      expect(answer.converged, JSON.stringify(options)).toBe(1);
      expect(furthest(answer.values.data, star.data)).toBeLessThan(5e-7);
    }
  });

  it('values improve from policy to policy', () => {
    const { policies } = policyIteration({ ...mdp.operands(), gamma: 0.95 });
    const [rows = 0] = policies.shape;
    expect(rows).toBeGreaterThan(1);
    let before = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < rows; i++) {
      const initialPolicy = policies.data.slice(i * 700, (i + 1) * 700);
      const { values } = policyIteration({
        ...mdp.operands(),
        gamma: 0.95,
        initialPolicy,
        maxIterations: 1,
      });
      const total = values.data.reduce((sum, v) => sum + v, 0);
      expect(total).toBeGreaterThanOrEqual(before - 1e-9);
      before = total;
    }
  });

  it('claims nothing for a policy that never ends', () => {
    const loop = {
      rowPtr: Int32Array.of(0, 1),
      col: Int32Array.of(0),
      prob: Float64Array.of(1),
      rewards: { data: Float64Array.of(1), shape: [1, 1] },
    };
    expect(policyIteration({ ...loop, gamma: 1 }).converged).toBe(0);
  });
});

describe('averageRewardRvi', () => {
  it('is what discounting comes to', () => {
    const mdp = Mdp.fromTables(forest({ numStates: 12, waitReward: 6, fireProbability: 0.05 }));
    const { gain, gainLower, gainUpper, stationary } = averageRewardRvi(mdp.operands());
    const { values } = policyIteration({ ...mdp.operands(), gamma: 1 - 1e-7 });
    expect(gain).toBeCloseTo(values.data[0]! * 1e-7, 5);
    expect(gainLower).toBeLessThanOrEqual(gain);
    expect(gainUpper).toBeGreaterThanOrEqual(gain);
    expect(stationary.data.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });

  it('says so when the gain depends on the start', () => {
    const two = averageRewardRvi({
      rowPtr: Int32Array.of(0, 1, 2),
      col: Int32Array.of(0, 1),
      prob: Float64Array.of(1, 1),
      rewards: { data: Float64Array.of(1, 2), shape: [2, 1] },
    });
    expect(two.converged).toBe(0);
    expect(two.notUnichain).toBe(1);
  });

  it('refuses rows that end', () => {
    const model = randomModel(1, 3, 1);
    const prob = model.prob.map((p) => p / 2);
    expect(() => averageRewardRvi({ ...model, prob })).toThrow(/row 0 has mass 0.5/);
  });
});

describe('prioritizedSweeping', () => {
  it('takes the largest error each time', () => {
    const mdp = Mdp.fromTables(garnet({ numStates: 40, numActions: 2, branching: 3, seed: 8 }));
    const numBackups = 25;
    const start = new Float64Array(40);
    const run = prioritizedSweeping({ ...mdp.operands(), values: start, gamma: 0.9, numBackups });
    const values = start.slice();
    for (const state of run.trace.data) {
      const backup = valueIteration({
        ...mdp.operands(),
        gamma: 0.9,
        initialValues: values,
        numSweeps: 1,
        outputs: ['values'],
      }).values.data;
      const errors = backup.map((v, s) => Math.abs(v - values[s]!));
      expect(errors[state]!).toBeGreaterThan(Math.max(...errors) - 1e-14);
      values[state] = backup[state]!;
    }
    expect(furthest(run.values.data, values)).toBeLessThan(1e-13);
  });
});

describe('constrainedMdpLp', () => {
  it('meets its budget with a mixture of two policies, at the price it names', () => {
    const mdp = Mdp.fromTables(garnet({ numStates: 30, numActions: 3, branching: 4, seed: 2 }));
    const random = randomSource(4);
    const cost = { data: Float64Array.from({ length: 90 }, random), shape: [30, 3] };
    const mu0 = new Float64Array(30).fill(1 / 30);
    const solve = (budget: number) =>
      constrainedMdpLp({ ...mdp.operands(), cost, mu0, gamma: 0.9, budget });
    const free = solve(10);
    expect(free.multiplier).toBe(0);
    const budget = free.cost - 0.1;
    const tight = solve(budget);
    expect([tight.feasible, tight.converged]).toEqual([1, 1]);
    expect(tight.cost).toBeCloseTo(budget, 9);
    expect(tight.objective).toBeLessThan(free.objective);
    expect(tight.unconstrainedObjective).toBeCloseTo(free.objective, 9);
    expect(tight.occupancy.data.reduce((sum, d) => sum + d, 0)).toBeCloseTo(1, 9);
    const slope = (solve(budget + 1e-5).objective - solve(budget - 1e-5).objective) / 2e-5;
    expect(tight.multiplier).toBeCloseTo(slope, 4);
    expect(solve(0).feasible).toBe(0);
  });
});

describe('effectiveHorizon', () => {
  it('sticky actions that never stick change nothing', () => {
    const random = randomSource(11);
    const nextStates = {
      data: Int32Array.from({ length: 60 }, (_, i) => (i >= 57 ? 19 : Math.floor(random() * 20))),
      shape: [20, 3],
    };
    const rewards = {
      data: Float64Array.from({ length: 60 }, (_, i) => (i >= 57 || random() < 0.7 ? 0 : random())),
      shape: [20, 3],
    };
    const plain = effectiveHorizon({ nextStates, rewards, horizon: 8 });
    const sticky = effectiveHorizon({ nextStates, rewards, horizon: 8, sticky: 0 });
    for (const key of ['minK', 'epw'] as const) expect(sticky[key]).toBe(plain[key]);
    expect(sticky.randomReturn).toBeCloseTo(plain.randomReturn, 12);
    expect(sticky.optimalReturn).toBeCloseTo(plain.optimalReturn, 12);
    const uniform = new Float64Array(8 * 60).fill(1 / 3);
    const given = effectiveHorizon({
      nextStates,
      rewards,
      horizon: 8,
      explorationPolicy: { data: uniform, shape: [8, 20, 3] },
    });
    expect(given.randomReturn).toBeCloseTo(plain.randomReturn, 12);
  });
});

describe('built-in problems as operands', () => {
  it('stand for rows that are not given, and only then', () => {
    const lake = knownMdps({ builtin: 'frozenlake4x4', gamma: 0.99 });
    expect(lake.vStar.data[0]).toBeCloseTo(0.542025932, 9);
    const average = knownMdps({ builtin: 'howard_taxicab', criterion: 'average', refState: 2 });
    expect(average.gain).toBeCloseTo(1588 / 119, 9);
    const own = knownMdps({
      builtin: 'taxi',
      gamma: 0.5,
      rowPtr: Int32Array.of(0, 1),
      col: Int32Array.of(0),
      prob: Float64Array.of(1),
      rewards: { data: Float64Array.of(1), shape: [1, 1] },
    });
    expect(own.vStar.data[0]).toBeCloseTo(2, 12);
    expect(() => knownMdps({ builtin: 'no_such_problem', gamma: 0.5 })).toThrow(/problem: name/);
  });
});

describe('solve and PolicyIteration', () => {
  const mdp = Mdp.fromTables(garnet({ numStates: 600, numActions: 3, branching: 4, seed: 6 }));
  const { vStar } = valueIteration({ ...mdp.operands(), gamma: 0.9999, tolerance: 1e-8 });

  it('choose a method, say why, and agree', async () => {
    const far = await solve(mdp, { discount: 0.9999 });
    expect(far.method).toBe('value iteration');
    expect(far.reason).toMatch(/sweeps/);
    expect(far.converged).toBe(true);
    expect(furthest(far.values.data, vStar.data)).toBeLessThan(1e-6);
    const near = await solve(mdp, { discount: 0.9 });
    expect(near.method).toBe('value iteration');
    const small = await solve(Mdp.fromTables(riverSwim()), { discount: 0.95 });
    expect(small.method).toMatch(/Howard/);
    expect(small.values.data[0]).toBeCloseTo(4.66930016, 8);
    const perStep = await solve(Mdp.fromTables(riverSwim()), { criterion: 'average' });
    expect(perStep.gain).toBeCloseTo(
      averageRewardRvi(Mdp.fromTables(riverSwim()).operands()).gain,
      5,
    );
    const chain = await solve(Mdp.fromTables(riverSwim()), { criterion: 'reach', goal: [5] });
    expect(chain.values.data[0]).toBeCloseTo(1, 6);
    await expect(solve(mdp, { discont: 0.9 } as never)).rejects.toThrow(/discont/);
  });

  it('every variant comes to V*', () => {
    for (const variant of ['howard', 'modified', 'inexact'] as const) {
      const answer = new PolicyIteration(mdp, { discount: 0.9999, variant }).solveSync();
      expect(answer.converged, variant).toBe(true);
      expect(furthest(answer.values.data, vStar.data)).toBeLessThan(2e-4);
    }
  });
});

describe('a solver stopped at any moment', () => {
  it('rejects or finishes, and leaves the process alive', async () => {
    const mdp = Mdp.fromTables(garnet({ numStates: 8000, numActions: 4, branching: 8 }));
    const model = mdp.operands();
    const cost = { ...model.rewards, data: model.rewards.data.map((r) => r * r) };
    const mu0 = new Float64Array(8000).fill(1 / 8000);
    const calls = [
      (signal: AbortSignal) => reachabilityAsync({ ...model, goal: [0], signal }),
      (signal: AbortSignal) => stochasticShortestPathAsync({ ...model, goal: [0], signal }),
      (signal: AbortSignal) => averageRewardRviAsync({ ...model, signal }),
      (signal: AbortSignal) =>
        constrainedMdpLpAsync({ ...model, cost, mu0, gamma: 0.99, budget: 0.3, signal }),
    ];
    for (let delay = 0; delay < 40; delay += 4) {
      for (const call of calls) {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), delay);
        const outcome = await call(controller.signal).catch((error: Error) => error.name);
        if (typeof outcome === 'string') expect(outcome).toBe('AbortError');
      }
    }
  });
});
