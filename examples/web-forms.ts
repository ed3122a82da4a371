/**
 * A web form learned by a table-valued DQN, with and without potential shaping: three fields of
 * three options, an instruction to fill them in by, and a submit button (arXiv 1812.09195).
 */
import {
  dqnLoss,
  enumerateMdp,
  factoredPolicyLogprob,
  rewardShaping,
  ValueIteration,
} from 'belfry/bellman';
import { fqiTarget } from 'belfry/fitted-q';

import { argMax, integer, seeded } from './lib/random.js';

const instruction = [2, 1, 3]; // wanted option of each field; 0 is an empty field
const options = 3;
const submit = instruction.length * options;
const discount = 0.95;
const correct = (form: number[]): number =>
  form.filter((option, field) => option === instruction[field]).length;

const { mdp, states } = enumerateMdp<string>({
  start: ['000'],
  numActions: submit + 1,
  outcomes: (name, action) => {
    const form = Array.from(name, Number);
    if (action === submit) {
      return [{ probability: 1, reward: correct(form) === form.length ? 1 : -1 }];
    }
    form[Math.floor(action / options)] = 1 + (action % options);
    return [{ probability: 1, next: form.join('') }];
  },
});
const S = mdp.numStates;
const A = mdp.numActions;
const potential = Float64Array.from(
  states,
  (name) => correct(Array.from(name, Number)) / instruction.length,
);
const { values } = await new ValueIteration(mdp, { discount, tolerance: 1e-12 }).solve();

// Every row of the model is one transition of the replay buffer; a row without mass has ended.
const next = Int32Array.from({ length: S * A }, (_, row) => mdp.col[mdp.rowPtr[row]!] ?? 0);
const done = Uint8Array.from({ length: S * A }, (_, row) => (row % A === submit ? 1 : 0));
const qStar = Float64Array.from(
  mdp.rewards,
  (reward, row) => reward + (done[row] ? 0 : discount * values.data[next[row]!]!),
);

interface Run {
  updates: number;
  error: number;
  q: Float64Array;
}

/** Updates from batches of the replay until Q is within 0.01 of Q*; shaped by Φ, Q means Q* − Φ. */
function train(shaped: boolean): Run {
  const random = seeded(6);
  const batch = 64;
  const phi = shaped ? potential : new Float64Array(S);
  const { shapedReward } = rewardShaping({
    rewards: mdp.rewards,
    potential: Float64Array.from({ length: S * A }, (_, row) => phi[Math.floor(row / A)]!),
    nextPotential: Float64Array.from(next, (state) => phi[state]!),
    terminated: done,
    gamma: discount,
  });
  const q = new Float64Array(S * A);
  let target = q.slice();
  const rowsOf = (table: Float64Array, of: number[]) => ({
    data: Float64Array.from(
      { length: batch * A },
      (_, i) => table[of[Math.floor(i / A)]! * A + (i % A)]!,
    ),
    shape: [batch, A],
  });
  for (let updates = 1; ; updates++) {
    const rows = Array.from({ length: batch }, () => integer(random, S * A));
    const { gradQValues } = dqnLoss({
      qValues: rowsOf(
        q,
        rows.map((row) => Math.floor(row / A)),
      ),
      nextQTarget: rowsOf(
        target,
        rows.map((row) => next[row]!),
      ),
      actions: Int32Array.from(rows, (row) => row % A),
      rewards: Float64Array.from(rows, (row) => shapedReward.data[row]!),
      terminated: Uint8Array.from(rows, (row) => done[row]!),
      gamma: discount,
      huberDelta: 1,
    });
    rows.forEach((row, b) => {
      q[row]! -= 0.5 * batch * gradQValues.data[b * A + (row % A)]!;
    });
    if (updates % 50 === 0) target = q.slice();
    const unshaped = q.map((value, row) => value + phi[Math.floor(row / A)]!);
    const error = Math.max(...unshaped.map((value, row) => Math.abs(value - qStar[row]!)));
    if (error < 0.01 || updates === 20_000) return { updates, error, q: unshaped };
  }
}

export const plain: Run = train(false);
export const shaped: Run = train(true);

/** Whether the value of the action taken greedily in every state is the best there is. */
export const greedyIsOptimal: boolean = [plain, shaped].every(({ q }) =>
  states.every((_, s) => qStar[s * A + argMax(q, s * A, A)]! > values.data[s]! - 1e-6),
);

// The best policy, hardly softened, as a page sees it: first an element, a field or the button, then an option of a field.
const sharpness = 200;
const way = ['000', '200', '210', '213'];
const logitsOf = (name: string): number[] => {
  const row = A * states.indexOf(name);
  const fields = instruction.map((_, field) =>
    Math.max(...qStar.subarray(row + field * options, row + (field + 1) * options)),
  );
  const field = Math.min(way.indexOf(name), instruction.length - 1);
  const choices = qStar.subarray(row + field * options, row + (field + 1) * options);
  return [...fields, qStar[row + submit]!, ...choices].map((q) => sharpness * q);
};
const composite = factoredPolicyLogprob({
  logits: { data: Float64Array.from(way.flatMap(logitsOf)), shape: [way.length, 7] },
  actions: {
    data: Int32Array.from(way.flatMap((_, step) => [step, (instruction[step] ?? 1) - 1])),
    shape: [way.length, 2],
  },
  headUsed: {
    data: Uint8Array.from(way.flatMap((_, step) => [1, step < 3 ? 1 : 0])),
    shape: [4, 2],
  },
  headSizes: [instruction.length + 1, options],
});
/** Probability of every step of filling the form from the first field to the last, then submitting. */
export const stepProbabilities: number[] = Array.from(composite.logProbs.data, Math.exp);

/** Largest Bellman residual of the learned Q, by the target of fitted Q iteration. */
const { target } = fqiTarget({
  nextQValues: {
    data: Float64Array.from(
      { length: S * A * A },
      (_, i) => plain.q[next[Math.floor(i / A)]! * A + (i % A)]!,
    ),
    shape: [S * A, A],
  },
  rewards: mdp.rewards,
  terminated: done,
  gamma: discount,
});
export const residual: number = Math.max(
  ...target.data.map((y, row) => Math.abs(y - plain.q[row]!)),
);
console.log(
  `within 0.01 of Q* after ${plain.updates} updates, ${shaped.updates} with shaping; ` +
    `Bellman residual ${residual.toFixed(4)}`,
);
