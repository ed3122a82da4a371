/** Solvers against the linear programmes that define their answers, solved by HiGHS. */
import {
  constrainedMdpLp,
  matrixGame,
  robustIntervalBackup,
  robustL1Backup,
  robustWassersteinBackup,
  shapleyValueIteration,
  valueIteration,
} from 'belfry/bellman';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  type LinearColumn,
  type LinearProgram,
  type LinearRow,
  solveProgram,
} from '../../src/bellman/linear-program.js';
import { randomSource } from '../../src/tools/random-arguments.js';

const free = { low: -Infinity, high: Infinity };

function sparse(entries: Map<number, number>, low: number, high: number): LinearRow {
  return { low, high, indices: [...entries.keys()], values: [...entries.values()] };
}

async function optimum(maximise: boolean, columns: LinearColumn[], rows: LinearRow[]) {
  const program: LinearProgram = { maximise, columns, rows };
  const { status, objective, values } = await solveProgram('test', program);
  expect(status).toBe('optimal');
  return { objective, values };
}

const sizes = {
  numStates: fc.integer({ min: 1, max: 8 }),
  numActions: fc.integer({ min: 1, max: 4 }),
};

/** Random rows: some lack mass, some repeat a successor, some actions are forbidden. */
const models = fc
  .record({ ...sizes, seed: fc.integer({ min: 1, max: 2 ** 30 }), forbid: fc.boolean() })
  .map(({ numStates, numActions, seed, forbid }) => {
    const random = randomSource(seed);
    const rowPtr = [0];
    const col: number[] = [];
    const prob: number[] = [];
    for (let row = 0; row < numStates * numActions; row++) {
      const count = Math.floor(random() * 4);
      const weights = Array.from({ length: count }, () => random() + 0.05);
      const mass = weights.reduce((sum, w) => sum + w, 0) + (random() < 0.3 ? random() : 0);
      for (const weight of weights) {
        col.push(Math.floor(random() * numStates));
        prob.push(weight / mass);
      }
      rowPtr.push(col.length);
    }
    const rows = numStates * numActions;
    const shape = [numStates, numActions];
    // The last action is always allowed, or none of its state is.
    const mask = Uint8Array.from({ length: rows }, () => (forbid && random() < 0.4 ? 0 : 1));
    const numbers = (): Float64Array => Float64Array.from({ length: rows }, () => 4 * random() - 2);
    return {
      numStates,
      numActions,
      random,
      operands: {
        rowPtr: Int32Array.from(rowPtr),
        col: Int32Array.from(col),
        prob: Float64Array.from(prob),
        rewards: { data: numbers(), shape },
        actionMask: { data: mask, shape },
      },
      cost: { data: numbers().map(Math.abs), shape },
      allowed: [...mask.keys()].filter((row) => mask[row] === 1),
    };
  });

type Model = typeof models extends fc.Arbitrary<infer M> ? M : never;

/** γ times the probability of each successor of a row. */
function discounted({ operands }: Model, row: number, gamma: number): Map<number, number> {
  const entries = new Map<number, number>();
  for (let e = operands.rowPtr[row]!; e < operands.rowPtr[row + 1]!; e++) {
    const next = operands.col[e]!;
    entries.set(next, (entries.get(next) ?? 0) + gamma * operands.prob[e]!);
  }
  return entries;
}

const gammas = fc.constantFrom(0, 0.5, 0.9, 0.99);

describe('discounted MDPs', () => {
  test('value_iteration: least V with V ≥ r + γ P V', async () => {
    await fc.assert(
      fc.asyncProperty(models, gammas, async (model, gamma) => {
        const acts = new Set(model.allowed.map((row) => Math.floor(row / model.numActions)));
        const columns = Array.from({ length: model.numStates }, (_, s) =>
          acts.has(s) ? { cost: 1, ...free } : { cost: 1, low: 0, high: 0 },
        );
        const rows = model.allowed.map((row) => {
          const entries = discounted(model, row, gamma);
          for (const [next, p] of entries) entries.set(next, -p);
          const state = Math.floor(row / model.numActions);
          entries.set(state, 1 + (entries.get(state) ?? 0));
          return sparse(entries, model.operands.rewards.data[row]!, Infinity);
        });
        const { values } = await optimum(false, columns, rows);
        const { vStar } = valueIteration({ ...model.operands, gamma, tolerance: 1e-11 });
        vStar.data.forEach((v, s) => {
          expect(Math.abs(v - values[s]!)).toBeLessThan(1e-6);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('constrained_mdp_lp: the best occupancy within the budget', async () => {
    await fc.assert(
      fc.asyncProperty(
        models,
        fc.constantFrom(0.5, 0.9),
        fc.double({ min: 0.05, max: 1.5, noNaN: true }),
        async (model, gamma, budget) => {
          const acts = new Set(model.allowed.map((row) => Math.floor(row / model.numActions)));
          const start = Float64Array.from({ length: model.numStates }, () => model.random() + 0.01);
          const total = start.reduce((sum, x) => sum + x, 0);
          const mu0 = start.map((x) => x / total);
          const columns = model.allowed.map((row) => ({
            cost: model.operands.rewards.data[row]!,
            low: 0,
            high: Infinity,
          }));
          // Flow into and out of every state where something can be done.
          const flow = new Map([...acts].map((s) => [s, new Map<number, number>()]));
          model.allowed.forEach((row, j) => {
            const add = (s: number, x: number): void => {
              const entries = flow.get(s);
              entries?.set(j, (entries.get(j) ?? 0) + x);
            };
            add(Math.floor(row / model.numActions), 1);
            for (const [next, p] of discounted(model, row, gamma)) add(next, -p);
          });
          const rows = [...flow].map(([s, entries]) => {
            const source = (1 - gamma) * mu0[s]!;
            return sparse(entries, source, source);
          });
          const spent = new Map(model.allowed.map((row, j) => [j, model.cost.data[row]!]));
          rows.push(sparse(spent, -Infinity, budget));
          const answer = constrainedMdpLp({
            ...model.operands,
            cost: model.cost,
            mu0,
            gamma,
            budget,
          });
          const programme = await solveProgram('test', { maximise: true, columns, rows });
          expect(answer.feasible === 1).toBe(programme.status === 'optimal');
          if (answer.feasible !== 1) return;
          expect(answer.converged).toBe(1);
          expect(Math.abs(answer.objective - programme.objective)).toBeLessThan(1e-6);
          expect(answer.cost).toBeLessThan(budget + 1e-7);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Largest v with v ≤ xᵀM for every column, over distributions x. */
async function gameValue(payoff: (i: number, j: number) => number, a: number, b: number) {
  const strategy = Array.from({ length: a }, () => ({ cost: 0, low: 0, high: Infinity }));
  const rows = Array.from({ length: b }, (_, j) => {
    const entries = new Map(strategy.map((_, i) => [i, payoff(i, j)]));
    return sparse(entries.set(a, -1), 0, Infinity);
  });
  rows.push(sparse(new Map(strategy.map((_, i) => [i, 1])), 1, 1));
  return (await optimum(true, [...strategy, { cost: 1, ...free }], rows)).objective;
}

describe('games', () => {
  const games = fc
    .record({ a: fc.integer({ min: 1, max: 12 }), b: fc.integer({ min: 1, max: 12 }) })
    .chain(({ a, b }) =>
      fc.record({
        a: fc.constant(a),
        b: fc.constant(b),
        // Whole numbers make ties and saddle points.
        m: fc.array(
          fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -10, max: 10, noNaN: true })),
          {
            minLength: a * b,
            maxLength: a * b,
          },
        ),
      }),
    );

  test('matrix_game: the value of the row player’s programme', async () => {
    await fc.assert(
      fc.asyncProperty(games, async ({ a, b, m }) => {
        const payoff = { data: Float64Array.from(m), shape: [a, b] };
        const value = await gameValue((i, j) => m[i * b + j]!, a, b);
        expect(Math.abs(matrixGame({ payoff }).value - value)).toBeLessThan(1e-7);
      }),
      { numRuns: 100 },
    );
  });

  test('shapley_value_iteration: every stage game at its fixed point', async () => {
    const [n, a, b, gamma] = [3, 3, 4, 0.8];
    for (let seed = 1; seed <= 5; seed++) {
      const random = randomSource(seed);
      const rewards = Float64Array.from({ length: n * a * b }, () => 2 * random() - 1);
      const prob = Float64Array.from({ length: n * a * b * n }, () => random() + 0.01);
      for (let row = 0; row < n * a * b; row++) {
        const mass = prob.subarray(row * n, row * n + n).reduce((sum, p) => sum + p, 0);
        for (let s = 0; s < n; s++) prob[row * n + s]! /= mass;
      }
      const { vStar } = shapleyValueIteration({
        prob: { data: prob, shape: [n, a, b, n] },
        rewards: { data: rewards, shape: [n, a, b] },
        gamma,
      });
      for (let s = 0; s < n; s++) {
        const value = await gameValue(
          (i, j) => {
            const row = (s * a + i) * b + j;
            const next = vStar.data.reduce((sum, v, t) => sum + prob[row * n + t]! * v, 0);
            return rewards[row]! + gamma * next;
          },
          a,
          b,
        );
        expect(Math.abs(value - vStar.data[s]!)).toBeLessThan(1e-7);
      }
    }
  });
});

describe('robust backups: nature’s programme', () => {
  /** One state per successor, one action, one row: Q of the only row that has entries. */
  const rows = fc
    .record({ seed: fc.integer({ min: 1, max: 2 ** 30 }), n: fc.integer({ min: 2, max: 8 }) })
    .map(({ seed, n }) => {
      const random = randomSource(seed);
      const weights = Float64Array.from({ length: n }, () => random() + 0.02);
      const total = weights.reduce((sum, w) => sum + w, 0);
      const prob = weights.map((w) => w / total);
      const values = Float64Array.from({ length: n }, () => Math.round(8 * random()) / 2);
      const operands = {
        rowPtr: Int32Array.of(0, ...new Int32Array(n).fill(n)),
        col: Int32Array.from({ length: n }, (_, s) => s),
        prob,
        rewards: { data: new Float64Array(n), shape: [n, 1] },
        values,
        gamma: 0.9,
      };
      return { n, prob, values, operands, random };
    });
  const natures = fc.constantFrom('min' as const, 'max' as const);
  const radii = fc.double({ min: 0, max: 2.5, noNaN: true });
  const whole = (n: number): LinearRow =>
    sparse(new Map(Array.from({ length: n }, (_, s) => [s, 1])), 1, 1);

  test('robust_l1_backup', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        natures,
        radii,
        async ({ n, prob, values, operands }, nature, kappa) => {
          // p = p̂ + up − down, Σ up + Σ down ≤ κ.
          const columns: LinearColumn[] = Array.from(values, (v) => ({ cost: v, low: 0, high: 1 }));
          for (let i = 0; i < 2 * n; i++) columns.push({ cost: 0, low: 0, high: Infinity });
          const constraints = [whole(n)];
          for (let s = 0; s < n; s++) {
            constraints.push(
              sparse(
                new Map([
                  [s, 1],
                  [n + s, -1],
                  [2 * n + s, 1],
                ]),
                prob[s]!,
                prob[s]!,
              ),
            );
          }
          constraints.push(
            sparse(new Map(Array.from({ length: 2 * n }, (_, i) => [n + i, 1])), 0, kappa),
          );
          const { objective } = await optimum(nature === 'max', columns, constraints);
          const { values: worst } = robustL1Backup({ ...operands, kappa, nature });
          expect(Math.abs(worst.data[0]! - 0.9 * objective)).toBeLessThan(1e-8);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('robust_interval_backup', async () => {
    await fc.assert(
      fc.asyncProperty(rows, natures, async ({ n, prob, values, operands, random }, nature) => {
        const probLo = prob.map((p) => p * random());
        const probHi = prob.map((p) => p + random() * (1 - p));
        const columns = Array.from(values, (v, s) => ({
          cost: v,
          low: probLo[s]!,
          high: probHi[s]!,
        }));
        const { objective } = await optimum(nature === 'max', columns, [whole(n)]);
        const { values: worst } = robustIntervalBackup({ ...operands, probLo, probHi, nature });
        expect(Math.abs(worst.data[0]! - 0.9 * objective)).toBeLessThan(1e-8);
      }),
      { numRuns: 60 },
    );
  });

  test('robust_wasserstein_backup', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        natures,
        radii,
        async ({ n, prob, values, operands, random }, nature, kappa) => {
          const places = Array.from({ length: n }, () => Math.round(6 * random()) / 2);
          const distance = (s: number, t: number): number => Math.abs(places[s]! - places[t]!);
          const metric = Float64Array.from({ length: n * n }, (_, i) =>
            distance(Math.floor(i / n), i % n),
          );
          // The plan moves p̂(s) to wherever it likes, for at most κ in all.
          const columns = Array.from({ length: n * n }, (_, i) => ({
            cost: values[i % n]!,
            low: 0,
            high: Infinity,
          }));
          const constraints = Array.from(prob, (p, s) =>
            sparse(new Map(Array.from({ length: n }, (_, t) => [s * n + t, 1])), p, p),
          );
          constraints.push(sparse(new Map([...metric.entries()]), -Infinity, kappa));
          const { objective } = await optimum(nature === 'max', columns, constraints);
          const { values: worst } = robustWassersteinBackup({
            ...operands,
            metric: { data: metric, shape: [n, n] },
            kappa,
            nature,
          });
          expect(Math.abs(worst.data[0]! - 0.9 * objective)).toBeLessThan(1e-8);
        },
      ),
      { numRuns: 60 },
    );
  });
});
