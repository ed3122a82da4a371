/**
 * Every published answer of the built-in problems, from the generator that makes the problem out of
 * its rules (the BRIDGE models are tables). The sources are named where the problems are made.
 */
import { readFileSync } from 'node:fs';
import {
  effectiveHorizon,
  foldTerminations,
  knownMdps,
  Mdp,
  PolicyIteration,
  problem,
  reachability,
  stochasticShortestPath,
} from 'belfry/bellman';
import { describe, expect, test } from 'vitest';

interface Published {
  what: string;
  answer: number | readonly number[];
  computed: () => number | ArrayLike<number>;
  /** How far off, at most. Default: half a unit of the tenth decimal. */
  within?: number;
}

const rounding = 1e-12;

/** V* of a built-in problem, solved to rounding. */
function values(builtin: string, gamma: number, horizon?: number): Float64Array {
  const answer = knownMdps({ builtin, gamma, ...(horizon !== undefined && { horizon }) });
  expect(answer.converged).toBe(1);
  return Float64Array.from(answer.vStar.data);
}

function policy(builtin: string, gamma: number): number[] {
  return Array.from(knownMdps({ builtin, gamma }).policy.data);
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, x) => total + x, 0);
}

function atStarts(builtin: string, gamma: number): number[] {
  const v = values(builtin, gamma);
  return [...problem(builtin).startStates!].map((s) => v[s]!);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}

/** States, allowed state-action pairs and transitions, as model checkers count them. */
function sizes(name: string): number[] {
  const { numStates, numActions, actionMask, col } = problem(name);
  return [numStates, actionMask ? sum(actionMask) : numStates * numActions, col.length];
}

function gridWithThreeDecimals(): number[] {
  return Array.from(values('frozenlake4x4', 0.99), (v) => Number(v.toFixed(3)));
}

/** Least probability, over all states and schedulers, of ever coming to one token. */
function stabilises(name: string, mode: 'min' | 'max'): number {
  const { prob, converged } = reachability({ builtin: name, mode, eps: 1e-10 });
  expect(converged).toBe(1);
  return Math.min(...prob.data);
}

function chain(n: number, p: number) {
  return reachability({ builtin: `haddad_monmege(${n},${p})`, eps: 1e-6 });
}

function howard() {
  return knownMdps({ builtin: 'howard_taxicab', criterion: 'average', refState: 2 });
}

function consensus(n: number, k: number) {
  const answer = reachability({ builtin: `consensus(${n},${k})` });
  expect(answer.converged).toBe(1);
  return [answer.c2Pmin, answer.disagreePmax, answer.stepsMax, answer.stepsMin];
}

const published: Record<string, Published[]> = {
  '1 FrozenLake': [
    {
      what: '4x4, discount 0.99',
      answer: 0.542025932,
      computed: () => values('frozenlake4x4', 0.99)[0]!,
    },
    {
      what: '4x4, no discount',
      answer: 14 / 17,
      computed: () => values('frozenlake4x4', 1)[0]!,
    },
    {
      what: '4x4, discount 0.9',
      answer: 0.0688909049,
      computed: () => values('frozenlake4x4', 0.9)[0]!,
    },
    {
      what: '4x4, 100 steps',
      answer: 0.7441902878,
      computed: () => values('frozenlake4x4', 1, 100)[0]!,
    },
    {
      what: '8x8, discount 0.99',
      answer: 0.4146403618,
      computed: () => values('frozenlake8x8', 0.99)[0]!,
    },
    { what: '8x8, no discount', answer: 1, computed: () => values('frozenlake8x8', 1)[0]! },
    {
      what: '8x8, 200 steps',
      answer: 0.9132201502,
      computed: () => values('frozenlake8x8', 1, 200)[0]!,
    },
    {
      what: '4x4, not slippery',
      answer: 0.99 ** 5,
      within: rounding,
      computed: () => values('frozenlake4x4_deterministic', 0.99)[0]!,
    },
    {
      what: '4x4, every state to three decimals',
      answer: [
        0.542, 0.499, 0.471, 0.457, 0.558, 0, 0.358, 0, 0.592, 0.643, 0.615, 0, 0, 0.742, 0.863, 0,
      ],
      computed: gridWithThreeDecimals,
    },
  ],
  '2 CliffWalking': [
    { what: 'from the start', answer: -13, computed: () => values('cliffwalking', 1)[36]! },
    { what: 'from the goal cell', answer: -1, computed: () => values('cliffwalking', 1)[47]! },
    { what: 'sum of all cells', answer: -357, computed: () => sum(values('cliffwalking', 1)) },
    {
      what: 'discount 0.99',
      answer: -12.2478977001,
      computed: () => values('cliffwalking', 0.99)[36]!,
    },
    {
      what: 'slippery',
      answer: -64.70917591,
      within: 5e-9,
      computed: () => values('cliffwalking_slippery', 1)[36]!,
    },
  ],
  '3 Taxi': [
    { what: 'states and start states', answer: [500, 300], computed: taxiSizes },
    {
      what: 'mean over the starts',
      answer: 7.93,
      within: rounding,
      computed: () => mean(atStarts('taxi', 1)),
    },
    { what: 'worst start', answer: 3, computed: () => Math.min(...atStarts('taxi', 1)) },
    { what: 'best start', answer: 15, computed: () => Math.max(...atStarts('taxi', 1)) },
    {
      what: 'mean, discount 0.99',
      answer: 6.3274643149,
      computed: () => mean(atStarts('taxi', 0.99)),
    },
    { what: 'sum of all states', answer: 5365, computed: () => sum(values('taxi', 1)) },
  ],
  '4 forest management': [
    {
      what: 'values',
      answer: [26.244, 29.484, 33.484],
      computed: () => values('forest(3,4,2,0.1)', 0.9),
    },
    { what: 'always wait', answer: [0, 0, 0], computed: () => policy('forest', 0.9) },
  ],
  '5 Puterman, two states': [
    { what: 'values', answer: [-60 / 7, -20], computed: () => values('puterman_2state', 0.95) },
    { what: 'action a', answer: [0, 0], computed: () => policy('puterman_2state', 0.95) },
  ],
  "6 Howard's taxicab": [
    { what: 'average reward', answer: 1588 / 119, computed: () => howard().gain },
    { what: 'its policy', answer: [1, 1, 1], computed: () => howard().policy.data },
    {
      what: 'relative values',
      answer: [-1.17647, 12.65546, 0],
      within: 5e-6,
      computed: () => howard().biasRel.data,
    },
    {
      what: 'discount 0.9',
      answer: [121.6535, 135.3063, 122.8369],
      within: 5e-5,
      computed: () => values('howard_taxicab', 0.9),
    },
  ],
  '7 RiverSwim': [
    {
      what: 'from the first state',
      answer: 4.66930016,
      within: 5e-9,
      computed: () => values('riverswim', 0.95)[0]!,
    },
    { what: 'always right', answer: [1, 1, 1, 1, 1, 1], computed: () => policy('riverswim', 0.95) },
  ],
  '8 the Knuth-Yao die': [
    {
      what: 'probability of each face',
      answer: Array.from({ length: 6 }, () => 1 / 6),
      computed: () =>
        [7, 8, 9, 10, 11, 12].map(
          (face) =>
            reachability({ ...Mdp.fromTables(problem('knuth_yao')).operands(), goal: [face] }).prob
              .data[0]!,
        ),
    },
    {
      what: 'expected flips',
      answer: 11 / 3,
      computed: () =>
        reachability({ builtin: 'knuth_yao', quantity: 'expected_cost' }).value.data[0]!,
    },
  ],
  '9 the chain of Haddad and Monmege': [
    ...[20, 30, 50].map((n) => ({
      what: `${n} states on each side, 0.7`,
      answer: 0.7,
      within: rounding,
      computed: () => chain(n, 0.7).prob.data[n]!,
    })),
    {
      what: '20 on each side, 0.5 and 0.1',
      answer: [0.5, 0.1],
      within: rounding,
      computed: () => [0.5, 0.1].map((p) => chain(20, p).prob.data[20]!),
    },
  ],
  "10 Herman's ring": [
    ...[
      { size: 3, transitions: 28, steps: 4 / 3 },
      { size: 5, transitions: 244, steps: 3.2 },
      { size: 7, transitions: 2188, steps: 6.857142857 },
    ].flatMap(({ size, transitions, steps }) => [
      {
        what: `${size} processes, sizes`,
        answer: [2 ** size, 2 ** size, transitions],
        computed: () => sizes(`herman(${size})`),
      },
      {
        what: `${size} processes, greatest expected steps`,
        answer: steps,
        within: 5e-10,
        computed: () =>
          reachability({ builtin: `herman(${size})`, quantity: 'expected_cost' }).maxValue,
      },
    ]),
    {
      what: 'three tokens on 9 and 11 processes, 4abc/N at the most',
      answer: [(4 * 27) / 9, (4 * 48) / 11],
      computed: () =>
        [9, 11].map(
          (n) => reachability({ builtin: `herman(${n})`, quantity: 'expected_cost' }).maxValue,
        ),
    },
  ],
  '11 randomised consensus': [
    {
      what: '2 processes, bound 2, sizes',
      answer: [272, 400, 492],
      computed: () => sizes('consensus(2,2)'),
    },
    {
      what: '2 processes, bound 4, states',
      answer: 528,
      computed: () => sizes('consensus(2,4)')[0]!,
    },
    {
      what: '2 processes, bound 8, states',
      answer: 1040,
      computed: () => sizes('consensus(2,8)')[0]!,
    },
    {
      what: '4 processes, bound 2, states',
      answer: 22656,
      computed: () => sizes('consensus(4,2)')[0]!,
    },
    {
      what: '2 processes, bound 2',
      answer: [49 / 128, 13 / 120, 75, 48],
      within: 1e-8,
      computed: () => consensus(2, 2),
    },
    {
      what: '2 processes, bound 4',
      answer: [1793 / 4096, 251 / 4080, 243, 192],
      within: 1e-8,
      computed: () => consensus(2, 4),
    },
    {
      what: '2 processes, bound 8',
      answer: [983041 / 2097152, 65527 / 2097120, 867, 768],
      within: 1e-7,
      computed: () => consensus(2, 8),
    },
    {
      what: '4 processes, bound 2',
      answer: [325 / 1024, 170112531 / 577765376, 363, 192],
      within: 1e-6,
      computed: () => consensus(4, 2),
    },
  ],
  '12 the ring of Israeli and Jalfon': [
    { what: '3 processes, sizes', answer: [7, 12, 21], computed: () => sizes('israeli_jalfon(3)') },
    {
      what: 'stabilises under the best scheduler',
      answer: 1,
      computed: () => stabilises('israeli_jalfon(3)', 'max'),
    },
    {
      what: 'and under every other',
      answer: 1,
      computed: () => stabilises('israeli_jalfon(3)', 'min'),
    },
    {
      what: '10 processes, sizes',
      answer: [1023, 5120, 8960],
      computed: () => sizes('israeli_jalfon(10)'),
    },
  ],
  '13 BRIDGE': [
    {
      what: 'freeway_10_fs30',
      answer: [1, 6, 8, 5307, 2244, 1020, 505, 262, 69, 57, 1],
      computed: () => horizons('freeway_10_fs30'),
    },
    {
      what: 'freeway_10_fs30, sticky 0.25',
      answer: [322, 6, 0.0318094889],
      computed: () => sticky('freeway_10_fs30').slice(0, 3),
    },
    {
      what: 'maze_easy_l0_30_fs1',
      answer: [1, 1, 5, 73385, 11002, 4617, 1856, 1],
      computed: () => horizons('maze_easy_l0_30_fs1'),
    },
    {
      what: 'maze_easy_l0_30_fs1, sticky 0.25',
      answer: [1229, 1, 5.5408607728],
      computed: () => sticky('maze_easy_l0_30_fs1').slice(0, 3),
    },
    {
      what: 'KeyCorridorS3R1, first and last sample counts',
      answer: [1, 15, 16, 6667295335345, 1],
      computed: () =>
        horizons('KeyCorridorS3R1').filter((_, i, all) => i < 4 || i === all.length - 1),
    },
    {
      what: 'KeyCorridorS3R1, sticky 0.25',
      answer: [967, 16, 0.0010068890119441542, 0.999999999999998],
      within: 1e-14,
      computed: () => sticky('KeyCorridorS3R1'),
    },
  ],
};

function taxiSizes(): number[] {
  const { numStates, startStates } = problem('taxi');
  return [numStates, startStates!.length];
}

/** The tables of a BRIDGE model, which its golden case carries. */
function bridge(name: string) {
  const golden = new URL('../golden/bellman/effective_horizon.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(golden, 'utf8'));
  const found = cases.find((one: { name: string }) => one.name.includes(name));
  const { next_states: next, rewards } = found.inputs;
  return {
    nextStates: { data: Int32Array.from(next.data), shape: next.shape },
    rewards: { data: Float64Array.from(rewards.data), shape: rewards.shape },
    horizon: found.params.horizon as number,
  };
}

/** k, effective planning window, bound of the effective horizon, and the samples for each k. */
function horizons(name: string): number[] {
  const answer = effectiveHorizon(bridge(name));
  return [answer.minK, answer.epw, answer.effectiveHorizonBound, ...answer.ms.data];
}

/** States of the product, effective planning window, returns at random and at best. */
function sticky(name: string): number[] {
  const answer = effectiveHorizon({ ...bridge(name), sticky: 0.25 });
  const { numReachableProductStates, epw, randomReturn, optimalReturn } = answer;
  return [numReachableProductStates, epw, randomReturn, optimalReturn];
}

describe.each(Object.entries(published))('%s', (_, answers) => {
  test.each(answers.map((one) => [one.what, one] as const))('%s', (_, one) => {
    const { answer, computed, within = 5e-11 } = one;
    const got = computed();
    const found = typeof got === 'number' ? [got] : Array.from(got);
    const wanted = typeof answer === 'number' ? [answer] : answer;
    expect(found.length).toBe(wanted.length);
    wanted.forEach((x, i) => {
      expect(Math.abs(found[i]! - x), `${i}: ${found[i]} for ${x}`).toBeLessThanOrEqual(within);
    });
  });
});

describe('the generators make the published tables', () => {
  interface GoldenCase {
    params: { builtin?: string };
    inputs: Record<string, { data: number[] }>;
  }
  const golden = new URL('../golden/bellman/known_mdps.json', import.meta.url);
  const cases: GoldenCase[] = JSON.parse(readFileSync(golden, 'utf8')).cases;
  const tables = cases.filter(({ params, inputs }) => params.builtin && inputs['prob']);

  test.each(tables.map((one) => [one.params.builtin!, one.inputs] as const))(
    '%s',
    (name, inputs) => {
      const made = problem(name);
      expect([...made.rowPtr]).toEqual(inputs['row_ptr']!.data);
      expect([...made.col]).toEqual(inputs['col']!.data);
      inputs['prob']!.data.forEach((p, e) => {
        expect(made.prob[e]).toBeCloseTo(p, 15);
      });
      const rewards = inputs['transition_rewards'] ?? inputs['rewards']!;
      const own = inputs['transition_rewards'] ? made.transitionRewards! : made.rewards;
      own.forEach((r, i) => {
        if (inputs['transition_rewards'] || made.actionMask?.[i] !== 0) {
          expect(r).toBeCloseTo(rewards.data[i]!, 12);
        }
      });
      if (inputs['continues']) expect([...made.continues!]).toEqual(inputs['continues'].data);
      if (inputs['action_mask']) expect([...made.actionMask!]).toEqual(inputs['action_mask'].data);
    },
  );
});

describe('other solvers give them too', () => {
  test.each([
    ['frozenlake4x4', 0.99, 0, 0.542025932],
    ['taxi', 0.99, 328, 20 * 0.99 ** 9 - (1 - 0.99 ** 9) / 0.01],
    ['riverswim', 0.95, 0, 4.66930016],
    ['forest', 0.9, 0, 26.244],
  ] as const)('policy iteration on %s', (name, discount, state, value) => {
    const mdp = Mdp.fromTables(problem(name));
    const answer = new PolicyIteration(mdp, { discount }).solveSync();
    expect(answer.values.data[state]).toBeCloseTo(value, 8);
  });

  test('the shortest way round the cliff', () => {
    const { rewards, ...rest } = foldTerminations(problem('cliffwalking'));
    // Entering the goal ends the episode: the missing mass becomes a step into one more state.
    const end = 48;
    const rowPtr = [0];
    const col: number[] = [];
    const prob: number[] = [];
    for (let row = 0; row < 48 * 4; row++) {
      const first = rest.rowPtr[row]!;
      const ends = first === rest.rowPtr[row + 1];
      col.push(ends ? end : rest.col[first]!);
      prob.push(1);
      rowPtr.push(col.length);
    }
    const costs = Float64Array.from({ length: 49 * 4 }, (_, row) => -(rewards[row] ?? 0));
    const { values: costToGo } = stochasticShortestPath({
      rowPtr: Int32Array.from([...rowPtr, ...Array(4).fill(col.length)]),
      col: Int32Array.from(col),
      prob: Float64Array.from(prob),
      rewards: { data: costs, shape: [49, 4] },
      goal: [end],
    });
    expect(costToGo.data[36]).toBe(13);
    expect(sum(costToGo.data)).toBe(357);
  });
});
