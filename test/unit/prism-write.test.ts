/** Models as PRISM explicit files and back, and the published answers from the files. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cliffWalking,
  consensus,
  forest,
  frozenLake,
  haddadMonmege,
  herman,
  howardTaxicab,
  israeliJalfon,
  knownMdps,
  knuthYao,
  loadPrism,
  Mdp,
  type MdpTables,
  type PrismModel,
  problem,
  reachability,
  readPrism,
  savePrism,
  taxi,
  writePrism,
} from 'belfry/bellman';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { addSolveCommand } from '../../src/cli/solve.js';
import { BelfryError } from '../../src/errors.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belfry-prism-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the files of a model and reads them again. */
async function throughFiles(name: string, tables: MdpTables): Promise<PrismModel> {
  const path = join(folder, name);
  await savePrism(`${path}.tra`, tables, { choices: 'actions' });
  return loadPrism(path);
}

/** Tables that a file keeps: rewards of forbidden actions have no place in it. */
function kept(tables: MdpTables) {
  const { numStates, numActions, rowPtr, col, prob, rewards, startStates } = tables;
  const allowed = Float64Array.from(rewards, (r, row) => (tables.actionMask?.[row] === 0 ? 0 : r));
  return { numStates, numActions, rowPtr, col, prob, rewards: allowed, startStates };
}

function flagged(tables: MdpTables, name: string): number[] {
  return [...(tables.labels?.[name] ?? [])].flatMap((flag, s) => (flag === 1 ? [s] : []));
}

/** Choices and transitions as the header of the .tra file counts them. */
async function header(name: string): Promise<number[]> {
  const [first = ''] = (await readFile(join(folder, `${name}.tra`), 'utf8')).split('\n');
  return first.split(' ').map(Number);
}

type Ends = Iterable<number> & { length: number };

/** Least or greatest probability of ever reaching the goal, by state. */
function reach({ mdp }: PrismModel, goal: Ends, mode: 'min' | 'max') {
  const operands = Mdp.fromTables(mdp).operands();
  const answer = reachability({ ...operands, goal: [...goal], mode, eps: 1e-10 });
  expect(answer.converged).toBe(1);
  return answer.prob.data;
}

/** Least or greatest expected number of moves until the goal, by state. */
function moves({ mdp }: PrismModel, goal: Ends, mode: 'min' | 'max') {
  const operands = Mdp.fromTables(mdp).operands();
  const answer = reachability({ ...operands, goal: [...goal], mode, quantity: 'expected_cost' });
  expect(answer.converged).toBe(1);
  return answer.value.data;
}

describe('randomised consensus', () => {
  test.each([
    { n: 2, k: 2, sizes: [272, 400, 492], pmin: 49 / 128, pmax: 13 / 120, most: 75, least: 48 },
    {
      n: 2,
      k: 4,
      sizes: [528, 784, 972],
      pmin: 1793 / 4096,
      pmax: 251 / 4080,
      most: 243,
      least: 192,
    },
    {
      n: 4,
      k: 2,
      sizes: [22656, 60544, 75232],
      pmin: 325 / 1024,
      pmax: 170112531 / 577765376,
      most: 363,
      least: 192,
    },
  ])('$n processes, bound $k, from its files', async ({ n, k, sizes, pmin, pmax, most, least }) => {
    const tables = consensus(n, k);
    const name = `consensus-${n}-${k}`;
    const model = await throughFiles(name, tables);
    expect(model.kind).toBe('mdp');
    expect(await header(name)).toEqual(sizes);
    expect(kept(model.mdp)).toEqual(kept(tables));
    expect(model.mdp.actionMask).toEqual(tables.actionMask);
    for (const label of ['finished', 'allHeads', 'agree']) {
      expect([...model.labels.get(label)!]).toEqual(flagged(tables, label));
    }
    const finished = model.labels.get('finished')!;
    const agree = new Set(model.labels.get('agree'));
    const differ = finished.filter((s) => !agree.has(s));
    expect(reach(model, model.labels.get('allHeads')!, 'min')[0]).toBeCloseTo(pmin, 9);
    expect(reach(model, differ, 'max')[0]).toBeCloseTo(pmax, 9);
    expect(reach(model, finished, 'min')[0]).toBeCloseTo(1, 9);
    expect(moves(model, finished, 'max')[0]).toBeCloseTo(most, 6);
    expect(moves(model, finished, 'min')[0]).toBeCloseTo(least, 6);
  });
});

describe('self-stabilising rings', () => {
  test.each([
    { size: 3, transitions: 28, steps: 4 / 3 },
    { size: 5, transitions: 244, steps: 3.2 },
    { size: 7, transitions: 2188, steps: 48 / 7 },
  ])('Herman $size, from its files', async ({ size, transitions, steps }) => {
    const tables = herman(size);
    const model = await throughFiles(`herman-${size}`, tables);
    expect(model.kind).toBe('dtmc');
    expect(await header(`herman-${size}`)).toEqual([2 ** size, transitions]);
    expect(kept(model.mdp)).toEqual(kept(tables));
    expect(model.labels.get('goal')).toEqual(tables.goal);
    const expected = moves(model, model.labels.get('goal')!, 'min');
    expect(Math.max(...expected)).toBeCloseTo(steps, 9);
  });

  test.each([
    { size: 3, sizes: [7, 12, 21] },
    { size: 10, sizes: [1023, 5120, 8960] },
  ])('Israeli and Jalfon $size, from its files', async ({ size, sizes }) => {
    const tables = israeliJalfon(size);
    const name = `israeli-jalfon-${size}`;
    const model = await throughFiles(name, tables);
    expect(await header(name)).toEqual(sizes);
    expect(kept(model.mdp)).toEqual(kept(tables));
    expect(model.mdp.actionMask).toEqual(tables.actionMask);
    const goal = model.labels.get('goal')!;
    expect(goal.length).toBe(size);
    for (const mode of ['min', 'max'] as const) {
      expect(Math.min(...reach(model, goal, mode))).toBeCloseTo(1, 8);
    }
  });
});

describe('writePrism', () => {
  const others: [string, MdpTables, number, boolean][] = [
    ['the die', knuthYao(), 1, false],
    ['the chain', haddadMonmege(6), 1, false],
    ['the forest', forest(), 0.9, false],
    ['the taxicab', howardTaxicab(), 0.9, false],
    ['the lake', frozenLake(), 0.99, true],
    ['the cliff', cliffWalking({ slippery: true }), 0.95, true],
    ['the taxi', taxi(), 0.99, true],
    ['a grid that slips', problem('grid(4,5,0.2)'), 0.9, true],
    ['a Garnet', problem('garnet(30,3,4,5)'), 0.9, false],
  ];

  test.each(others)('keeps the values of %s', (_, tables, gamma, canEnd) => {
    const { mdp, labels } = readPrism(writePrism(tables));
    const end = labels.get('end');
    expect(mdp.numStates).toBe(tables.numStates + (end ? 1 : 0));
    const folded = Mdp.fromTables(tables);
    expect(end !== undefined).toBe(canEnd);
    for (let row = 0; row + 1 < mdp.rowPtr.length; row++) {
      const mass = mdp.prob
        .subarray(mdp.rowPtr[row], mdp.rowPtr[row + 1])
        .reduce((sum, p) => sum + p, 0);
      expect(mdp.actionMask?.[row] === 0 ? 1 : mass).toBeCloseTo(1, 12);
    }
    const wanted = knownMdps({ ...folded.operands(), gamma, horizon: 40 }).vStar.data;
    const read = knownMdps({ ...Mdp.fromTables(mdp).operands(), gamma, horizon: 40 }).vStar.data;
    wanted.forEach((value, s) => {
      expect(Math.abs(value - read[s]!)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
    });
    if (end) expect(read[end[0]!]).toBe(0);
  });

  test('numbers choices without gaps, and names the actions', () => {
    const tables = howardTaxicab();
    // Take the first action of the first town away as well.
    tables.actionMask![0] = 0;
    const { mdp, actionNames } = readPrism(writePrism(tables));
    expect([...mdp.actionMask!]).toEqual([1, 1, 0, 1, 1, 0, 1, 1, 1]);
    expect(actionNames).toEqual(['a1', 'a2', '', 'a0', 'a1', '', 'a0', 'a1', 'a2']);
    expect([...mdp.rewards.slice(0, 2)]).toEqual([...tables.rewards.slice(1, 3)]);
    const named = readPrism(writePrism(tables, { actionNames: ['cruise', 'stand', 'radio'] }));
    expect(named.actionNames.slice(0, 2)).toEqual(['stand', 'radio']);
    const again = readPrism(
      writePrism(named.mdp, { actionNames: named.actionNames, labels: named.labels }),
    );
    expect(again).toEqual(named);
  });

  test('writes what PRISM itself would', () => {
    const tables: MdpTables = {
      numStates: 3,
      numActions: 2,
      rowPtr: Int32Array.of(0, 2, 3, 5, 5, 6, 6),
      col: Int32Array.of(1, 2, 0, 2, 2, 2),
      prob: Float64Array.of(0.25, 0.75, 1, 0.25, 0.5, 1),
      rewards: Float64Array.of(3, 2, 0, 9, 0, 9),
      actionMask: Uint8Array.of(1, 1, 1, 0, 0, 0),
      startStates: Int32Array.of(0),
      labels: { safe: Uint8Array.of(1, 1, 0) },
    };
    expect(writePrism(tables)).toEqual({
      tra: '4 4 6\n0 0 1 0.25 a0\n0 0 2 0.75 a0\n0 1 0 1 a1\n1 0 2 0.75 a0\n1 0 3 0.25 a0\n3 0 3 1\n',
      trew: '4 4 3\n0 0 1 3\n0 0 2 3\n0 1 0 2\n',
      lab: '0="init" 1="deadlock" 2="safe" 3="end"\n0: 0 2\n1: 2\n2: 1\n3: 3\n',
    });
  });

  test('prints every number so that it is read back bit for bit', () => {
    const tables = problem('garnet(40,1,5,9)');
    const { mdp } = readPrism(writePrism(tables));
    expect(mdp.prob).toEqual(tables.prob);
    expect(mdp.rewards).toEqual(tables.rewards);
    const tiny = { ...tables, rewards: tables.rewards.map((r) => r * 1e-300) };
    expect(readPrism(writePrism(tiny)).mdp.rewards).toEqual(tiny.rewards);
    const single = Mdp.fromTables(tables).toFloat32();
    expect(Float32Array.from(readPrism(writePrism(single)).mdp.prob)).toEqual(single.prob);
  });

  test('an empty model, and a chain that ends at once', () => {
    const empty = {
      numStates: 0,
      numActions: 2,
      rowPtr: Int32Array.of(0),
      col: new Int32Array(0),
      prob: new Float64Array(0),
      rewards: new Float64Array(0),
    };
    expect(readPrism(writePrism(empty)).mdp.numStates).toBe(0);
    const over = { ...empty, numStates: 1, numActions: 1, rowPtr: Int32Array.of(0, 0) };
    const { mdp } = readPrism(writePrism({ ...over, rewards: Float64Array.of(5) }));
    expect([[...mdp.col], [...mdp.rewards]]).toEqual([
      [1, 1],
      [5, 0],
    ]);
  });

  test('refuses names that could not be read back', () => {
    const refused = (run: () => unknown, message: RegExp): void => {
      expect(run).toThrow(BelfryError);
      expect(run).toThrow(message);
    };
    const tables = forest();
    refused(() => writePrism(tables, { actionNames: ['wait'] }), /actionNames has 1 .* 2 or 6/);
    refused(() => writePrism(tables, { actionNames: ['wait', 'cut down'] }), /cut down/);
    refused(() => writePrism(tables, { labels: new Map([['a b', [0]]]) }), /labels holds "a b"/);
    refused(() => writePrism(tables, { labels: new Map([['old', [3]]]) }), /old holds 3/);
    refused(() => writePrism(tables, { choice: 'actions' } as object), /choices/);
  });
});

describe('belfry solve', () => {
  /** Runs the command in this process; the values it saved. */
  async function solved(name: string, ...options: string[]): Promise<number[]> {
    const out = join(folder, `${name}-values.json`);
    const silent = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      const program = new Command().exitOverride();
      addSolveCommand(program);
      const file = join(folder, `${name}.tra`);
      await program.parseAsync(['solve', file, ...options, '--out', out], { from: 'user' });
    } finally {
      silent.mockRestore();
    }
    return JSON.parse(await readFile(out, 'utf8')).values;
  }
  const goalOf = (states: Iterable<number>): string[] => ['--goal', [...states].join(',')];
  const reaching = ['--criterion', 'reach', '--tolerance', '1e-9'];

  test('answers the published questions from the files', async () => {
    const { labels } = await throughFiles('cli-consensus', consensus(2, 2));
    const heads = goalOf(labels.get('allHeads')!);
    const [pmin] = await solved('cli-consensus', ...reaching, ...heads, '--minimize');
    expect(pmin).toBeCloseTo(49 / 128, 8);
    const agree = new Set(labels.get('agree'));
    const differ = labels.get('finished')!.filter((s) => !agree.has(s));
    const [pmax] = await solved('cli-consensus', ...reaching, ...goalOf(differ));
    expect(pmax).toBeCloseTo(13 / 120, 8);

    const ring = await throughFiles('cli-ring', israeliJalfon(3));
    const sure = await solved('cli-ring', ...reaching, ...goalOf(ring.labels.get('goal')!));
    expect(sure.length).toBe(7);
    for (const p of sure) expect(p).toBeCloseTo(1, 8);
  });

  test('minimises the steps to one token, goals made absorbing', async () => {
    const tables = herman(3);
    const goal = new Set(tables.goal);
    // The episode ends at a goal: its row is left empty and free.
    const rows = Array.from({ length: 8 }, (_, s) => (goal.has(s) ? [] : rowOf(tables, s)));
    const stopped: MdpTables = {
      numStates: 8,
      numActions: 1,
      rowPtr: Int32Array.from([0, ...rows.map((_, s) => rows.slice(0, s + 1).flat().length)]),
      col: Int32Array.from(rows.flat(), ([next]) => next!),
      prob: Float64Array.from(rows.flat(), ([, p]) => p!),
      rewards: Float64Array.from(rows, (_, s) => (goal.has(s) ? 0 : 1)),
    };
    await savePrism(join(folder, 'cli-herman'), stopped);
    const values = await solved(
      'cli-herman',
      '--discount',
      '1',
      '--minimize',
      '--tolerance',
      '1e-13',
    );
    process.exitCode = 0;
    expect(Math.max(...values)).toBeCloseTo(4 / 3, 9);
    expect(values[8]).toBe(0);
  });
});

function rowOf({ rowPtr, col, prob }: MdpTables, row: number): [number, number][] {
  const entries = Array.from(
    { length: rowPtr[row + 1]! - rowPtr[row]! },
    (_, i) => i + rowPtr[row]!,
  );
  return entries.map((e) => [col[e]!, prob[e]!]);
}
