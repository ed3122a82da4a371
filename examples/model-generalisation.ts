/**
 * What a model can do that replay cannot: four bits, action i flips bit i, and all ones pay. The
 * data holds each flip once from all zeros, and back (arXiv 2211.02222).
 */
import { CsrBuilder, dqnLoss, empiricalMdp, Mdp, valueIteration } from 'belfry/bellman';
import { fqiTarget } from 'belfry/fitted-q';

const bits = 4;
const S = 1 << bits;
const goal = S - 1;
const gamma = 0.9;
const data = Array.from({ length: bits }, (_, i) => [
  { state: 0, action: i, next: 1 << i },
  { state: 1 << i, action: i, next: 0 },
]).flat();

// Factored model: how often action i changed bit j, whatever the other bits were.
const flips = Array.from({ length: bits }, (_, action) =>
  Array.from({ length: bits }, (_, bit) => {
    const rows = data.filter((row) => row.action === action);
    return rows.filter((row) => ((row.state ^ row.next) >> bit) & 1).length / rows.length;
  }),
);

// Its product over the bits says what every state would do; here all of it is certain.
const product = Array.from({ length: S * bits }, (_, row) => {
  const state = Math.floor(row / bits);
  const action = row % bits;
  const next = flips[action]!.reduce((s, p, bit) => (p === 1 ? s ^ (1 << bit) : s), state);
  return { state, action, next };
});
const isGoal = (next: number): number => (next === goal ? 1 : 0);
const model = empiricalMdp({
  states: Int32Array.from(product, ({ state }) => state),
  actions: Int32Array.from(product, ({ action }) => action),
  rewards: Float64Array.from(product, ({ next }) => isGoal(next)),
  nextStates: Int32Array.from(product, ({ next }) => next),
  terminated: Uint8Array.from(product, ({ next }) => isGoal(next)),
  numStates: S,
  numActions: bits,
  gamma,
});

// Table fitted Q iteration on the data itself.
const q = new Float64Array(S * bits);
for (let iteration = 0; iteration < 100; iteration++) {
  const { target } = fqiTarget({
    nextQValues: {
      data: Float64Array.from(
        data.flatMap(({ next }) => [...q.subarray(next * bits, (next + 1) * bits)]),
      ),
      shape: [data.length, bits],
    },
    rewards: Float64Array.from(data, ({ next }) => isGoal(next)),
    terminated: Uint8Array.from(data, ({ next }) => isGoal(next)),
    gamma,
  });
  data.forEach(({ state, action }, row) => {
    q[state * bits + action] = target.data[row]!;
  });
}

/** Rows of a table for the transitions of the data. */
const rowsOf = (of: (row: (typeof data)[number]) => number) => ({
  data: Float64Array.from(
    data.flatMap((row) => [...q.subarray(of(row) * bits, of(row) * bits + bits)]),
  ),
  shape: [data.length, bits],
});
/** What a DQN would still find to learn in the replay: nothing, since no row of it pays. */
export const replayLoss: number = dqnLoss({
  qValues: rowsOf(({ state }) => state),
  nextQTarget: rowsOf(({ next }) => next),
  actions: Int32Array.from(data, ({ action }) => action),
  rewards: Float64Array.from(data, ({ next }) => isGoal(next)),
  gamma,
}).loss;

// The model as a sparse one, and its value by value iteration.
const builder = new CsrBuilder(S, bits);
model.probDense.data.forEach((p, i) => {
  const row = Math.floor(i / S);
  if (p > 0) builder.add(Math.floor(row / bits), row % bits, i % S, p);
});
model.rewards.data.forEach((reward, row) => {
  builder.addReward(Math.floor(row / bits), row % bits, reward);
});
const sparse = Mdp.fromTables(builder.build());
export const plannedValue: number = valueIteration({ ...sparse.operands(), gamma }).vStar.data[0]!;
export const modelValue: number = model.values.data[0]!;
export const replayValue: number = Math.max(...q.subarray(0, bits));
console.log(`value of 0000: ${modelValue.toFixed(4)} by the model, ${replayValue} by replay alone`);
