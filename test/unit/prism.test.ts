import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPrism, type PrismTexts, readPrism } from '../../src/bellman/prism.js';
import type { MdpTables } from '../../src/bellman/problems/index.js';
import { BelfryError } from '../../src/errors.js';

const DIE = fileURLToPath(new URL('../../examples/data/knuth-yao.tra', import.meta.url));

const ROBOT = `# a small MDP
3 4 6
0 0 1 1/4 north
0 0 2 3/4 north
0 1 0 1.0 stay
1 0 2 .5 go
1 0 0 5e-1 go
2 0 2 1
`;

function errorOf(texts: PrismTexts): BelfryError {
  try {
    readPrism(texts, 'robot');
  } catch (error) {
    expect(error).toBeInstanceOf(BelfryError);
    expect((error as BelfryError).code).toBe('BELFRY_BAD_FILE');
    return error as BelfryError;
  }
  throw new Error('the file was accepted');
}

/** Undiscounted values of a chain after many sweeps; absorbing states keep what they start with. */
function iterate(mdp: MdpTables, start: Float64Array, fixed: Int32Array): Float64Array {
  const values = start.slice();
  for (let sweep = 0; sweep < 200; sweep++) {
    for (let s = 0; s < mdp.numStates; s++) {
      if (fixed.includes(s)) continue;
      let value = mdp.rewards[s]!;
      for (let e = mdp.rowPtr[s]!; e < mdp.rowPtr[s + 1]!; e++) {
        value += mdp.prob[e]! * values[mdp.col[e]!]!;
      }
      values[s] = value;
    }
  }
  return values;
}

describe('the Knuth-Yao die', () => {
  it('shows every face with probability 1/6 after 11/3 flips on average', async () => {
    const { kind, mdp, labels } = await loadPrism(DIE);
    expect(kind).toBe('dtmc');
    expect([mdp.numStates, mdp.numActions, mdp.col.length]).toEqual([13, 1, 20]);
    expect(mdp.startStates).toEqual(Int32Array.of(0));
    expect([...labels.get('done')!]).toEqual([7, 8, 9, 10, 11, 12]);
    expect(labels.get('deadlock')!.length).toBe(0);
    const done = labels.get('done')!;
    expect(iterate(mdp, new Float64Array(13), done)[0]).toBeCloseTo(11 / 3, 12);
    const chain = { ...mdp, rewards: new Float64Array(13) };
    for (const face of ['one', 'two', 'three', 'four', 'five', 'six']) {
      const goal = new Float64Array(13);
      goal[labels.get(face)![0]!] = 1;
      expect(iterate(chain, goal, done)[0]).toBeCloseTo(1 / 6, 12);
    }
  });
});

describe('an MDP', () => {
  it('is read with masks, action names and fractions', () => {
    const { kind, mdp, actionNames } = readPrism({ tra: ROBOT });
    expect(kind).toBe('mdp');
    expect([...mdp.rowPtr]).toEqual([0, 2, 3, 5, 5, 6, 6]);
    expect([...mdp.col]).toEqual([1, 2, 0, 2, 0, 2]);
    expect([...mdp.prob]).toEqual([0.25, 0.75, 1, 0.5, 0.5, 1]);
    expect([...mdp.actionMask!]).toEqual([1, 1, 1, 0, 1, 0]);
    expect(actionNames).toEqual(['north', 'stay', 'go', '', '', '']);
  });

  it('adds state and transition rewards', () => {
    const { mdp } = readPrism({
      tra: ROBOT,
      srew: '3 1\n0 10\n',
      trew: '# Reward structure "energy"\n# Transition rewards\n3 4 2\n0 0 2 4\n1 0 0 -2\n',
    });
    expect([...mdp.rewards]).toEqual([13, 10, -1, 0, 0, 0]);
    expect([...mdp.transitionRewards!]).toEqual([10, 14, 10, 0, -2, 0]);
  });

  it('may list its transitions in any order, with CRLF and without a last newline', () => {
    const tra = '2 3 3\r\n1 0 1 1\r\n0 1 1 1\r\n0 0 0 1';
    const { mdp } = readPrism({ tra });
    expect([...mdp.rowPtr]).toEqual([0, 1, 2, 3, 3]);
    expect([...mdp.col]).toEqual([0, 1, 1]);
  });

  it('drops zero probabilities but keeps their choice, and allows missing mass', () => {
    const { mdp } = readPrism({ tra: '2 2 3\n0 0 1 0\n0 0 0 0.5\n1 0 0 0\n' });
    expect([...mdp.rowPtr]).toEqual([0, 1, 1]);
    expect(mdp.actionMask).toBeUndefined();
  });
});

describe('a broken file', () => {
  const cases: [string, PrismTexts, string, RegExp][] = [
    ['empty', { tra: '' }, 'tra:1', /the end of the file/],
    ['garbage', { tra: '\u0000\u0001ELF' }, 'tra:1', /states choices transitions/],
    ['another tool', { tra: 'mdp\n0 0 1\n' }, 'tra:1', /found mdp/],
    ['header with words', { tra: 'a b\n' }, 'tra:1', /number of states/],
    ['header with a sign', { tra: '-1 2\n' }, 'tra:1', /found -1/],
    ['truncated', { tra: '2 3\n0 1 1\n1 0 0.5\n' }, 'tra:4', /the end of the file/],
    ['more entries than lines', { tra: '2 2000000000\n0 1 1\n' }, 'tra:1', /2000000000/],
    ['cut inside a line', { tra: '2 2\n0 1 1\n1 0' }, 'tra:3', /entry 2 of 2/],
    ['more entries than announced', { tra: '2 1\n0 1 1\n1 0 1\n' }, 'tra:3', /found 1 0 1/],
    ['negative state', { tra: '2 1\n-1 1 1\n' }, 'tra:2', /found -1, expected a state/],
    ['next state out of range', { tra: '2 1\n0 2 1\n' }, 'tra:2', /next state.*\[0, 1\]/],
    ['choice out of range', { tra: '2 2 1\n0 2 1 1\n' }, 'tra:2', /a choice/],
    ['fractional state', { tra: '2 1\n0.5 1 1\n' }, 'tra:2', /a state/],
    ['negative probability', { tra: '2 1\n0 1 -0.5\n' }, 'tra:2', /probability -0.5/],
    ['NaN', { tra: '2 1\n0 1 NaN\n' }, 'tra:2', /found NaN/],
    ['infinite', { tra: '2 1\n0 1 1e999\n' }, 'tra:2', /finite/],
    ['division by zero', { tra: '2 1\n0 1 1/0\n' }, 'tra:2', /finite/],
    ['mass above one', { tra: '2 2\n0 1 0.7\n0 0 0.4\n' }, 'tra:3', /mass of 1.1.* in state 0/],
    ['row form', { tra: '2 2\n0 0.5:0 0.5:1\n1 1:1\n' }, 'tra:2', /state/],
    ['choices that do not add up', { tra: '2 3 2\n0 0 1 1\n1 0 1 1\n' }, 'tra:', /2 choices/],
    ['a table far larger than the file', { tra: '2000000000 1\n0 1 1\n' }, 'tra:1', /at most/],
    ['too many words', { tra: '2 1\n0 1 1 a b\n' }, 'tra:2', /found 0 1 1 a b/],
    ['rewards of another model', { tra: ROBOT, srew: '4 1\n0 1\n' }, 'srew:1', /3 states/],
    ['truncated rewards', { tra: ROBOT, srew: '3 2\n0 1\n' }, 'srew:', /entry 2 of 2/],
    ['reward of no state', { tra: ROBOT, srew: '3 1\n3 1\n' }, 'srew:2', /a state/],
    ['reward of no transition', { tra: ROBOT, trew: '3 4 1\n0 1 2 1\n' }, 'trew:2', /0 1 2/],
    ['reward of no choice', { tra: ROBOT, trew: '3 4 1\n0 3 2 1\n' }, 'trew:2', /0 3 2/],
    ['rewards of a chain', { tra: ROBOT, trew: '3 1\n0 1 1\n' }, 'trew:1', /mdp/],
    ['labels without quotes', { tra: ROBOT, lab: '0=init\n' }, 'lab:1', /0="name"/],
    ['labels out of order', { tra: ROBOT, lab: '1="init"\n' }, 'lab:1', /0="name"/],
    ['label of no state', { tra: ROBOT, lab: '0="init"\n9: 0\n' }, 'lab:2', /a state/],
    ['unknown label', { tra: ROBOT, lab: '0="init"\n0: 1\n' }, 'lab:2', /a label/],
    ['label line without colon', { tra: ROBOT, lab: '0="init"\n0 0\n' }, 'lab:2', /state: label/],
  ];

  it.each(cases)('%s', (_, texts, place, message) => {
    const error = errorOf(texts);
    expect(error.message).toContain(`robot.${place}`);
    expect(error.message).toMatch(message);
  });

  it('is named when it is missing', async () => {
    await expect(loadPrism('/nowhere/model.tra')).rejects.toThrow(/model\.tra/);
  });

  it('is named with its path when it comes from disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'belfry-prism-'));
    try {
      await writeFile(join(folder, 'm.tra'), '1 1\n0 0 1\n');
      await writeFile(join(folder, 'm.srew'), '1 1\n0 x\n');
      await expect(loadPrism(join(folder, 'm'))).rejects.toThrow(`${join(folder, 'm.srew')}:2`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
