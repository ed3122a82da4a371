/** A chain whose values are known: 0 = left, 1 = right; its right end pays 1 and ends the episode. */
import { fittedQ } from 'belfry';

export const numStates = 6;
export const discount = 0.9;

export function walk(
  state: number,
  action: number,
): { next: number; reward: number; ends: boolean } {
  const next = Math.max(0, state + (action === 1 ? 1 : -1));
  const ends = next === numStates - 1;
  return { next, reward: ends ? 1 : 0, ends };
}

export const oneHot = (state: number, size: number = numStates): number[] => {
  const row = new Array<number>(size).fill(0);
  row[state] = 1;
  return row;
};

/** `count` environments of the chain, whose episodes begin at its left end. */
export const corridors = (count: number): ReturnType<typeof fittedQ.batchSimulator> =>
  fittedQ.batchSimulator(() => {
    let state = 0;
    return {
      observationSize: numStates,
      numActions: 2,
      reset: () => {
        state = 0;
        return oneHot(state);
      },
      step: (action) => {
        const { next, reward, ends } = walk(state, action);
        state = next;
        return { observation: oneHot(next), reward, terminated: ends };
      },
    };
  }, count);

/** Every transition of the chain, and room for `spare` more. */
export function chain(spare: number = 0): InstanceType<typeof fittedQ.TransitionDataset> {
  const capacity = 10 + spare;
  const data = new fittedQ.TransitionDataset({ stateSize: numStates, numActions: 2, capacity });
  for (let state = 0; state < numStates - 1; state++) {
    for (const action of [0, 1]) {
      const { next, reward, ends } = walk(state, action);
      data.append({
        states: oneHot(state),
        actions: [action],
        rewards: [reward],
        nextStates: oneHot(next),
        terminated: [ends ? 1 : 0],
      });
    }
  }
  return data;
}

/** Q* of the chain: γ to the power of the moves still to make. */
export function optimalQ(state: number, action: number): number {
  const { next, ends } = walk(state, action);
  return ends ? 1 : discount ** (numStates - 1 - next);
}
