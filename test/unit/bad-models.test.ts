/** Models that are no models, problems without an answer: named, never looped, never believed. */
import { bellman } from 'belfry';
import { describe, expect, test } from 'vitest';

import { BelfryError } from '../../src/errors.js';

const shape = [3, 2];
type Model = ReturnType<typeof model>;
type Answer = Record<string, unknown>;

/** Three states, two actions; mutable. */
function model() {
  return {
    rowPtr: Int32Array.of(0, 2, 3, 5, 6, 8, 9),
    col: Int32Array.of(0, 1, 2, 1, 2, 0, 2, 0, 1),
    prob: Float64Array.of(0.5, 0.5, 1, 0.3, 0.7, 1, 0.6, 0.4, 1),
    rewards: { data: Float64Array.of(1, 0.1, 2, 0.5, 0.1, 1), shape },
  };
}

const uniform = { data: new Float64Array(6).fill(0.5), shape };
const cost = { data: Float64Array.of(1, 0, 0, 1, 0, 1), shape };
const first = Float64Array.of(1, 0, 0);
const values = Float64Array.of(1, 2, 3);

type Solve = (m: Model, more?: object) => Answer;
const op =
  (name: keyof typeof bellman, fixed: object): Solve =>
  (m, more = {}) =>
    (bellman[name] as unknown as (args: object) => Answer)({ ...fixed, ...m, ...more });

const gamma = 0.9;
/** Sums of discounted rewards, with a flag that says whether they are solved. */
const discounted: Record<string, Solve> = {
  value_iteration: op('valueIteration', { gamma }),
  'policy_iteration, Howard': op('policyIteration', { gamma }),
  'policy_iteration, modified': op('policyIteration', {
    gamma,
    algorithm: 'modified_policy_iteration',
    tolerance: 1e-6,
    numOuter: 3000,
  }),
  'policy_iteration, inexact': op('policyIteration', {
    gamma,
    algorithm: 'inexact_policy_iteration',
  }),
  policy_evaluation_occupancy: op('policyEvaluationOccupancy', {
    gamma,
    policy: uniform,
    mu0: first,
  }),
  known_mdps: op('knownMdps', { gamma }),
};
/** Those that work on the graph of the model, or need rows of mass one. */
const exact: Record<string, Solve> = {
  stochastic_shortest_path: op('stochasticShortestPath', { goal: [2] }),
  'reachability, probability': op('reachability', { goal: [2] }),
  'reachability, least probability': op('reachability', { goal: [2], mode: 'min' }),
  'reachability, within steps': op('reachability', { goal: [2], steps: 3 }),
  'reachability, expected cost': op('reachability', { goal: [2], quantity: 'expected_cost' }),
  average_reward_rvi: op('averageRewardRvi', {}),
  'known_mdps, average': op('knownMdps', { criterion: 'average' }),
};
/** One backup, or so many. */
const backups: Record<string, Solve> = {
  constrained_mdp_lp: op('constrainedMdpLp', { gamma, cost, mu0: first, budget: 0.3 }),
  finite_horizon: op('finiteHorizon', { gamma, horizon: 4 }),
  gauss_seidel_sweep: op('gaussSeidelSweep', { gamma, values }),
  bellman_backup_v_csr: op('bellmanBackupVCsr', { gamma, values }),
  bellman_backup_q_csr: op('bellmanBackupQCsr', { gamma, qValues: uniform }),
  soft_backup: op('softBackup', { gamma, values, tau: 0.5 }),
  prioritized_sweeping: op('prioritizedSweeping', { gamma, values, numBackups: 300 }),
  robust_l1_backup: op('robustL1Backup', { gamma, values, kappa: 0.2 }),
  robust_kl_backup: op('robustKlBackup', { gamma, values, kappa: 0.2 }),
  robust_interval_backup: (m, more) =>
    op('robustIntervalBackup', {
      gamma,
      values,
      probLo: m.prob.map((p) => p / 2),
      probHi: m.prob.map((p) => Math.min(1, 2 * p)),
    })(m, more),
  robust_wasserstein_backup: op('robustWassersteinBackup', {
    gamma,
    values,
    kappa: 0.2,
    metric: { data: Float64Array.of(0, 1, 2, 1, 0, 1, 2, 1, 0), shape: [3, 3] },
  }),
  expectile_backup: op('expectileBackup', { gamma, values, tau: 0.7, behavior: uniform }),
};
const all = { ...discounted, ...exact, ...backups };

function refusal(run: () => unknown): BelfryError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(BelfryError);
    return error as BelfryError;
  }
  throw new Error('it was accepted');
}

/** Numbers of the answer under any of the names values have. */
function valuesOf({ vSoft, ...answer }: Answer): number[] {
  const value = vSoft ?? answer['vStar'] ?? answer['values'] ?? answer['prob'] ?? answer['value'];
  return Array.from((value as { data: Float64Array }).data);
}

describe.each(Object.entries(all))('%s', (_, solve) => {
  test('solves the model it is given', () => {
    expect(() => solve(model())).not.toThrow();
  });

  test('refuses states that are none, and rows that run backwards', () => {
    for (const state of [3, -1]) {
      const m = model();
      m.col[4] = state;
      const { code, message } = refusal(() => solve(m));
      expect(code).toBe('BELFRY_BAD_VALUE');
      expect(message).toContain(`col holds ${state} at index 4, expected indices in [0, 3)`);
    }
    const m = model();
    m.rowPtr[2] = 1;
    expect(refusal(() => solve(m)).message).toMatch(/rowPtr falls at index 2/);
    const short = { ...model(), rowPtr: Int32Array.of(0, 2, 3, 5, 6, 9) };
    expect(refusal(() => solve(short)).code).toBe('BELFRY_BAD_SHAPE');
  });
});

describe.each(Object.entries({ ...discounted, ...backups }))('%s', (_, solve) => {
  test('refuses a discount outside [0, 1]', () => {
    for (const wrong of [1.5, -0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = refusal(() => solve(model(), { gamma: wrong }));
      expect(error.code).toBe('BELFRY_INVALID_ARGUMENT');
      expect(error.message).toMatch(/gamma is .*, expected a number in \[0, 1[\])]/);
    }
  });
});

describe.each(Object.entries(exact))('%s', (_, solve) => {
  test.each([
    [
      'above one',
      (m: Model) => {
        m.prob[0] = 1.2;
      },
      /prob row 0 has mass 1\.7/,
    ],
    [
      'of nothing',
      (m: Model) => {
        m.prob[4] = Number.NaN;
      },
      /prob row 2 has mass nan/,
    ],
    [
      'without end',
      (m: Model) => {
        m.prob[0] = Number.POSITIVE_INFINITY;
      },
      /prob row 0 has mass inf/,
    ],
    ['that is owed', (m: Model) => m.prob.set([-0.5, 1.5]), /prob row 0 holds -0\.5/],
  ] as const)('refuses a row with mass %s', (_what, change, message) => {
    const m = model();
    change(m);
    const error = refusal(() => solve(m));
    expect(error.code).toBe('BELFRY_BAD_VALUE');
    expect(error.message).toMatch(message);
    const single = refusal(() =>
      solve({
        ...m,
        prob: Float32Array.from(m.prob) as never,
        rewards: { ...m.rewards, data: Float32Array.from(m.rewards.data) as never },
      }),
    );
    expect(single.code).toBe('BELFRY_BAD_VALUE');
  });

  test('lets a row be anything where it is masked', () => {
    const m = model();
    m.prob[2] = 7;
    const mask = { data: Uint8Array.of(1, 0, 1, 1, 1, 1), shape };
    expect(() => solve(m, { actionMask: mask })).not.toThrow();
  });
});

const sweeps = ['inPlaceValueIteration', 'topologicalValueIteration', 'andersonValueIteration'];
const refusing: Record<string, Solve> = {
  ...Object.fromEntries(sweeps.map((name) => [name, op(name as keyof typeof bellman, { gamma })])),
  action_elimination: op('actionElimination', { gamma }),
  value_iteration_dense: ({ prob, rewards, rowPtr, col }, more) => {
    const rows = new Float64Array(6 * 3);
    for (let row = 0; row < 6; row++) {
      const end = rowPtr[row + 1] as number;
      for (let e = rowPtr[row] as number; e < end; e++) {
        rows[3 * row + (col[e] as number)] = prob[e] as number;
      }
    }
    const masked = (more as { actionMask?: { data: Uint8Array } } | undefined)?.actionMask?.data;
    return bellman.valueIterationDense({
      prob: { data: rows, shape: [1, 3, 2, 3] },
      rewards: { ...rewards, shape: [1, 3, 2] },
      gamma,
      ...(masked && { actionMask: { data: masked, shape: [1, 3, 2] } }),
    }) as never;
  },
  ...Object.fromEntries(
    Object.entries(all).filter(([name]) =>
      /^(value_iteration|policy_iteration|known_mdps|prioritized|constrained|average)/.test(name),
    ),
  ),
};

describe.each(Object.entries(refusing))('%s', (_, solve) => {
  // Bounds hold for operators that are monotone.
  test('refuses a negative probability, but not behind a mask', () => {
    const m = model();
    m.prob.set([-0.25, 1.25], 3);
    const error = refusal(() => solve(m));
    expect(error.code).toBe('BELFRY_BAD_VALUE');
    expect(error.message).toMatch(/prob row 2 holds -0\.25, expected probabilities/);
    const mask = { data: Uint8Array.of(1, 1, 0, 1, 1, 1), shape };
    expect(() => solve(m, { actionMask: mask })).not.toThrow();
  });
});

describe.each(Object.entries(discounted))('%s', (name, solve) => {
  test.each([
    [
      'a row with mass above one over the discount',
      (m: Model) => {
        m.prob[0] = 1.2;
      },
    ],
    [
      'a probability that is none',
      (m: Model) => {
        m.prob[0] = Number.NaN;
      },
    ],
    [
      'a reward that is none',
      (m: Model) => {
        m.rewards.data[0] = Number.NaN;
      },
    ],
    [
      'a reward without end',
      (m: Model) => {
        m.rewards.data[0] = Number.POSITIVE_INFINITY;
      },
    ],
  ] as const)('does not call %s solved', (_what, change) => {
    const m = model();
    change(m);
    expect(solve(m)['converged']).toBe(0);
  });

  test('gives NaN where a NaN is met', () => {
    for (const array of ['prob', 'rewards'] as const) {
      const m = model();
      (array === 'prob' ? m.prob : m.rewards.data)[0] = Number.NaN;
      expect(valuesOf(solve(m))[0]).toBeNaN();
    }
  });

  test('does not call an endless sum solved', () => {
    const started = performance.now();
    for (const sign of [1, -1]) {
      const m = model();
      m.rewards.data.forEach((r, row) => {
        m.rewards.data[row] = sign * r;
      });
      expect(solve(m, { gamma: 1 })['converged']).toBe(0);
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('solves a sum that ends without a discount', () => {
    const m = model();
    m.prob.forEach((p, e) => {
      m.prob[e] = 0.8 * p;
    });
    // Mass 0.8 in every row is a discount of 0.8.
    const answer = solve(m, { gamma: 1 });
    const wanted = valuesOf(solve(model(), { gamma: 0.8 }));
    // Modified policy iteration has no bound without a discount, and says so.
    expect(answer['converged']).toBe(/modified/.test(name) ? 0 : 1);
    valuesOf(answer).forEach((v, s) => {
      expect(v).toBeCloseTo(wanted[s]!, 5);
    });
  });
});

describe('states without actions', () => {
  const none = { data: Uint8Array.of(0, 0, 1, 1, 1, 1), shape };
  const masked = Object.entries({ ...discounted, ...backups }).filter(
    ([name]) => !/evaluation|constrained|q_csr/.test(name),
  );

  test.each(masked)('%s: value 0, policy −1', (_, solve) => {
    const answer = solve(model(), { actionMask: none });
    expect(valuesOf(answer)[0]).toBeCloseTo(0, 8);
    const policy = answer['policy'] ?? answer['policyStar'] ?? answer['policySoft'];
    const chosen = (policy as { data: Int32Array } | undefined)?.data;
    // The policy of a soft backup is a distribution: all of it is 0.
    if (chosen instanceof Int32Array) expect(chosen[0]).toBe(-1);
    else if (chosen) expect(Array.from(chosen).slice(0, 2)).toEqual([0, 0]);
  });

  test('bellman_backup_q_csr: masked entries stay, and nothing becomes NaN', () => {
    const { qValues } = backups['bellman_backup_q_csr']!(model(), { actionMask: none }) as {
      qValues: { data: Float64Array };
    };
    expect(Array.from(qValues.data.slice(0, 2))).toEqual([-Infinity, -Infinity]);
    expect(qValues.data.some(Number.isNaN)).toBe(false);
  });

  test('an average needs an action everywhere', () => {
    for (const name of ['average_reward_rvi', 'known_mdps, average']) {
      const error = refusal(() => exact[name]!(model(), { actionMask: none }));
      expect(error.message).toMatch(/actionMask state 0 has no allowed action/);
    }
  });

  test('they reach no goal, unless they are one', () => {
    const reach = exact['reachability, probability']!(model(), { actionMask: none });
    expect(valuesOf(reach)).toEqual([0, expect.closeTo(1, 9), 1]);
    const path = exact['stochastic_shortest_path']!(model(), { actionMask: none });
    expect(valuesOf(path)[0]).toBe(Number.POSITIVE_INFINITY);
    const there = exact['stochastic_shortest_path']!(model(), { actionMask: none, goal: [0] });
    expect(valuesOf(there)[0]).toBe(0);
  });

  test('constrained_mdp_lp: an episode that starts there is over', () => {
    const answer = backups['constrained_mdp_lp']!(model(), { actionMask: none });
    expect([answer['objective'], answer['feasible'], answer['converged']]).toEqual([0, 1, 1]);
  });
});

describe('goals out of reach', () => {
  /** State 0 may step to the goal 2 or fall into the trap 1. */
  const trapped = () => ({
    rowPtr: Int32Array.of(0, 2, 3, 4, 5, 6, 7),
    col: Int32Array.of(1, 2, 1, 1, 1, 2, 2),
    prob: Float64Array.of(0.5, 0.5, 1, 1, 1, 1, 1),
    rewards: { data: new Float64Array(6).fill(1), shape },
    goal: [2],
  });
  const infinite = Number.POSITIVE_INFINITY;

  test('cost Infinity, policy −1, probability as it is', () => {
    const path = bellman.stochasticShortestPath(trapped());
    expect(Array.from(path.values.data)).toEqual([infinite, infinite, 0]);
    expect([Array.from(path.policy.data), path.converged]).toEqual([[-1, -1, -1], 1]);
    const most = bellman.reachability(trapped());
    expect(Array.from(most.prob.data)).toEqual([0.5, 0, 1]);
    expect(Array.from(most.zeroStates.data)).toEqual([0, 1, 0]);
    const least = bellman.reachability({ ...trapped(), mode: 'min' });
    expect(Array.from(least.prob.data)).toEqual([0, 0, 1]);
    for (const mode of ['min', 'max'] as const) {
      const { value } = bellman.reachability({ ...trapped(), mode, quantity: 'expected_cost' });
      expect(Array.from(value.data)).toEqual([infinite, infinite, 0]);
    }
  });

  test('no goal at all', () => {
    const nowhere = { ...trapped(), goal: [] };
    expect(Array.from(bellman.reachability(nowhere).prob.data)).toEqual([0, 0, 0]);
    const { values: costs } = bellman.stochasticShortestPath(nowhere);
    expect(Array.from(costs.data)).toEqual([infinite, infinite, infinite]);
  });

  test('a goal that is no state', () => {
    for (const goal of [3, -1]) {
      const message = `goal holds ${goal}, expected indices in [0, 3)`;
      expect(refusal(() => bellman.reachability({ ...trapped(), goal: [goal] })).message).toContain(
        message,
      );
      expect(
        refusal(() => bellman.stochasticShortestPath({ ...trapped(), goal: [goal] })).message,
      ).toContain(message);
    }
  });

  test('costs that are none', () => {
    for (const wrong of [-1, Number.NaN, infinite]) {
      const m = trapped();
      m.rewards.data[0] = wrong;
      expect(refusal(() => bellman.stochasticShortestPath(m)).message).toMatch(
        /rewards row 0 costs/,
      );
      m.rewards.data.fill(1)[4] = wrong;
      // Nobody acts at a goal.
      expect(bellman.stochasticShortestPath(m).values.data[2]).toBe(0);
    }
  });
});

test('mass above the discount is no harm where it ends', () => {
  const column = (...numbers: number[]) => ({ data: Float64Array.from(numbers), shape: [2, 1] });
  const answer = bellman.policyEvaluationOccupancy({
    rowPtr: Int32Array.of(0, 1, 1),
    col: Int32Array.of(1),
    prob: Float64Array.of(2),
    rewards: column(1, 1),
    policy: column(1, 1),
    mu0: Float64Array.of(1, 0),
    gamma: 0.9,
  });
  expect([answer.converged, ...answer.values.data]).toEqual([1, 2.8, 1]);
});

describe('a chain that takes 2²⁰⁰ steps', () => {
  test.each([0.7, 0.1])('ends on the left with probability %f', (p) => {
    const { prob, lower, upper } = bellman.reachability({ builtin: `haddad_monmege(200,${p})` });
    expect(prob.data[200]).toBeCloseTo(p, 13);
    expect(upper.data[200]! - lower.data[200]!).toBeLessThan(1e-6);
    expect(lower.data[200]!).toBeLessThanOrEqual(p);
    expect(upper.data[200]!).toBeGreaterThanOrEqual(p);
  });
});

describe('Mdp refuses a table that is no model, and names the row', () => {
  const tables = () => {
    const { rewards, ...rest } = model();
    return { numStates: 3, numActions: 2, ...rest, rewards: rewards.data };
  };
  test.each([
    [
      'mass above one',
      (t: ReturnType<typeof tables>) => {
        t.prob[2] = 1.1;
      },
      /prob has mass 1.1 in row 1 \(state 0, action 1\)/,
    ],
    [
      'a negative probability',
      (t: ReturnType<typeof tables>) => {
        t.prob[0] = -0.5;
      },
      /prob holds -0.5 in row 0/,
    ],
    [
      'NaN',
      (t: ReturnType<typeof tables>) => {
        t.prob[8] = Number.NaN;
      },
      /prob holds NaN in row 5 \(state 2, action 1\)/,
    ],
    [
      'a reward that is none',
      (t: ReturnType<typeof tables>) => {
        t.rewards[3] = Number.NaN;
      },
      /rewards holds NaN for row 3/,
    ],
    [
      'a state that is none',
      (t: ReturnType<typeof tables>) => {
        t.col[5] = 3;
      },
      /col holds 3 in row 3 \(state 1, action 1\)/,
    ],
  ] as const)('%s', (_, change, message) => {
    const broken = tables();
    change(broken);
    expect(refusal(() => new bellman.Mdp(broken)).message).toMatch(message);
  });

  test('and its solvers a discount that is none', () => {
    const mdp = new bellman.Mdp(tables());
    for (const discount of [-0.1, 1.1, Number.NaN]) {
      expect(() => new bellman.ValueIteration(mdp, { discount }).solveSync()).toThrow(
        /discount|gamma/,
      );
      expect(() => new bellman.PolicyIteration(mdp, { discount }).solveSync()).toThrow(
        /discount|gamma/,
      );
    }
  });
});
