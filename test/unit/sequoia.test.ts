/** Sequoia: the best subset of actions is the best, whoever looks for it. */
import {
  type ActionConstraint,
  type ReluLayer,
  Sequoia,
  type SequoiaOptions,
} from 'belfry/bellman';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { BelfryError } from '../../src/errors.js';
import { randomSource } from '../../src/tools/random-arguments.js';

type Random = () => number;
const centred = (random: Random) => (): number => 2 * random() - 1;

/** A random network with these widths: inputs, hidden layers, 1. */
function network(random: Random, widths: readonly number[]): ReluLayer[] {
  const next = centred(random);
  return widths.slice(1).map((outputs, l) => {
    const inputs = widths[l]!;
    return {
      weights: {
        data: Float64Array.from({ length: outputs * inputs }, next),
        shape: [outputs, inputs],
      },
      bias: Float64Array.from({ length: outputs }, next),
    };
  });
}

function forward(layers: readonly ReluLayer[], inputs: readonly number[]): number {
  let x = [...inputs];
  layers.forEach(({ weights, bias }, l) => {
    x = Array.from(bias, (b, h) => {
      const y = x.reduce((sum, xi, i) => sum + xi * weights.data[h * x.length + i]!, b);
      return l < layers.length - 1 ? Math.max(0, y) : y;
    });
  });
  return x[0]!;
}

function holds(constraint: ActionConstraint, actions: readonly number[]): boolean {
  const dot = (w: ArrayLike<number>): number => actions.reduce((sum, a, i) => sum + a * w[i]!, 0);
  if (constraint.kind === 'cardinality') return dot(actions) <= constraint.atMost;
  if (constraint.kind === 'knapsack') return dot(constraint.costs) <= constraint.budget;
  const { coefficients, low = -Infinity, high = Infinity } = constraint;
  return dot(coefficients) >= low - 1e-9 && dot(coefficients) <= high + 1e-9;
}

/** Every subset tried. */
function best(
  layers: readonly ReluLayer[],
  { numActions, constraints = [] }: SequoiaOptions,
  state: readonly number[],
): number {
  let most = -Infinity;
  for (let set = 0; set < 2 ** numActions; set++) {
    const actions = Array.from({ length: numActions }, (_, a) => (set >> a) & 1);
    if (!constraints.every((one) => holds(one, actions))) continue;
    most = Math.max(most, forward(layers, [...actions, ...state]));
  }
  return most;
}

const seeds = fc.integer({ min: 1, max: 2 ** 30 });
const sizes = { seed: seeds, numActions: fc.integer({ min: 0, max: 8 }) };

/** One of each kind, in quarters so that sums meet their bounds exactly. */
function constraintOf(kind: number, random: Random, numActions: number): ActionConstraint {
  const quarters = (): number => Math.round(8 * random()) / 4;
  const numbers = Array.from({ length: numActions }, quarters);
  if (kind === 0) return { kind: 'cardinality', atMost: Math.floor(random() * (numActions + 1)) };
  if (kind === 1) return { kind: 'knapsack', costs: numbers, budget: quarters() * 2 };
  const coefficients = numbers.map((x) => x - 1);
  return { kind: 'linear', coefficients, low: -quarters(), high: quarters() };
}

describe('the best actions', () => {
  test('by mixed-integer programme, any depth and any constraints', async () => {
    const depth = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 3 });
    const kinds = fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.record({ ...sizes, depth, kinds }), async (drawn) => {
        const random = randomSource(drawn.seed);
        const { numActions } = drawn;
        const state = [random(), random() - 1];
        const layers = network(random, [numActions + 2, ...drawn.depth, 1]);
        const constraints = drawn.kinds.map((kind) => constraintOf(kind, random, numActions));
        const options = { numActions, constraints, method: 'milp' as const };
        const answer = await new Sequoia(layers, options).best(state);
        const wanted = best(layers, options, state);
        expect(answer).toMatchObject({ proved: true, method: 'milp' });
        if (wanted === -Infinity) {
          expect(answer.qValue).toBe(-Infinity);
          return;
        }
        expect(Math.abs(answer.qValue - wanted)).toBeLessThan(1e-8);
        const actions = [...answer.actions];
        expect(actions.every((a) => a === 0 || a === 1)).toBe(true);
        expect(constraints.every((one) => holds(one, actions))).toBe(true);
        expect(forward(layers, [...actions, ...state])).toBeCloseTo(answer.qValue, 12);
      }),
      { numRuns: 80 },
    );
  });

  test('by search, one hidden layer', async () => {
    const kinds = fc.constantFrom([], [0], [1]);
    await fc.assert(
      fc.asyncProperty(fc.record({ ...sizes, kinds }), async ({ seed, numActions, kinds }) => {
        const random = randomSource(seed);
        const state = [random()];
        const layers = network(random, [numActions + 1, 6, 1]);
        const constraints = kinds.map((kind) => constraintOf(kind, random, numActions));
        const options = { numActions, constraints };
        const answer = await new Sequoia(layers, options).best(state);
        expect(answer).toMatchObject({ proved: true, method: 'search' });
        const wanted = best(layers, options, state);
        expect(answer.qValue === wanted || Math.abs(answer.qValue - wanted) < 1e-12).toBe(true);
        expect(constraints.every((one) => holds(one, [...answer.actions]))).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  test('of forty, both ways', async () => {
    const random = randomSource(7);
    const layers = network(random, [42, 12, 1]);
    const single = layers.map(({ weights, bias }) => ({
      weights: { data: Float32Array.from(weights.data), shape: weights.shape },
      bias: Float32Array.from(bias),
    }));
    const constraints: ActionConstraint[] = [{ kind: 'cardinality', atMost: 4 }];
    const state = [0.3, -0.2];
    const options = { numActions: 40, constraints };
    const automatic = await new Sequoia(single, options).best(state);
    const searched = await new Sequoia(single, { ...options, method: 'search' }).best(state);
    expect([automatic.method, searched.method]).toEqual(['milp', 'search']);
    expect([automatic.proved, searched.proved]).toEqual([true, true]);
    expect(automatic.qValue).toBeCloseTo(searched.qValue, 9);
    expect(automatic.actions.reduce((sum, a) => sum + a, 0)).toBeLessThanOrEqual(4);
  });

  test('a network that only adds takes the profitable actions', async () => {
    const layers: ReluLayer[] = [
      {
        weights: { data: Float64Array.of(2, -1, 3, 0.5), shape: [1, 4] },
        bias: Float64Array.of(1),
      },
    ];
    const { actions, qValue } = await new Sequoia(layers, { numActions: 3 }).best([4]);
    expect([[...actions], qValue]).toEqual([[1, 0, 1], 8]);
  });

  test('each worker to at most one job', async () => {
    // Rows: jobs taken by each of two workers; each job by one of them. Actions (worker, job).
    const worth = [5, 4, 3, 6, 1, 2];
    const layers: ReluLayer[] = [
      { weights: { data: Float64Array.from(worth), shape: [1, 6] }, bias: new Float64Array(1) },
    ];
    const among = (...members: number[]): ActionConstraint => ({
      kind: 'linear',
      coefficients: worth.map((_, a) => Number(members.includes(a))),
      high: 1,
    });
    const constraints = [among(0, 1, 2), among(3, 4, 5), among(0, 3), among(1, 4), among(2, 5)];
    const { actions, qValue } = await new Sequoia(layers, { numActions: 6, constraints }).best([]);
    expect([[...actions], qValue]).toEqual([[0, 1, 0, 1, 0, 0], 10]);
  });

  test('nothing is feasible', async () => {
    const layers = network(randomSource(3), [4, 3, 1]);
    for (const method of ['search', 'milp'] as const) {
      const constraints: ActionConstraint[] = [{ kind: 'cardinality', atMost: -1 }];
      const answer = await new Sequoia(layers, { numActions: 4, constraints, method }).best([]);
      expect([[...answer.actions], answer.qValue]).toEqual([[0, 0, 0, 0], -Infinity]);
      expect(answer.proved).toBe(true);
    }
  });
});

test('targets are rewards plus the discounted best', async () => {
  const random = randomSource(5);
  const layers = network(random, [6, 4, 4, 1]);
  const options = { numActions: 5, constraints: [{ kind: 'cardinality' as const, atMost: 2 }] };
  const nextStates = [[0.5], [-0.5], [2]];
  const targets = await new Sequoia(layers, options).targets({
    rewards: [1, 2, 3],
    nextStates,
    terminated: [0, 1, 0],
    discount: 0.9,
  });
  const wanted = nextStates.map((state, b) => {
    return b + 1 + (b === 1 ? 0 : 0.9 * best(layers, options, state));
  });
  wanted.forEach((y, b) => {
    expect(targets[b]).toBeCloseTo(y, 9);
  });
});

describe('a programme', () => {
  const layers = network(randomSource(11), [60, 60, 60, 1]);
  const options = { numActions: 60, method: 'milp' as const };

  test('is stopped by its signal', async () => {
    const controller = new AbortController();
    const solving = new Sequoia(layers, options).best([], { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(solving).rejects.toThrow('enough');
    await expect(
      new Sequoia(layers, options).best([], { signal: controller.signal }),
    ).rejects.toThrow('enough');
  });

  test('gives the best found when its time is over', async () => {
    const answer = await new Sequoia(layers, { ...options, timeLimit: 1 }).best([]);
    expect(answer.proved).toBe(false);
    expect(answer.qValue).toBeCloseTo(forward(layers, [...answer.actions]), 9);
  });

  test('leaves the process free to end, and this thread free to work', async () => {
    const small = network(randomSource(12), [30, 10, 1]);
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 1);
    await new Sequoia(small, { numActions: 30, method: 'milp' }).best([]);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('what is wrong is named', () => {
  const layers = network(randomSource(1), [5, 3, 1]);
  const refused = (options: object, message: RegExp, network = layers): void => {
    expect(() => new Sequoia(network, { numActions: 3, ...options })).toThrow(BelfryError);
    expect(() => new Sequoia(network, { numActions: 3, ...options })).toThrow(message);
  };

  test('networks and options', () => {
    refused({}, /layers is empty/, []);
    refused({ numActions: 6 }, /layers\[0\]\.weights has shape \[3, 5\].*6 actions/);
    refused({ numActions: 1.5 }, /numActions is 1.5/);
    refused({}, /layers\[1\]\.weights/, [layers[0]!, layers[0]!]);
    refused({}, /layers\[0\]\.weights has shape \[3, 5\], expected \[1, /, [layers[0]!]);
    refused({}, /layers\[0\]\.bias has 2/, [
      { ...layers[0]!, bias: new Float64Array(2) },
      layers[1]!,
    ]);
    const broken = layers[0]!.weights.data.slice().fill(Number.NaN);
    refused({}, /layers\[0\]\.weights holds NaN at 0/, [
      { ...layers[0]!, weights: { data: broken, shape: [3, 5] } },
      layers[1]!,
    ]);
    refused({ budget: 3 }, /budget is not an option/);
  });

  test('constraints', () => {
    const one = (constraint: object) => ({ constraints: [constraint] });
    refused(one({ kind: 'cardinality', atMost: Number.NaN }), /atMost is NaN/);
    refused(
      one({ kind: 'knapsack', costs: [1, 2], budget: 3 }),
      /costs has 2 elements, expected 3/,
    );
    refused(one({ kind: 'knapsack', costs: [1, -2, 0], budget: 3 }), /costs holds -2/);
    refused(
      one({ kind: 'linear', coefficients: [1, 2, Infinity] }),
      /coefficients holds Infinity at 2/,
    );
    refused(one({ kind: 'linear', coefficients: [1, 2, 3], low: Number.NaN }), /low is NaN/);
    refused(
      { ...one({ kind: 'linear', coefficients: [1, 2, 3], high: 1 }), method: 'search' },
      /method is 'search', expected one hidden layer/,
    );
  });

  test('states and batches', async () => {
    const sequoia = new Sequoia(layers, { numActions: 3 });
    await expect(sequoia.best([1])).rejects.toThrow(/state has 1 elements, expected 2/);
    await expect(sequoia.best([1, Number.NaN])).rejects.toThrow(/state holds NaN at 1/);
    const batch = { rewards: [1, 2], nextStates: [[1, 2]], discount: 0.9 };
    await expect(sequoia.targets(batch)).rejects.toThrow(/nextStates has 1 rows, expected 2/);
  });
});

describe('without the package highs', () => {
  afterEach(() => {
    vi.doUnmock('node:module');
    vi.resetModules();
  });

  test('small problems are searched, others say what to install', async () => {
    vi.resetModules();
    vi.doMock('node:module', async (original) => ({
      ...(await original<typeof import('node:module')>()),
      createRequire: () => ({
        resolve: () => {
          throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
        },
      }),
    }));
    const { solveProgram } = await import('../../src/bellman/linear-program.js');
    const columns = [{ cost: 1, low: 0, high: 1 }];
    await expect(
      solveProgram('Sequoia', { maximise: true, columns, rows: [] }),
    ).rejects.toMatchObject({
      code: 'BELFRY_LOAD_FAILED',
      message: 'Sequoia: the solver HiGHS is not installed. Run: npm install highs',
    });
  });
});
