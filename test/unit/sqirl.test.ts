/** Planners that only play: SQIRL and GORP on small environments whose values are known. */
import { fittedQ } from 'belfry';
import { describe, expect, test } from 'vitest';

import { corridors, numStates, oneHot } from './lib/chain.js';

const { batchSimulator, Gorp, LinearRegressor, Sqirl } = fittedQ;
type Simulator = ReturnType<typeof batchSimulator>;

/** Fewer environments than episodes, and not a divisor of their number. */
const count = 64;
const corridor = (): Simulator => corridors(count);

/** Five states, three actions: every depth up to 3 acts better than the one before, by 0.25. */
const horizon = 4;
const tableStates = 5;
const nextOf = (s: number, a: number): number => Number('124113021240422'[3 * s + a]);
const rewardOf = (s: number, a: number): number => Number('121114200223400'[3 * s + a]) / 4;

/** States are one-hot in state and time: what a linear function needs to be exact. */
const timed = (state: number, t: number): number[] => oneHot(t * tableStates + state, 25);
const table = (): Simulator =>
  batchSimulator(() => {
    let [state, t] = [0, 0];
    return {
      observationSize: 25,
      numActions: 3,
      reset: () => {
        [state, t] = [0, 0];
        return timed(state, t);
      },
      step: (action) => {
        const reward = rewardOf(state, action);
        [state, t] = [nextOf(state, action), t + 1];
        return { observation: timed(state, t), reward, terminated: false };
      },
    };
  }, count);

/** Best return of the table by trying all action sequences. */
function bruteForce(): number {
  let best = 0;
  for (let sequence = 0; sequence < 3 ** horizon; sequence++) {
    best = Math.max(
      best,
      returnOf((t) => Math.floor(sequence / 3 ** t) % 3),
    );
  }
  return best;
}
function returnOf(actionAt: (t: number, state: number) => number): number {
  let [state, total] = [0, 0];
  for (let t = 0; t < horizon; t++) {
    const action = actionAt(t, state);
    total += rewardOf(state, action);
    state = nextOf(state, action);
  }
  return total;
}

/** Returns of acting greedily by Q_k with infinitely many episodes. */
function limits(kMax: number): number[] {
  const pairs = Array.from(
    { length: tableStates * 3 },
    (_, i) => [Math.floor(i / 3), i % 3] as const,
  );
  const { greedyReturn } = fittedQ.sqirl<Float64Array>({
    op: 'k_qvi',
    rowPtr: Int32Array.from({ length: 16 }, (_, i) => i),
    col: Int32Array.from(pairs.map(([s, a]) => nextOf(s, a))),
    prob: new Float64Array(15).fill(1),
    rewards: { data: Float64Array.from(pairs.map(([s, a]) => rewardOf(s, a))), shape: [5, 3] },
    horizon,
    kMax,
  });
  return [...greedyReturn.data];
}

describe('Sqirl', () => {
  const sequential = {
    sequential: true,
    regressor: () => new LinearRegressor({ ridge: 1e-6 }),
  } as const;
  const joint = { network: { hidden: [], learningRate: 0.02, epochs: 30, batchSize: 64 } };
  /** Every return of the table is an atom. */
  const atoms = { count: 17, vMin: 0, vMax: 4 };
  const planned = (planner: InstanceType<typeof Sqirl>): number =>
    returnOf((t, state) => planner.act(t, timed(state, t))[0] as number);

  test.each([
    ['one after the other', sequential],
    ['all depths at once', joint],
    ['with scaled Huber losses', { network: { ...joint.network, scaleLosses: true, huber: true } }],
    ['by the newest episodes', { network: { ...joint.network, replayPriorityFactor: 0 } }],
    ['as distributions', { network: { ...joint.network, learningRate: 0.1, atoms } }],
    [
      'as distributions with scaled losses',
      { network: { ...joint.network, learningRate: 0.1, atoms, scaleLosses: true } },
    ],
  ])('depths trained %s reach the returns of infinite data', async (_, how) => {
    const expected = limits(3);
    expect(expected).toEqual([2.5, 2.75, 3.25]);
    for (const depth of [1, 3]) {
      const planner = new Sqirl({ horizon, depth, episodesPerTimestep: 300, seed: 4, ...how });
      const { returns } = await planner.train(table());
      expect(returns.length).toBe(horizon);
      expect(planned(planner)).toBeCloseTo(expected[depth - 1] as number, 5);
    }
  });

  test('an episode that ends early ends the plan', async () => {
    const planner = new Sqirl({ horizon: 9, depth: 3, episodesPerTimestep: 300, ...sequential });
    const { returns, steps } = await planner.train(corridor());
    expect(planner.planned).toBe(numStates - 1);
    expect(returns.at(-1)).toBeGreaterThan(returns[0] as number);
    expect(steps).toBeGreaterThan(300 * 5);
    expect([...planner.act(0, oneHot(0))]).toEqual([1]);
    expect([...planner.act(8, [...oneHot(0), ...oneHot(1)])]).toEqual([0, 0]);
  });

  test.each([sequential, joint, { network: { ...joint.network, atoms } }])(
    'a stop and a checkpoint go on to the same bits',
    async (how) => {
      const make = () => new Sqirl({ horizon, depth: 2, episodesPerTimestep: 30, seed: 2, ...how });
      const whole = make();
      const report = await whole.train(table());
      const first = make();
      const stop = new AbortController();
      const onProgress = ({ iteration }: { iteration: number }): void => {
        if (iteration === 2) stop.abort(new Error('enough'));
      };
      await expect(first.train(table(), { signal: stop.signal, onProgress })).rejects.toThrow(
        'enough',
      );
      expect(first.planned).toBe(2);
      const second = make();
      second.resume(structuredClone(first.checkpoint()));
      expect(await second.train(table())).toEqual(report);
      expect(second.checkpoint()).toEqual(whole.checkpoint());
    },
  );

  test('a training that diverges is an error; what was planned before stays', async () => {
    const network = { hidden: [], rewardScale: 1e30, batchSize: 8, maxGradNorm: null };
    const planner = new Sqirl({ horizon, episodesPerTimestep: 8, network });
    await expect(planner.train(table())).rejects.toThrow(/timestep 0 diverges/);
    expect(planner.planned).toBe(0);
  });

  test('options are checked', async () => {
    expect(() => new Sqirl({ horizon: 0 })).toThrow(/horizon is 0/);
    expect(() => new Sqirl({ horizon: 1, network: { batchSize: 0 } })).toThrow(/batchSize is 0/);
    const withAtoms = (network: object): (() => unknown) => {
      return () => new Sqirl({ horizon: 1, network: network as never });
    };
    expect(withAtoms({ atoms: { vMin: 1, vMax: 1 } })).toThrow(
      /Sqirl.network.atoms: vMax is 1, expected a finite number above vMin = 1/,
    );
    expect(withAtoms({ atoms: { vMax: 1 } })).toThrow(/vMin is NaN/);
    expect(withAtoms({ atoms: { ...atoms, count: 1 } })).toThrow(/count is 1, expected at least 2/);
    expect(withAtoms({ atoms: { ...atoms, num: 5 } })).toThrow(/num is not an option/);
    expect(withAtoms({ atoms, huber: true })).toThrow(/huber is true, expected false with atoms/);
    const both = { horizon: 1, regressor: () => new LinearRegressor() } as never;
    expect(() => new Sqirl(both)).toThrow(/regressor is not an option/);
    const bare = { horizon: 1, sequential: true } as never;
    expect(() => new Sqirl(bare)).toThrow(/regressor is missing, expected with sequential/);
    const short = { ...table(), reset: () => [1] };
    await expect(new Sqirl({ horizon: 1 }).train(short)).rejects.toThrow(
      /observations of simulator.reset has length 1, expected 1600/,
    );
    const none = { ...table(), count: 0 };
    await expect(new Sqirl({ horizon: 1 }).train(none)).rejects.toThrow(
      /count of the simulator is 0/,
    );
  });
});

describe('Gorp', () => {
  test('with depth = horizon it is an exhaustive search', async () => {
    const planner = new Gorp({ horizon, depth: horizon });
    const { actions, returns, steps } = await planner.train(table());
    expect(returnOf((t) => actions[t] as number)).toBeCloseTo(bruteForce(), 12);
    expect(returns[0]).toBeCloseTo(bruteForce(), 6);
    expect(steps).toBe(3 ** horizon * horizon * horizon);
    expect(planner.act(2)).toBe(actions[2]);
  });

  test('many episodes come to the limit of every depth', async () => {
    const expected = limits(3);
    for (const depth of [1, 2, 3]) {
      const planner = new Gorp({ horizon, depth, episodesPerSequence: 200, seed: 1 });
      const { actions } = await planner.train(table());
      expect(returnOf((t) => actions[t] as number)).toBeCloseTo(expected[depth - 1] as number, 10);
    }
  });

  test('the same seed makes the same plan; an early end ends it', async () => {
    const options = { horizon: 12, depth: 2, episodesPerSequence: 20, discount: 0.9, seed: 6 };
    const report = await new Gorp(options).train(corridor());
    expect(report).toEqual(await new Gorp(options).train(corridor()));
    expect(report.actions).toEqual([1, 1, 1, 1, 1]);
  });

  test('a checkpoint goes on to the same plan', async () => {
    const make = () => new Gorp({ horizon, depth: 1, episodesPerSequence: 9, seed: 3 });
    const whole = await make().train(table());
    const first = make();
    const stop = new AbortController();
    const onProgress = ({ iteration }: { iteration: number }): void => {
      if (iteration === 2) stop.abort(new Error('enough'));
    };
    await expect(first.train(table(), { signal: stop.signal, onProgress })).rejects.toThrow(
      'enough',
    );
    const second = make();
    second.resume(structuredClone(first.checkpoint()));
    expect(second.planned).toBe(2);
    expect(await second.train(table())).toEqual(whole);
  });

  test('too many sequences and chance are refused', async () => {
    const deep = new Gorp({ horizon: 20, depth: 11 });
    await expect(deep.train(table())).rejects.toThrow(
      /depth is 11, which makes 3\^11 = 177147 action sequences, expected at most maxSequences = 65536/,
    );
    let calls = 0;
    const chance = batchSimulator(
      () => ({
        observationSize: 1,
        numActions: 2,
        reset: () => [0],
        step: () => ({ observation: [calls++], reward: 0, terminated: false }),
      }),
      count,
    );
    await expect(new Gorp({ horizon: 3 }).train(chance)).rejects.toThrow(/a deterministic one/);
    expect(() => new Gorp({ horizon: 1, depth: 0 })).toThrow(/depth is 0/);
  });
});
