/** SQIRL plans a corridor step by step from random play, without knowing its model. */
import { batchSimulator, LinearRegressor, Sqirl } from 'belfry/fitted-q';

import { seeded } from './lib/random.js';

// Eight rooms in a row; the last one pays 1 for every step spent in it. Doors jam one time in ten.
const numRooms = 8;
const horizon = 12;
const episodes = 300;
const random = seeded(3);
const oneHot = (room: number): number[] =>
  Array.from({ length: numRooms }, (_, i) => (i === room ? 1 : 0));

const corridor = batchSimulator(() => {
  let room = 0;
  return {
    observationSize: numRooms,
    numActions: 2,
    reset: () => {
      room = 0;
      return oneHot(room);
    },
    step: (action) => {
      const moved = room + (action === 1 ? 1 : -1);
      if (random() >= 0.1) room = Math.min(numRooms - 1, Math.max(0, moved));
      return {
        observation: oneHot(room),
        reward: room === numRooms - 1 ? 1 : 0,
        terminated: false,
      };
    },
  };
}, episodes);

const planner = new Sqirl({
  horizon,
  depth: 3,
  episodesPerTimestep: episodes,
  sequential: true,
  regressor: () => new LinearRegressor({ ridge: 1e-3 }),
});
const { returns, steps } = await planner.train(corridor);

/** Mean return of the planned policy, and of playing at random. */
export const planned: number = meanReturn();
export const atRandom = returns[0] as number;
console.log(`${steps} steps of play; returns while planning: ${returns.map((r) => r.toFixed(2))}`);
console.log(`random play ${atRandom.toFixed(2)}, planned ${planned.toFixed(2)}`);

/** All episodes are played together. */
function meanReturn(): number {
  let states = corridor.reset();
  let total = 0;
  for (let t = 0; t < horizon; t++) {
    const after = corridor.step(planner.act(t, states));
    total += Array.from(after.rewards).reduce((sum, reward) => sum + reward, 0);
    states = after.observations;
  }
  return total / episodes;
}
