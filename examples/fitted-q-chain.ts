/** Linear fitted Q on a five-state chain: one-hot features, so the answer is exact. */
import { LinearFqi } from 'belfry/fitted-q';

const numStates = 5;
const numActions = 2; // left, right; reaching the right end pays 1 and ends
const k = numStates * numActions;
const rows: { state: number; action: number; reward: number; next: number; done: boolean }[] = [];
for (let state = 0; state < numStates; state++) {
  for (let action = 0; action < numActions; action++) {
    const next = Math.min(Math.max(state + (action === 0 ? -1 : 1), 0), numStates - 1);
    const done = action === 1 && state === numStates - 1;
    rows.push({ state, action, reward: done ? 1 : 0, next, done });
  }
}

const phi = new Float64Array(rows.length * k);
const nextPhi = new Float64Array(rows.length * numActions * k);
rows.forEach(({ state, action, next }, n) => {
  phi[n * k + state * numActions + action] = 1;
  for (let a = 0; a < numActions; a++)
    nextPhi[(n * numActions + a) * k + next * numActions + a] = 1;
});

const fqi = new LinearFqi({ discount: 0.9, ridge: 1e-9, iterations: 60 });
await fqi.fit({
  phi: { data: phi, shape: [rows.length, k] },
  nextPhi: { data: nextPhi, shape: [rows.length, numActions, k] },
  rewards: Float64Array.from(rows, ({ reward }) => reward),
  terminated: Uint8Array.from(rows, ({ done }) => (done ? 1 : 0)),
});

/** Q(first state, right) = 0.9^4. */
export const qRight = fqi.weights.data[1] as number;
console.log(`Q(first state, right) = ${qRight.toFixed(6)}, 0.9^4 = ${(0.9 ** 4).toFixed(6)}`);
