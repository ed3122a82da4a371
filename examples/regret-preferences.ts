/**
 * People prefer by regret, not by what a segment happened to earn (arXiv 2206.02231): on a lake,
 * optimal segments have no regret, and a reward is learned from preferences with values in them.
 * On a muddy field a reward is then learned from clips that never show the goal: explained by
 * regret they give it away all the same, explained by what was earned they do not.
 */
import {
  frozenLake,
  Mdp,
  policyEvaluationOccupancy,
  regretPreference as regretOfSegments,
  successorRepresentation,
  valueIteration,
} from 'belfry/bellman';
import {
  partialReturnPreference,
  regretPreference,
  successorFeatureValue,
} from 'belfry/preference';

import { A, bestPolicy, dot, F, phiOf, problem, S, walk } from './lib/muddy-field.js';
import { integer, normal, seeded } from './lib/random.js';

const lake = Mdp.fromTables(frozenLake({ slippery: false }));
const { vStar, qStar } = valueIteration({ ...lake.operands(), gamma: 0.99 });
// Both earn nothing: two steps down towards the goal, and two bumps into the wall.
const { regret } = regretOfSegments({
  model: 'regret_sum',
  vStar,
  qStar,
  segState: { data: Int32Array.of(0, 4, 0, 0), shape: [2, 2] },
  segAction: { data: Int32Array.of(1, 1, 0, 0), shape: [2, 2] },
});
/** Regret of the good and of the bad segment, though both earn nothing. */
export const regrets: number[] = Array.from(regret.data);

// Preferences of a person with reward weights w, over segments of three features and two policies.
const truth = Float64Array.of(1, -0.5, 0.25);
const random = seeded(64);
const normals = (count: number): Float64Array =>
  Float64Array.from({ length: count }, () => normal(random));
const drawn = {
  features: { data: normals(300 * 6), shape: [300, 2, 3] },
  succStart: { data: normals(300 * 12), shape: [300, 2, 2, 3] },
  succEnd: { data: normals(300 * 12), shape: [300, 2, 2, 3] },
  softmaxTemperature: 0.1,
};
const { probFirst: labelsDrawn } = regretOfSegments({ ...drawn, w: truth });

let w: Float64Array = new Float64Array(3);
let loss = 0;
for (let step = 0; step < 1500; step++) {
  const fit = regretOfSegments({ ...drawn, w, labels: labelsDrawn.data });
  loss = fit.loss!;
  w = w.map((x, i) => x - 0.2 * fit.gradW!.data[i]!);
}
export const learned: Float64Array = w;
export const wanted: Float64Array = truth;
/** Loss of the person's own weights, the least there is. */
export const floor: number = regretOfSegments({
  ...drawn,
  w: truth,
  labels: labelsDrawn.data,
}).loss!;
export const reached: number = loss;

// Pairs of clips of three random steps, none of which reaches a hole or the goal.
interface Clip {
  states: number[];
  actions: number[];
  end: number;
}
const [N, T] = [1000, 3];
const clips: Clip[] = [];
while (clips.length < 2 * N) {
  const clip: Clip = { states: [], actions: [], end: integer(random, S) };
  let ended = false;
  for (let t = 0; t < T && !ended; t++) {
    const action = integer(random, A);
    clip.states.push(clip.end);
    clip.actions.push(action);
    const next = walk(clip.end, action);
    ended = next === undefined;
    clip.end = next ?? clip.end;
  }
  if (!ended) clips.push(clip);
}
const ofSteps = (number: (state: number, action: number) => number) => ({
  data: Float64Array.from(
    clips.flatMap((clip) => clip.states.map((state, t) => number(state, clip.actions[t]!))),
  ),
  shape: [N, 2, T],
});
const ofClips = (number: (clip: Clip) => number) => ({
  data: Float64Array.from(clips, number),
  shape: [N, 2],
});

// Answers of a person who knows what is best: by the optimal advantages of the steps.
const person = Float64Array.of(-0.2, -0.8, -3, 3);
const optimum = valueIteration(problem(person));
const advantages = ofSteps(
  (state, action) => optimum.qStar.data[state * A + action]! - optimum.vStar.data[state]!,
);
const byRegret = { form: 'advantage', advantages } as const;
const { probFirst } = regretPreference({ ...byRegret, labels: new Float64Array(N) });
const labels = probFirst.data;
/** Loss of the person's own explanation: the least there is. */
export const leastLoss: number = regretPreference({ ...byRegret, labels }).loss;

function byPartialReturn(weights: Float64Array): { loss: number; gradient: Float64Array } {
  const rewards = ofSteps((state, action) => dot(phiOf(state, action), weights));
  const fit = partialReturnPreference({ rewards, labels });
  const gradient = new Float64Array(F);
  clips.forEach((clip, i) => {
    clip.states.forEach((state, t) => {
      phiOf(state, clip.actions[t]!).forEach((x, f) => {
        gradient[f]! += x * fit.gradRewards.data[i * T + t]!;
      });
    });
  });
  return { loss: fit.loss, gradient };
}

// V is the soft maximum over policies that are best for other rewards, drawn at random.
const K = 60;
const successors = new Float64Array(K * S * F);
for (let k = 0; k < K; k++) {
  const other = Float64Array.from({ length: F }, (_, f) =>
    f === 0 ? -Math.abs(normal(random)) : normal(random),
  );
  const policy = bestPolicy(other);
  const features = Float64Array.from({ length: S * F }, (_, i) => {
    const state = Math.floor(i / F);
    return phiOf(state, policy.data.indexOf(1, state * A) - state * A)[i % F]!;
  });
  const { successorFeatures } = successorRepresentation({
    ...problem(other),
    policy,
    features: { data: features, shape: [S, F] },
  });
  successors.set(successorFeatures!.data, k * S * F);
}

function valuesUnder(weights: Float64Array): { value: number; slope: Float64Array }[] {
  return Array.from({ length: S }, (_, state) => {
    const { values, gradWeightsOfSum } = successorFeatureValue({
      successorFeatures: { data: successors, shape: [K, S, F] },
      weights,
      states: Int32Array.of(state),
      temperature: 0.05,
    });
    return { value: values.data[0]!, slope: gradWeightsOfSum.data as Float64Array };
  });
}

const sums = clips.map((clip) =>
  Float64Array.from({ length: F }, (_, f) =>
    clip.states.reduce((sum, state, t) => sum + phiOf(state, clip.actions[t]!)[f]!, 0),
  ),
);

function byRegretOfValues(weights: Float64Array): { loss: number; gradient: Float64Array } {
  const v = valuesUnder(weights);
  const fit = regretPreference({
    partialReturn: { data: Float64Array.from(sums, (sum) => dot(sum, weights)), shape: [N, 2] },
    vStart: ofClips((clip) => v[clip.states[0]!]!.value),
    vEnd: ofClips((clip) => v[clip.end]!.value),
    labels,
  });
  const gradient = new Float64Array(F);
  clips.forEach((clip, i) => {
    for (let f = 0; f < F; f++) {
      gradient[f]! +=
        fit.gradPartialReturn!.data[i]! * sums[i]![f]! +
        fit.gradVStart!.data[i]! * v[clip.states[0]!]!.slope[f]! +
        fit.gradVEnd!.data[i]! * v[clip.end]!.slope[f]!;
    }
  });
  return { loss: fit.loss, gradient };
}

/** What following a learned reward earns of the person's own, on average over the field. */
function worth(weights: Float64Array): number {
  const { values } = policyEvaluationOccupancy({ ...problem(person), policy: bestPolicy(weights) });
  return values.data.reduce((sum, x) => sum + x, 0) / S;
}

interface Fit {
  weights: Float64Array;
  loss: number;
  worth: number;
}
function descend(model: typeof byPartialReturn): Fit {
  let weights: Float64Array = new Float64Array(F);
  for (let step = 0; step < 600; step++) {
    const { gradient } = model(weights);
    weights = weights.map((x, f) => x - 0.5 * gradient[f]!);
  }
  return { weights, loss: model(weights).loss, worth: worth(weights) };
}

export const fromReturns: Fit = descend(byPartialReturn);
export const fromRegret: Fit = descend(byRegretOfValues);
export const personsWeights: Float64Array = person;
/** What the best policy earns. */
export const best: number = worth(person);

const show = (numbers: ArrayLike<number>): string =>
  Array.from(numbers, (x) => x.toFixed(3)).join(', ');
console.log(
  `regret ${regrets.map((x) => x.toFixed(3)).join(' and ')}; learned weights ${show(learned)}`,
);
console.log(`a person with weights ${show(person)} can have ${best.toFixed(2)} on the field`);
console.log(
  `learned by regret ${show(fromRegret.weights)}, which earns ${fromRegret.worth.toFixed(2)}`,
);
console.log(
  `learned by return ${show(fromReturns.weights)}, which earns ${fromReturns.worth.toFixed(2)}`,
);
