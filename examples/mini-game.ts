/**
 * A mini-game with a composite action (arXiv 1708.04782): select the unit, then send it to the
 * beacon. Function and target are separate heads; a move is available only once the unit is
 * selected, and waiting takes no target. Actor-critic with n-step advantages.
 */
import { factoredPolicyLogprob } from 'belfry/bellman';
import { gaeEnv, policyLoss } from 'belfry/token';

import { draw, integer, seeded } from './lib/random.js';

const cells = 25;
const wait = 0;
const select = 1;
const move = 2;
const games = 32;
const steps = 4;
const updates = 2000;
const rows = games * steps;
const width = 3 + cells;
const random = seeded(26);

interface Game {
  unit: number;
  beacon: number;
  selected: 0 | 1;
  left: number;
}
function newGame(): Game {
  const unit = integer(random, cells);
  return {
    unit,
    beacon: (unit + 1 + integer(random, cells - 1)) % cells,
    selected: 0,
    left: steps,
  };
}

// Weights for both states of the selection: a logit per function, one for the unit's cell and one
// for the beacon's (the same on every cell, as a convolution would have it), and a state value.
const weights = new Float64Array(2 * 5);
const values = new Float64Array(2);
const availableIn = (selected: number): number[] => [1, 1, selected];

function logitsOf({ unit, beacon, selected }: Game): Float64Array {
  const w = weights.subarray(5 * selected, 5 * selected + 5);
  const logits = new Float64Array(width);
  logits.set(w.subarray(0, 3));
  logits[3 + unit]! += w[3]!;
  logits[3 + beacon]! += w[4]!;
  return logits;
}

function softmax(logits: Float64Array, allowed?: number[]): Float64Array {
  const weighed = logits.map((x, i) => (allowed?.[i] === 0 ? 0 : Math.exp(x)));
  const total = weighed.reduce((sum, x) => sum + x, 0);
  return weighed.map((x) => x / total);
}

/** Plays the action; tells the reward, and whether the game is over. */
function play(game: Game, action: number, target: number): { reward: number; over: boolean } {
  game.left -= 1;
  if (action === select) game.selected = target === game.unit ? 1 : 0;
  if (action === move) game.unit = target;
  const reached = game.unit === game.beacon;
  return { reward: reached ? 1 : 0, over: reached || game.left === 0 };
}

const successes: number[] = [];
let running = Array.from({ length: games }, newGame);
for (let update = 0; update < updates; update++) {
  const seen: Game[] = [];
  const logits = new Float64Array(rows * width);
  const actions = new Int32Array(rows * 2);
  const rewards = new Float64Array(rows);
  const terminated = new Uint8Array(rows);
  const nextValues = new Float64Array(rows);
  let finished = 0;
  let won = 0;
  for (let t = 0; t < steps; t++) {
    running = running.map((game, b) => {
      const row = t * games + b;
      seen.push({ ...game });
      const l = logitsOf(game);
      logits.set(l, row * width);
      const action = draw(random, softmax(l.subarray(0, 3), availableIn(game.selected)));
      const target = draw(random, softmax(l.subarray(3)));
      actions.set([action, target], row * 2);
      const { reward, over } = play(game, action, target);
      rewards[row] = reward;
      terminated[row] = over ? 1 : 0;
      nextValues[row] = values[game.selected]!;
      finished += over ? 1 : 0;
      won += reward;
      return over ? newGame() : game;
    });
  }
  successes.push(won / finished);

  const { logProbs, gradLogProbsSum, gradEntropySum } = factoredPolicyLogprob({
    logits: { data: logits, shape: [rows, width] },
    available: {
      data: Uint8Array.from(seen.flatMap(({ selected }) => availableIn(selected))),
      shape: [rows, 3],
    },
    actions: { data: actions, shape: [rows, 2] },
    headUsed: {
      data: Uint8Array.from(seen.flatMap((_, row) => [1, actions[2 * row] === wait ? 0 : 1])),
      shape: [rows, 2],
    },
    headSizes: [3, cells],
  });
  const shape = [steps, games];
  const { advantages, returns } = gaeEnv({
    rewards: { data: rewards, shape },
    values: { data: Float64Array.from(seen, ({ selected }) => values[selected]!), shape },
    nextValues: { data: nextValues, shape },
    terminated: { data: terminated, shape },
    gamma: 0.95,
    lambda: 1, // n-step: all the rewards of the rollout, then the value
  });
  const { gradLogProbs } = policyLoss({
    logProbs: { data: logProbs.data, shape: [rows, 1] },
    oldLogProbs: { data: logProbs.data, shape: [rows, 1] },
    advantages: advantages.data,
    kind: 'reinforce',
  });
  seen.forEach(({ unit, beacon, selected }, row) => {
    const slope = (i: number): number =>
      gradLogProbs.data[row]! * gradLogProbsSum.data[row * width + i]! -
      (0.01 / rows) * gradEntropySum.data[row * width + i]!;
    [0, 1, 2, 3 + unit, 3 + beacon].forEach((i, k) => {
      weights[5 * selected + k]! -= slope(i);
    });
    values[selected]! += (0.2 / rows) * (returns.data[row]! - values[selected]!);
  });
}

/** Share of the games of the last hundred updates that reached the beacon. */
export const success: number = successes.slice(-100).reduce((sum, x) => sum + x, 0) / 100;
export const atFirst: number = successes[0]!;
console.log(
  `beacon reached in ${(100 * success).toFixed(1)} % of the games, ${(100 * atFirst).toFixed(1)} % at first`,
);
