// One step of every control task, float32 and float64, as JSON: for runs at several CPU levels.
import {
  controlReset,
  controlSpecs,
  controlStep,
  controlTaskNames,
} from '../../../dist/offline.js';

const count = 61;
const results = [];
for (const task of controlTaskNames) {
  const { stateSize, actionSize, numActions } = controlSpecs[task];
  const { states } = controlReset({ task, count, seed: 3 });
  for (const Reals of [Float32Array, Float64Array]) {
    const vectors = Reals.from({ length: count * actionSize }, (_, i) => Math.sin(i));
    const actions =
      actionSize === 0
        ? Int32Array.from({ length: count }, (_, i) => i % numActions)
        : { data: vectors, shape: [count, actionSize] };
    const data = Reals.from(states.data, (x) => 3 * x);
    const next = controlStep({ task, states: { data, shape: [count, stateSize] }, actions });
    results.push([...next.nextStates.data, ...next.observations.data, ...next.rewards.data]);
  }
}
console.log(JSON.stringify(results));
