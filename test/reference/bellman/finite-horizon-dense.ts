/** Backward induction over a time-dependent dense model with masked actions, a state at a time. */
import { flags, integers, type Reference, type ReferenceCase, reals } from '../golden.js';
import { generator } from '../lib/arrays.js';

interface Model {
  horizon: number;
  states: number;
  actions: number;
  prob: number[];
  rewards: number[];
  allowed: number[];
  terminal: number[];
}

function randomModel(seed: number, horizon: number, states: number, actions: number): Model {
  const { fill, flagsOf, below } = generator(seed);
  const rows = horizon * states * actions;
  const prob = Array(rows * states).fill(0);
  for (let row = 0; row < rows; row++) {
    for (const to of below(32, states)) prob[row * states + to] += 1 / 32;
  }
  const allowed = flagsOf(rows, 0.6);
  // One state of the first step has nothing to do.
  allowed.fill(0, actions, 2 * actions);
  const rewards = fill([rows], -1, 1).data;
  return { horizon, states, actions, prob, rewards, allowed, terminal: fill([states], -1, 1).data };
}

/** V, action and Q of one state: the first best of those allowed; without any, 0 and −1. */
function choose(q: number[], allowed: number[], mode: 'max' | 'min') {
  const worst = mode === 'max' ? -Infinity : Infinity;
  const open = q.map((x, a) => (allowed[a] === 1 ? x : worst));
  if (!allowed.includes(1)) return { value: 0, action: -1, q: open };
  const value = mode === 'max' ? Math.max(...open) : Math.min(...open);
  return { value, action: open.indexOf(value), q: open };
}

function induction(model: Model, gamma: number, mode: 'max' | 'min') {
  const { horizon, states, actions } = model;
  const values: number[][] = [model.terminal];
  const policy: number[][] = [];
  const qValues: number[][] = [];
  for (let t = horizon - 1; t >= 0; t--) {
    const next = values[0] as number[];
    const chosen = Array.from({ length: states }, (_, s) => {
      const rows = Array.from({ length: actions }, (_, a) => (t * states + s) * actions + a);
      const q = rows.map((row) =>
        next.reduce(
          (sum, v, to) => sum + gamma * (model.prob[row * states + to] as number) * v,
          model.rewards[row] as number,
        ),
      );
      return choose(
        q,
        rows.map((row) => model.allowed[row] as number),
        mode,
      );
    });
    qValues.unshift(chosen.flatMap(({ q }) => q));
    values.unshift(chosen.map(({ value }) => value));
    policy.unshift(chosen.map(({ action }) => action));
  }
  return { values: values.flat(), policy: policy.flat(), qValues: qValues.flat() };
}

function goldenCase(name: string, model: Model, gamma: number, mode: 'max' | 'min'): ReferenceCase {
  const { horizon, states, actions } = model;
  const { values, policy, qValues } = induction(model, gamma, mode);
  return {
    name,
    inputs: {
      prob_t: reals([horizon, states, actions, states], model.prob),
      rewards_t: reals([horizon, states, actions], model.rewards),
      action_mask_t: flags([horizon, states, actions], model.allowed),
      terminal_values: reals([states], model.terminal),
    },
    params: { gamma, horizon, mode },
    expected: {
      values: reals([horizon + 1, states], values),
      q_values: reals([horizon, states, actions], qValues),
      policy: integers([horizon, states], policy),
    },
    atol: 1e-12,
    rtol: 1e-12,
  };
}

export const reference: Reference = {
  folder: 'forms/bellman',
  family: 'bellman',
  op: 'finite_horizon',
  cases: [
    goldenCase('masked actions, 4 steps', randomModel(1, 4, 3, 2), 0.9, 'max'),
    goldenCase('masked actions, costs', randomModel(2, 3, 4, 3), 1, 'min'),
    goldenCase('more states than a warp has lanes', randomModel(3, 2, 33, 2), 0.95, 'max'),
  ],
};
