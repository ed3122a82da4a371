/** One step of every control task, from its published equations. */
import {
  type ControlTaskName,
  controlSpecs,
  controlTaskNames,
} from '../../../src/offline/index.js';
import { referenceSteps } from '../../unit/lib/control-reference.js';
import { flags, integers, type Reference, type ReferenceCase, reals } from '../golden.js';
import { generator, rowsOf } from '../lib/arrays.js';

/** States a step before the goal. */
const nearGoals: Partial<Record<ControlTaskName, number[]>> = {
  mountain_car: [0.49, 0.05],
  mountain_car_continuous: [0.44, 0.05],
  acrobot: [3, 0.1, 0, 0],
  car_on_the_hill: [0.9, 2],
  multi_goal: [4.5, 0.2],
};

/** States of episodes and some beyond them, the first near the goal. */
function goldenCase(task: ControlTaskName, seed: number, scale: number): ReferenceCase {
  const { stateSize, observationSize, actionSize, numActions, actionLimit } = controlSpecs[task];
  const { fill, below } = generator(seed);
  const count = 5;
  const states = fill([count, stateSize], -scale, scale);
  states.data.splice(0, stateSize, ...(nearGoals[task] ?? states.data.slice(0, stateSize)));
  const limit = 1.5 * actionLimit;
  const real = fill([count, Math.max(1, actionSize)], -limit, limit);
  const picked = below(count, numActions);
  const factor = actionSize === 0 ? 1 : 0.8;
  const actions = actionSize === 0 ? picked.map((a) => [a]) : rowsOf(real);
  const rows = rowsOf(states).map((state, row) =>
    referenceSteps[task](
      state,
      (actions[row] as number[]).map((a) => factor * a),
    ),
  );
  return {
    name: `${task}, states up to ${scale}`,
    inputs: {
      states: reals(states.shape, states.data),
      actions: actionSize === 0 ? integers([count], picked) : reals(real.shape, real.data),
    },
    params: actionSize === 0 ? { task } : { task, action_scale: factor },
    expected: {
      next_states: reals(
        states.shape,
        rows.flatMap(({ state }) => state),
      ),
      observations: reals(
        [count, observationSize],
        rows.flatMap(({ observation }) => observation),
      ),
      rewards: reals(
        [count],
        rows.map(({ reward }) => reward),
      ),
      terminated: flags(
        [count],
        rows.map(({ terminated }) => Number(terminated)),
      ),
    },
    atol: 1e-11,
    rtol: 1e-11,
  };
}

export const reference: Reference = {
  family: 'offline',
  op: 'control_step',
  cases: controlTaskNames.flatMap((task, i) => [
    goldenCase(task, 2 * i + 1, 0.06),
    goldenCase(task, 2 * i + 2, 2),
  ]),
};
