import { describe, expect, it } from 'vitest';
import { readMdpJson, writeMdpJson } from '../../src/bellman/mdp-json.js';
import { frozenLake, gridWorld, putermanTwoState } from '../../src/bellman/problems/index.js';
import { BelfryError } from '../../src/errors.js';

const TABLES = {
  numStates: 2,
  numActions: 2,
  rowPtr: [0, 2, 3, 4, 4],
  col: [0, 1, 1, 0],
  prob: [0.5, 0.5, 1, 1],
  rewards: [
    [5, 10],
    [-1, 0],
  ],
};

function errorOf(value: unknown): BelfryError {
  try {
    readMdpJson(typeof value === 'string' ? value : JSON.stringify(value), 'lake.json');
  } catch (error) {
    expect(error).toBeInstanceOf(BelfryError);
    expect((error as BelfryError).code).toBe('BELFRY_BAD_FILE');
    return error as BelfryError;
  }
  throw new Error('the file was accepted');
}

/** env.P of Gymnasium for an MDP made by us. */
function toDictionary(mdp: ReturnType<typeof frozenLake>): object {
  const states: Record<string, Record<string, unknown[]>> = {};
  for (let s = 0; s < mdp.numStates; s++) {
    const actions: Record<string, unknown[]> = {};
    states[s] = actions;
    for (let a = 0; a < mdp.numActions; a++) {
      const row = s * mdp.numActions + a;
      const outcomes: unknown[] = [];
      actions[a] = outcomes;
      for (let e = mdp.rowPtr[row]!; e < mdp.rowPtr[row + 1]!; e++) {
        const reward = mdp.transitionRewards![e];
        outcomes.push([mdp.prob[e], mdp.col[e], reward, mdp.continues![e] === 0]);
      }
    }
  }
  return states;
}

describe("belfry's layout", () => {
  it('is read, nested or flat, in both spellings', () => {
    const mdp = readMdpJson(JSON.stringify(TABLES));
    expect([...mdp.rewards]).toEqual([5, 10, -1, 0]);
    const { numStates, numActions, rowPtr, rewards, ...rest } = TABLES;
    const snake = {
      num_states: numStates,
      num_actions: numActions,
      row_ptr: rowPtr,
      rewards: rewards.flat(),
      ...rest,
    };
    expect(readMdpJson(JSON.stringify(snake))).toEqual(mdp);
  });

  it('comes back as it was written', () => {
    const walls = gridWorld({ rows: 3, cols: 2, walls: [1], slip: 0.1 });
    for (const mdp of [frozenLake(), putermanTwoState(), walls]) {
      expect(readMdpJson(writeMdpJson(mdp))).toEqual(mdp);
    }
  });

  it('derives the rewards from transition rewards', () => {
    const { rewards: _, ...rest } = TABLES;
    const mdp = readMdpJson(JSON.stringify({ ...rest, transitionRewards: [2, 4, 1, -1] }));
    expect([...mdp.rewards]).toEqual([3, 1, -1, 0]);
  });
});

describe("Gymnasium's env.P", () => {
  it('gives the same tables as our generator', () => {
    const { startStates: _, layout: __, ...want } = frozenLake();
    const dictionary = toDictionary(frozenLake());
    expect(readMdpJson(JSON.stringify(dictionary))).toEqual(want);
    expect(readMdpJson(JSON.stringify({ P: dictionary }))).toEqual(want);
  });

  it('may be made of lists, and masks the actions a state lacks', () => {
    const mdp = readMdpJson('[[[[0.5, 1, 2, true]], [[1, 0, 0, 0]]], [[[1, 1, 0, false]]]]');
    expect([...mdp.actionMask!]).toEqual([1, 1, 1, 0]);
    expect([...mdp.continues!]).toEqual([0, 1, 1]);
    expect([...mdp.rewards]).toEqual([1, 0, 0, 0]);
  });
});

describe('a broken file', () => {
  const one = (outcome: unknown): unknown => ({ '0': { '0': [outcome] } });
  const cases: [string, unknown, RegExp][] = [
    ['truncated', '{"0": {"0": [[1.0, 0,\n', /line 2.*not JSON/],
    ['garbage', 'hello', /the text, line 1 is not JSON/],
    ['Python words', '{"0":\n {"0": [[1.0, 0, 0.0, True]]}}', /line 2 is not JSON.*'T'/],
    ['a number', '3', /P is 3/],
    ['negative next state', one([1, -1, 0, false]), /P\["0"\]\["0"\]\[0\]\[1\] is -1/],
    ['next state out of range', one([1, 1, 0, false]), /an integer in \[0, 0\]/],
    ['negative probability', one([-0.5, 0, 0, false]), /\[0\] is -0.5/],
    ['text for a probability', one(['1', 0, 0, false]), /\[0\] is "1"/],
    ['three numbers', one([1, 0, 0]), /is a list of 3, expected \[probability/],
    ['text for a flag', one([1, 0, 0, 'no']), /\[3\] is "no"/],
    ['outcome that is no list', { '0': { '0': 5 } }, /P\["0"\]\["0"\] is 5/],
    [
      'mass above one',
      {
        '0': {
          '0': [
            [0.6, 0, 0, false],
            [0.6, 0, 0, true],
          ],
        },
      },
      /the mass.*1\.2/,
    ],
    ['a gap in the states', { '0': {}, '2': {} }, /P\["1"\] is missing, expected keys 0 to 1/],
    ['other keys', { states: 3 }, /P\["0"\] is missing/],
    ['unknown key', { ...TABLES, gama: 0.9 }, /"gama"/],
    ['key in two spellings', { ...TABLES, row_ptr: [] }, /a second/],
    ['rowPtr of another length', { ...TABLES, rowPtr: [0, 4] }, /length of rowPtr is 2.*= 5/],
    ['rowPtr that falls', { ...TABLES, rowPtr: [0, 2, 1, 4, 4] }, /rowPtr\[2\] is 1, .* = 2/],
    ['rowPtr that starts late', { ...TABLES, rowPtr: [1, 2, 3, 4, 4] }, /rowPtr\[0\]/],
    ['col out of range', { ...TABLES, col: [0, 2, 1, 0] }, /col\[1\] is 2/],
    ['mass above one in a row', { ...TABLES, prob: [0.5, 0.6, 1, 1] }, /state 0 action 0.*1\.1/],
    ['short rewards', { ...TABLES, rewards: [1] }, /length of rewards is 1.*= 4/],
    ['no rewards', { ...TABLES, rewards: undefined }, /rewards is missing/],
    ['huge sizes', { ...TABLES, numStates: 2e9 }, /length of rowPtr/],
    ['layout of another size', { ...TABLES, layout: { rows: 2, cols: 2 } }, /numStates = 2/],
    ['bad start state', { ...TABLES, startStates: [2] }, /startStates\[0\] is 2/],
  ];

  it.each(cases)('%s', (_, value, message) => {
    const error = errorOf(value);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('lake.json');
  });
});
