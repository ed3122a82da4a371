/** `belfry solve` as a user runs it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyMdp, encodeMdp, Mdp, problem, saveMdp, ValueIteration } from 'belfry/bellman';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'belfry-solve-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const command = [join(import.meta.dirname, '../../dist/cli.js'), 'solve'];

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** The numbers of a .npy file, read by its header. */
function readNpy(path: string): Float64Array {
  const bytes = readFileSync(path);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
  const begin = 10 + bytes.readUInt16LE(8);
  expect(begin % 64).toBe(0);
  const header = bytes.subarray(10, begin).toString();
  expect(header).toMatch(/^\{'descr': '<f8', 'fortran_order': False, 'shape': \(64,\), \} *\n$/);
  return new Float64Array(Uint8Array.from(bytes.subarray(begin)).buffer);
}

const lake = Mdp.fromTables(problem('frozenlake8x8'));
const want = new ValueIteration(lake, { discount: 0.99 }).solveSync();

describe('belfry solve', () => {
  test('reads every format, and says what it did; no progress bar in a pipe', () => {
    writeFileSync(at('lake.safetensors'), encodeMdp(lake));
    const gymnasium = { P: { 0: { 0: [[1, 0, 2, true]], 1: [[1, 0, 1, false]] } } };
    writeFileSync(at('one.json'), JSON.stringify(gymnasium.P));
    writeFileSync(at('die.tra'), '2 2\n0 0 0.5\n0 1 0.5\n');
    for (const [file, states] of [
      [at('lake.safetensors'), '64'],
      [at('one.json'), '1'],
      [at('die.tra'), '2'],
      ['builtin:taxi', '500'],
    ] as const) {
      const { status, stdout, stderr } = run(file, '--show', '1');
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout).toMatch(/^Howard's policy iteration: .* exact evaluation/);
      expect(stdout.split('\n')[3]).toMatch(new RegExp(`^${file} +${states} `));
    }
  });

  test('answers every criterion', () => {
    expect(run('builtin:cliffwalking', '--criterion', 'total').stdout).toMatch(
      /^stochastic shortest path: .*\n[\s\S]*state 0 +-14/,
    );
    expect(run('builtin:riverswim', '--criterion', 'average').stdout).toMatch(
      /average reward per step 0\.4/,
    );
    const reach = run('builtin:riverswim', '--criterion', 'reach', '--goal', '5', '--minimize');
    expect(reach.stdout).toMatch(/state 0 +0\.0000000 +0\.0000000 +0\.0000000\n/);
    expect(run('builtin:riverswim', '--criterion', 'average').stdout).toMatch(
      /average reward per step 0\.4\d+, between 0\.4\d+ and 0\.4\d+\n/,
    );
    const improper = run('builtin:riverswim', '--criterion', 'total');
    expect(improper.status).toBe(3);
    expect(improper.stdout).toMatch(/improper/);
  });

  test('bounds probabilities and totals as it is told, and shows and saves the bounds', () => {
    const optimistic = ['--method', 'optimistic_value_iteration', '--tolerance', '1e-9'];
    for (const [model, criterion, method, want] of [
      ['builtin:knuth_yao', 'reach', 'reachability by optimistic value iteration', 1 / 6],
      ['builtin:frozenlake4x4', 'total', 'expected reward by optimistic value iteration', 14 / 17],
    ] as const) {
      const goal = criterion === 'reach' ? ['--goal', '7'] : [];
      const out = ['--out', at('bounds.json')];
      const found = run(model, ...optimistic, '--criterion', criterion, ...goal, ...out);
      expect([found.status, found.stderr]).toEqual([0, '']);
      expect(found.stdout.startsWith(`${method}: `)).toBe(true);
      expect(found.stdout).toMatch(/\n +value +at least +at most/);
      const cells = found.stdout.match(/state 0 +(\S+) +(\S+) +(\S+)/);
      const [value, low, high] = cells!.slice(1).map(Number);
      expect(value).toBeCloseTo(want, 6);
      expect(low).toBeLessThanOrEqual(want);
      expect(high).toBeGreaterThanOrEqual(want);
      const saved = JSON.parse(readFileSync(at('bounds.json'), 'utf8'));
      expect(saved.lower[0]).toBeLessThanOrEqual(want);
      expect(saved.upper[0]).toBeGreaterThanOrEqual(want);
      expect(saved.upper[0] - saved.lower[0]).toBeLessThan(4e-9);
    }
    expect(run('builtin:taxi', ...optimistic).stderr).toMatch(
      /stop is 'optimistic_value_iteration'/,
    );
    const checkpoint = ['--checkpoint', at('reach.safetensors'), '--checkpoint-every', '0'];
    const grid = ['builtin:grid(20,20,0.3)', '--criterion', 'total', ...optimistic, ...checkpoint];
    expect(run(...grid, '--out', at('first.json')).status).toBe(0);
    expect(existsSync(at('reach.safetensors'))).toBe(true);
    expect(run(...grid, '--resume', '--out', at('second.json')).status).toBe(0);
    const read = (name: string) => readFileSync(at(name), 'utf8');
    expect(read('second.json')).toBe(read('first.json'));
  });

  test('saves .npy, .csv and .json, and draws boards', () => {
    const model = ['builtin:frozenlake8x8', '--method', 'value_iteration'];
    for (const name of ['v.npy', 'v.csv', 'v.json']) {
      expect(run(...model, '--out', at(name), '--map', at('v.svg')).status).toBe(0);
    }
    expect(readNpy(at('v.npy'))).toEqual(want.values.data);
    const lines = readFileSync(at('v.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('state,value,action');
    expect(lines[1]).toBe(`0,${want.values.data[0]},${want.policy.data[0]}`);
    expect(lines).toHaveLength(65);
    const saved = JSON.parse(readFileSync(at('v.json'), 'utf8'));
    expect(saved).toMatchObject({ converged: true, method: 'value iteration' });
    expect(saved.values).toEqual([...want.values.data]);
    expect(saved.lower).toEqual([...want.lower.data]);
    const svg = readFileSync(at('v.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*><style>/);
    expect(svg.match(/<rect/g)?.length).toBeGreaterThanOrEqual(64);
  });

  test('reads binary files of every kind, with horizons and a discount for each model', async () => {
    const river = Mdp.fromTables(problem('riverswim'));
    const files = {
      sparse: lake,
      dense: river.toDense(),
      deterministic: Mdp.fromTables(problem('grid(5,5)')).toDeterministic(),
      batch: Mdp.batch([river, river]),
      shared: river.withRewards([river.rewards, river.rewards]),
      timed: Mdp.timeDependent([river, river]),
    };
    for (const [kind, mdp] of Object.entries(files)) {
      await saveMdp(at(`${kind}.mdp`), mdp as AnyMdp);
      const { status, stdout, stderr } = run(at(`${kind}.mdp`), '--out', at(`${kind}.csv`));
      expect([kind, status, stderr]).toEqual([kind, 0, '']);
      expect(stdout).toContain(` ${kind} `);
    }
    const lines = (kind: string) =>
      readFileSync(at(`${kind}.csv`), 'utf8')
        .trim()
        .split('\n');
    const place = (line: string) => line.split(',').slice(0, 2).join();
    expect(lines('timed')).toHaveLength(1 + 3 * 6);
    expect(lines('timed')[0]).toBe('step,state,value,action');
    expect(lines('timed').at(-1)).toBe('2,5,0,');
    expect(lines('batch')[0]).toBe('model,state,value,action');
    expect(lines('batch')[7]).toBe(lines('batch')[1]?.replace('0,0,', '1,0,'));
    expect(lines('shared').map(place)).toEqual(lines('batch').map(place));
    const two = run(at('batch.mdp'), '--discount', '0.9,0.95', '--out', at('two.json'));
    expect(two.status).toBe(0);
    const { values } = JSON.parse(readFileSync(at('two.json'), 'utf8'));
    expect(values[6]).toBeCloseTo(4.66930016, 5);
    expect(values[0]).not.toBeCloseTo(values[6], 2);
    const steps = run('builtin:riverswim', '--horizon', '4', '--out', at('steps.json'));
    expect(steps.stdout).toMatch(/^backward induction: 4 steps/);
    expect(JSON.parse(readFileSync(at('steps.json'), 'utf8')).values).toHaveLength(5);
    expect(run(at('batch.mdp'), '--checkpoint', at('c')).stderr).toMatch(/checkpoint is given/);
  });

  test('ends with the documented exit codes', () => {
    expect(
      run('builtin:taxi', '--method', 'value_iteration', '--max-iterations', '3'),
    ).toMatchObject({
      status: 3,
      stderr: 'solve: the tolerance was not reached; the values are the last ones.\n',
    });
    expect(run(at('missing.json')).status).toBe(1);
    expect(run('builtin:taxi', '--out', 'values.txt').stderr).toMatch(/--out is values.txt/);
    expect(run('builtin:taxi', '--map', at('t.svg')).stderr).toMatch(/--map asks for a map/);
    expect(run('builtin:taxi', '--resume').stderr).toMatch(/--checkpoint is missing/);
    expect(run('builtin:garnet(9,2,2,1)', '--criterion', 'reach').status).toBe(1);
    expect(run('builtin:taxi', '--method', 'magic').status).toBe(64);
    expect(run('builtin:taxi', '--discount', 'x').status).toBe(64);
    expect(run('builtin:taxi', '--threads', '1', '--tolerance', '1e-9').status).toBe(0);
  });

  test.each(['SIGKILL', 'SIGINT'] as const)(
    'goes on after %s, to the same bits',
    async (signal) => {
      const file = at(`${signal}.safetensors`);
      const model = ['builtin:grid(250,250,0.2)', '--method', 'value_iteration'];
      const solve = [...model, '--discount', '0.9999', '--tolerance', '1e-6'];
      const checkpoint = ['--checkpoint', file, '--checkpoint-every', '0'];
      const child = spawn(process.execPath, [...command, ...solve, ...checkpoint]);
      const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
      while (!existsSync(file) && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill(signal);
      const code = await ended;
      expect(code).toBe(signal === 'SIGINT' ? 130 : null);
      const resumed = run(...solve, ...checkpoint, '--resume', '--out', at('resumed.json'));
      expect(resumed.status).toBe(0);
      expect(run(...solve, '--out', at('whole.json')).status).toBe(0);
      const read = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
      expect(read('resumed.json')).toEqual(read('whole.json'));
      const foreign = run('builtin:grid(250,251,0.2)', ...checkpoint, '--resume');
      expect(foreign.status).toBe(1);
      expect(foreign.stderr).toMatch(/belongs to another model/);
    },
  );
});
