/** A backup of every kind of MDP is the definition, in either precision, before and after a file. */

import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  type BackupMdp,
  BackwardInduction,
  bellmanBackup,
  encodeMdp,
  Mdp,
  readMdp,
} from '../../src/bellman/index.js';
import { randomSource } from '../../src/tools/random-arguments.js';

/** Rows with successors given twice, missing mass, none at all; some actions forbidden. */
function randomMdp(seed: number): Mdp<Float64Array> {
  const random = randomSource(seed);
  const numStates = 1 + Math.floor(random() * 6);
  const numActions = 1 + Math.floor(random() * 3);
  const numRows = numStates * numActions;
  const rowPtr = new Int32Array(numRows + 1);
  const col: number[] = [];
  const prob: number[] = [];
  for (let row = 0; row < numRows; row++) {
    const count = Math.floor(random() * 4);
    const mass = random() < 0.5 ? 1 : random();
    for (let k = 0; k < count; k++) {
      col.push(Math.floor(random() * numStates));
      prob.push(mass / count);
    }
    rowPtr[row + 1] = col.length;
  }
  return new Mdp({
    numStates,
    numActions,
    rowPtr,
    col: Int32Array.from(col),
    prob: Float64Array.from(prob),
    rewards: Float64Array.from({ length: numRows }, () => 2 * random() - 1),
    ...(random() < 0.5 && {
      actionMask: Uint8Array.from({ length: numRows }, () => (random() < 0.7 ? 1 : 0)),
    }),
  });
}

function defined(mdp: Mdp<Float64Array>, values: Float64Array, discount: number): number[] {
  return Array.from({ length: mdp.numStates }, (_, state) => {
    const q: number[] = [];
    for (let action = 0; action < mdp.numActions; action++) {
      const row = state * mdp.numActions + action;
      if (mdp.actionMask?.[row] === 0) continue;
      let sum = 0;
      for (let e = mdp.rowPtr[row] as number; e < (mdp.rowPtr[row + 1] as number); e++) {
        sum += (mdp.prob[e] as number) * (values[mdp.col[e] as number] as number);
      }
      q.push((mdp.rewards[row] as number) + discount * sum);
    }
    return q.length === 0 ? 0 : Math.max(...q);
  });
}

function expectClose(got: ArrayLike<number>, want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  want.forEach((x, i) => {
    expect(Math.abs((got[i] as number) - x)).toBeLessThan(tolerance);
  });
}

test('one backup', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const mdp = randomMdp(seed);
      const values = Float64Array.from({ length: mdp.numStates }, (_, s) => Math.sin(seed + s));
      const want = defined(mdp, values, 0.9);
      const kinds = [mdp, mdp.toDense(), Mdp.batch([mdp]), mdp.withRewards(mdp.rewards)];
      for (const model of kinds as BackupMdp<Float64Array>[]) {
        const wide = bellmanBackup(model, { values, discount: 0.9 });
        expectClose(wide.values.data, want, 1e-12);
        const narrow = bellmanBackup(model.toFloat32(), {
          values: Float32Array.from(values),
          discount: 0.9,
        });
        expectClose(narrow.values.data, want, 1e-5);
        const again = readMdp(encodeMdp(model)) as BackupMdp<Float64Array>;
        expect(bellmanBackup(again, { values, discount: 0.9 }).values.data).toEqual(
          wide.values.data,
        );
      }
    }),
    { numRuns: 200 },
  );
});

test('two steps, one after the other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const mdp = randomMdp(seed);
      const last = Float64Array.from(mdp.rewards, (reward) => -2 * reward);
      const timed = Mdp.timeDependent([mdp, new Mdp({ ...mdp.tables(), rewards: last })]);
      const terminalValues = new Float64Array(mdp.numStates).fill(1);
      const late = defined(timed.steps[1]?.toSparse() as typeof mdp, terminalValues, 0.9);
      const early = defined(mdp, Float64Array.from(late), 0.9);
      const { values } = new BackwardInduction(timed, {
        discount: 0.9,
        terminalValues,
      }).solveSync();
      expectClose(values.data, [...early, ...late, ...terminalValues], 1e-12);
    }),
    { numRuns: 100 },
  );
});
