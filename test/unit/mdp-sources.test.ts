/** MDPs from a transition function, and in a file. */
import { describe, expect, test } from 'vitest';

import {
  decodeMdp,
  encodeMdp,
  enumerateMdp,
  frozenLake,
  Mdp,
  ValueIteration,
} from '../../src/bellman/index.js';
import { BelfryError } from '../../src/errors.js';
import { writeSafetensors } from '../../src/safetensors.js';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof BelfryError) return error.code;
    throw error;
  }
  return 'no error';
}

/** Gambler's problem (Sutton & Barto, example 4.3) up to a goal; staking action + 1. */
function gambler(goal: number, heads: number) {
  return enumerateMdp<{ capital: number }>({
    start: [{ capital: 3 }],
    numActions: goal - 1,
    outcomes: ({ capital }, action) => {
      const stake = action + 1;
      if (stake > Math.min(capital, goal - capital)) return undefined;
      const won = capital + stake;
      const lost = capital - stake;
      return [
        won === goal
          ? { probability: heads, reward: 1 }
          : { probability: heads, next: { capital: won } },
        lost === 0
          ? { probability: 1 - heads }
          : { probability: 1 - heads, next: { capital: lost } },
      ];
    },
  });
}

describe('enumerateMdp', () => {
  test('finds what can be reached, in the order in which it is met', () => {
    const { mdp, states, indexOf } = gambler(8, 0.4);
    expect(states.map(({ capital }) => capital)).toEqual([3, 4, 2, 5, 1, 6, 7]);
    expect(mdp.numStates).toBe(7);
    expect(mdp.canEnd).toBe(true);
    expect(indexOf({ capital: 5 })).toBe(3);
    expect(indexOf({ capital: 8 })).toBeUndefined();
  });

  test('gives the probability of winning by bold play', () => {
    const { mdp, indexOf } = gambler(8, 0.4);
    const { values } = new ValueIteration(mdp, { discount: 1, tolerance: 1e-12 }).solveSync();
    const win = (capital: number): number => values.data[indexOf({ capital }) as number] as number;
    // Bold play: f(x) = 0.4 f(2x) below one half, 0.4 + 0.6 f(2x − 1) above.
    expect(win(4)).toBeCloseTo(0.4, 9);
    expect(win(2)).toBeCloseTo(0.16, 9);
    expect(win(6)).toBeCloseTo(0.64, 9);
    expect(win(3)).toBeCloseTo(0.256, 9);
  });

  test('names the state and the action of a bad outcome, and stops at maxStates', () => {
    const endless = { start: [0], numActions: 1, maxStates: 100 };
    expect(
      codeOf(() =>
        enumerateMdp<number>({ ...endless, outcomes: (n) => [{ probability: 1, next: n + 1 }] }),
      ),
    ).toBe('BELFRY_OUT_OF_MEMORY');
    for (const probability of [-0.1, 1.5, Number.NaN]) {
      expect(() =>
        enumerateMdp<number>({ ...endless, outcomes: () => [{ probability, next: 0 }] }),
      ).toThrow(/for action 0 in 0/);
    }
    const twice = [
      { probability: 0.7, next: 0 },
      { probability: 0.7, next: 0 },
    ];
    expect(codeOf(() => enumerateMdp<number>({ ...endless, outcomes: () => twice }))).toBe(
      'BELFRY_BAD_VALUE',
    );
  });

  test('no state, no rows', () => {
    const { mdp } = enumerateMdp<number>({ start: [], numActions: 3, outcomes: () => [] });
    expect([mdp.numStates, mdp.numTransitions]).toEqual([0, 0]);
  });
});

describe('encodeMdp, decodeMdp', () => {
  test('bring back every table, in either precision', () => {
    const lake = Mdp.fromTables(frozenLake({ map: '4x4' }));
    const { mdp } = gambler(8, 0.4);
    for (const one of [lake, lake.toFloat32(), mdp]) {
      expect(decodeMdp(encodeMdp<Float32Array | Float64Array>(one)).tables()).toEqual(one.tables());
    }
  });

  test('refuse another file, a cut one, and a model that is none', () => {
    const bytes = encodeMdp(Mdp.fromTables(frozenLake({ map: '4x4' })));
    expect(codeOf(() => decodeMdp(bytes.subarray(0, bytes.length - 8)))).toBe('BELFRY_BAD_FILE');
    expect(
      codeOf(() => decodeMdp(writeSafetensors({ x: { data: new Float32Array(1), shape: [1] } }))),
    ).toBe('BELFRY_BAD_FILE');
    const wrong = writeSafetensors(
      {
        row_ptr: { data: Int32Array.of(0, 1), shape: [2] },
        col: { data: Int32Array.of(7), shape: [1] },
        prob: { data: Float64Array.of(1), shape: [1] },
        rewards: { data: Float64Array.of(0), shape: [1, 1] },
      },
      { format: 'belfry-mdp-1' },
    );
    expect(codeOf(() => decodeMdp(wrong))).toBe('BELFRY_BAD_VALUE');
  });
});
