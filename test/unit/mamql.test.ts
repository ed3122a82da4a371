/** Multi-agent inverse Q-learning: demonstrated policies and their rewards, for every agent. */
import { Mamql, mamql } from 'belfry/bellman';
import { describe, expect, test } from 'vitest';

import { BelfryError } from '../../src/errors.js';
import { randomSource } from '../../src/tools/random-arguments.js';

/** Ten rows of one state in which each agent takes its first action so often. */
function demonstrations(...firsts: number[]) {
  return {
    states: new Int32Array(10),
    nextStates: new Int32Array(10),
    actions: firsts.map((count, agent) =>
      // Agents act independently: the second's actions go round while the first's stand.
      Int32Array.from({ length: 10 }, (_, row) =>
        Number((agent === 0 ? row : (row * 3) % 10) >= count),
      ),
    ),
    terminated: new Uint8Array(10).fill(1),
  };
}

describe('Mamql', () => {
  test('finds the policies of both agents and the worth of their actions', () => {
    const agents = new Mamql({ numStates: 1, numActions: [2, 2], alpha: 1e6 });
    const batch = demonstrations(8, 3);
    const first = agents.step(batch);
    let last = first;
    for (let step = 0; step < 2000; step++) last = agents.step(batch);
    expect(agents.policy(0).data[0]).toBeCloseTo(0.8, 4);
    expect(agents.policy(1).data[0]).toBeCloseTo(0.3, 4);
    last.forEach((loss, agent) => {
      expect(loss).toBeLessThan(first[agent]!);
    });
    const [mine, theirs] = agents.rewards(batch);
    expect(mine![0]! - mine![9]!).toBeCloseTo(Math.log(4), 3);
    const taken = batch.actions[1]!.indexOf(0);
    const left = batch.actions[1]!.indexOf(1);
    expect(theirs![taken]! - theirs![left]!).toBeCloseTo(Math.log(3 / 7), 3);
  });

  test('imitates a soft-optimal agent over time', () => {
    // Two states; the agent's first action stays, its second goes to the other state.
    const [discount, reward] = [0.8, [0, 1]];
    const numStates = 2;
    // Soft optimal values of the one agent, by iteration.
    let v = [0, 0];
    const q = (s: number, a: number): number => reward[s]! + discount * v[a === 0 ? s : 1 - s]!;
    for (let i = 0; i < 400; i++)
      v = [0, 1].map((s) => Math.log(Math.exp(q(s, 0)) + Math.exp(q(s, 1))));
    const stay = [0, 1].map((s) => Math.exp(q(s, 0) - v[s]!));
    // Rows in proportion to the policy, 100 from each state; the other agent does nothing.
    const rows = [0, 1].flatMap((s) =>
      Array.from({ length: 100 }, (_, i) => ({ s, a: i < Math.round(100 * stay[s]!) ? 0 : 1 })),
    );
    const batch = {
      states: rows.map(({ s }) => s),
      nextStates: rows.map(({ s, a }) => (a === 0 ? s : 1 - s)),
      actions: [rows.map(({ a }) => a), rows.map(() => 0)],
    };
    const agents = new Mamql({
      numStates,
      numActions: [2, 1],
      discount,
      alpha: 1e3,
      learningRate: 1,
    });
    for (let step = 0; step < 1500; step++) agents.step(batch);
    const policy = agents.policy(0).data;
    expect(policy[0]).toBeCloseTo(Math.round(100 * stay[0]!) / 100, 2);
    expect(policy[2]).toBeCloseTo(Math.round(100 * stay[1]!) / 100, 2);
    expect([...agents.policy(1).data]).toEqual([1, 1]);
  });

  test('a step is that of the function, for three agents', () => {
    const random = randomSource(4);
    const numActions = [2, 3, 2];
    const agents = new Mamql({
      numStates: 3,
      numActions,
      learningRate: 0.3,
      discount: 0.7,
      rationality: 2,
    });
    const pick = (limit: number): number[] =>
      Array.from({ length: 5 }, () => Math.floor(limit * random()));
    const batch = {
      states: pick(3),
      nextStates: pick(3),
      actions: numActions.map(pick),
      terminated: [0, 1, 0, 0, 0],
      isExpert: [1, 1, 0, 1, 0],
    };
    agents.step(batch);
    agents.step(batch);
    const before = agents.critics[1]!.data.slice();
    const [first, third] = [agents.policy(0).data, agents.policy(2).data];
    const others = (states: number[]) => ({
      data: Float64Array.from(
        states.flatMap((s) =>
          [0, 1].flatMap((a) => [0, 1].map((c) => first[s * 2 + a]! * third[s * 2 + c]!)),
        ),
      ),
      shape: [5, 4],
    });
    const rowsOf = (states: number[]) => ({
      data: Float64Array.from(states.flatMap((s) => [...before.subarray(s * 12, s * 12 + 12)])),
      shape: [5, 3, 4],
    });
    const result = mamql({
      qJoint: rowsOf(batch.states),
      nextQJoint: rowsOf(batch.nextStates),
      otherPolicy: others(batch.states),
      nextOtherPolicy: others(batch.nextStates),
      actions: Int32Array.from(batch.actions[1]!),
      terminated: Uint8Array.from(batch.terminated),
      isExpert: Uint8Array.from(batch.isExpert),
      gamma: 0.7,
      rationality: 2,
    });
    expect(agents.rewards(batch)[1]).toEqual(result.rewards.data);
    const losses = agents.step(batch);
    expect(losses[1]).toBe(result.loss);
    const wanted = before.slice();
    for (let row = 0; row < 5; row++) {
      for (let i = 0; i < 12; i++) {
        wanted[batch.states[row]! * 12 + i]! -= 0.3 * result.gradQJoint.data[row * 12 + i]!;
        wanted[batch.nextStates[row]! * 12 + i]! -= 0.3 * result.gradNextQJoint.data[row * 12 + i]!;
      }
    }
    wanted.forEach((x, i) => {
      expect(agents.critics[1]!.data[i]).toBeCloseTo(x, 14);
    });
  });

  test('an empty batch changes nothing', () => {
    const agents = new Mamql({ numStates: 2, numActions: [2, 2] });
    expect(agents.step({ states: [], nextStates: [], actions: [[], []] })).toEqual([0, 0]);
    expect([...agents.policy(1).data]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  test('names what is wrong', () => {
    const agents = new Mamql({ numStates: 2, numActions: [2, 2] });
    const batch = { states: [0], nextStates: [1], actions: [[0], [1]] };
    const refused = (run: () => unknown, message: RegExp): void => {
      expect(run).toThrow(BelfryError);
      expect(run).toThrow(message);
    };
    refused(() => new Mamql({ numStates: 0, numActions: [2] }), /numStates is 0/);
    refused(() => new Mamql({ numStates: 1, numActions: [2, 0] }), /numActions\[1\] is 0/);
    refused(
      () => new Mamql({ numStates: 1, numActions: [2], gamma: 1 } as never),
      /gamma is not an option/,
    );
    refused(() => agents.step({ ...batch, states: [2] }), /states holds 2 at 0/);
    refused(
      () => agents.step({ ...batch, nextStates: [0, 1] }),
      /nextStates has 2 elements, expected 1/,
    );
    refused(() => agents.step({ ...batch, actions: [[0]] }), /actions has 1 agents, expected 2/);
    refused(() => agents.step({ ...batch, actions: [[0], [2]] }), /actions.* 2/);
    refused(() => agents.step({ ...batch, terminated: [1, 1] }), /terminated has 2/);
    refused(() => agents.policy(2), /agent is 2, expected one of 2/);
    refused(
      () =>
        new Mamql({ numStates: 2, numActions: [2], discount: 2 }).step({
          ...batch,
          actions: [[0]],
        }),
      /gamma/,
    );
  });
});
