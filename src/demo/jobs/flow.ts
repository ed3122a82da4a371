/** Flow: one-step actions of a trained velocity network, the best of several by its critics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FlowPolicy } from '../../flow/flow-policy.js';
import { type MachineLimits, packageRoot } from '../../native.js';
import { readSafetensors } from '../../safetensors.js';
import { normal, uniform } from '../generator.js';
import { type JobResult, medianSeconds, requireNear } from '../job.js';
import { doorOf, doorStep, type NamedWeights, oneStepLoop } from '../two-doors.js';

const numStates = 2048;
const candidates = 8;

export function flowJob(limits: MachineLimits): JobResult {
  const bytes = readFileSync(join(packageRoot, 'dist', 'data', 'velocity.safetensors'));
  const policy = FlowPolicy.fromSafetensors(bytes);
  const weights = readSafetensors(bytes).tensors as NamedWeights;
  const observations = Float32Array.from({ length: 2 * numStates }, (_, i) =>
    i % 2 === 0 ? uniform(80, i) - 1 : uniform(80, i) - 0.5,
  );
  const noise = Float32Array.from({ length: 2 * numStates * candidates }, (_, i) => normal(81, i));
  const { actions, candidates: all } = policy.act(observations, { noise });

  const input = { weights, observations, noise, candidates };
  const plain = oneStepLoop(input);
  plain.actions.forEach((a, i) => requireNear(all.data[i] as number, a, 1e-4, `action ${i}`));
  const doors = countDoors(observations, all.data);
  const near = (doors.upper + doors.lower) / (numStates * candidates);
  if (near < 0.7) throw new Error(`demo: only ${near} of the one-step actions lead to a door`);
  const best = countDoors(observations, actions.data);

  const seconds = medianSeconds(20, () => policy.act(observations, { noise }));
  const loop = medianSeconds(3, () => oneStepLoop(input));
  const flops = 2 * numStates * candidates * numWeights(weights);
  return {
    rows: [
      {
        job: 'one-step actions, best of 8',
        size: `${numStates} states, ${candidates} candidates`,
        seconds,
        share: flops / limits.fmaF32PerSecond / seconds,
        limit: 'FMA',
        speedup: loop / seconds,
        checked: `${(100 * near).toFixed(0)} % of candidates at a door; the best take the paying one in ${Math.round((100 * best.lower) / numStates)} %`,
      },
    ],
    sections: [scatter(observations, all.data, actions.data)],
  };
}

function numWeights(weights: NamedWeights): number {
  return Object.values(weights).reduce(
    (sum, { data, shape }) => sum + (shape.length === 2 ? data.length : 0),
    0,
  );
}

function countDoors(
  observations: Float32Array,
  actions: Float32Array,
): { upper: number; lower: number } {
  const perState = actions.length / observations.length;
  const counts = { upper: 0, lower: 0 };
  for (let i = 0; i < actions.length / 2; i++) {
    const state = Math.floor(i / perState);
    const place = [observations[2 * state], observations[2 * state + 1]] as [number, number];
    const door = doorOf(place, [actions[2 * i], actions[2 * i + 1]] as [number, number]);
    if (door === 0) counts.upper += 1;
    if (door === 1) counts.lower += 1;
  }
  return counts;
}

/** All candidates of a few hundred states, the chosen ones, and what the demonstrations would do. */
function scatter(
  observations: Float32Array,
  all: Float32Array,
  best: Float32Array,
): JobResult['sections'][number] {
  const shown = 150;
  const points = (data: Float32Array, perState: number): [number, number][] =>
    Array.from(
      { length: shown * perState },
      (_, i) => [data[2 * i], data[2 * i + 1]] as [number, number],
    );
  const wanted = Array.from({ length: shown }, (_, s) =>
    ([0, 1] as const).map((door) =>
      doorStep(observations[2 * s] as number, observations[2 * s + 1] as number, door),
    ),
  ).flat();
  return {
    kind: 'scatter',
    title: 'One-step actions: candidates, the best of each eight, and the demonstrated steps',
    xLabel: 'first action coordinate',
    yLabel: 'second action coordinate',
    groups: [
      { name: 'candidates', points: points(all, candidates) },
      { name: 'best of eight', points: points(best, 1) },
      { name: 'demonstrated', points: wanted },
    ],
  };
}
