/** Batch reinforcement learning with trees: a puck on a line, from random play alone. */
import { Tensor } from 'belfry';
import { FittedQ, TransitionDataset, TreeRegressor } from 'belfry/fitted-q';

import { seeded } from './lib/random.js';

// State: place and speed. Actions: push left, push right. Reaching place 1 pays 1 and ends; −1 costs 1.
const push = [-0.05, 0.05] as const;

function move(place: number, speed: number, action: number) {
  const faster = 0.95 * speed + (push[action] as number);
  const next = place + faster;
  const reward = next >= 1 ? 1 : next <= -1 ? -1 : 0;
  return { place: next, speed: faster, reward, ends: reward !== 0 };
}

const data = new TransitionDataset({ stateSize: 2, numActions: 2, capacity: 4000 });
const random = seeded(1);
while (data.length < 3500) {
  let [place, speed] = [1.6 * random() - 0.8, 0.4 * random() - 0.2];
  for (let t = 0; t < 25 && data.length < 4000; t++) {
    const action = random() < 0.5 ? 0 : 1;
    const after = move(place, speed, action);
    data.append({
      states: [place, speed],
      actions: [action],
      rewards: [after.reward],
      nextStates: [after.place, after.speed],
      terminated: [after.ends ? 1 : 0],
    });
    if (after.ends) break;
    ({ place, speed } = after);
  }
}

const fqi = new FittedQ({
  discount: 0.95,
  iterations: 20,
  regressor: (i) => new TreeRegressor({ numTrees: 25, minRows: 3, seed: i }),
});
const { changes } = await fqi.fit(data);

interface Outcome {
  reward: number;
  steps: number;
}

/** Return of the greedy policy from a state, and the steps it took. */
function play(place: number, speed: number): Outcome {
  let state = { place, speed };
  for (let steps = 1; steps <= 100; steps++) {
    const row = new Tensor(Float32Array.of(state.place, state.speed), [1, 2]);
    const after = move(state.place, state.speed, fqi.act(row)[0] as number);
    if (after.ends) return { reward: after.reward, steps };
    state = after;
  }
  return { reward: 0, steps: 100 };
}

/** From the middle, and from the left with a speed that leads out unless it is stopped. */
export const fromMiddle: Outcome = play(0, 0);
export const fromLeft: Outcome = play(-0.5, -0.1);
export const lastChange = changes.at(-1) as number;
console.log(`${data.length} transitions of random play, ${changes.length} regressions`);
console.log(`from the middle: return ${fromMiddle.reward} in ${fromMiddle.steps} steps`);
console.log(`from the left, rolling out: return ${fromLeft.reward} in ${fromLeft.steps} steps`);
