/**
 * How a policy makes actions for one batch size: arrays of its own, and native calls bound to them,
 * so that acting again allocates nothing.
 */
import { Op } from '../call.js';
import { type Parameters, widthsOf } from '../network-files.js';
import type { Placement } from '../placement.js';
import { Tensor } from '../tensor.js';
import { largest, softmaxDraw } from './choose.js';
import { activationsOf, mlpOperands, type PolicyNetworks } from './policy-file.js';

export type Sampler = 'one-step' | 'euler' | 'ddpm' | 'ddim';

/** What a plan depends on besides the networks. */
export interface PlanSettings {
  sampler: Sampler;
  steps: number;
  schedule: 'vp' | 'linear' | 'cosine';
  timesteps: readonly number[];
  clipDenoised: boolean;
  activation: string;
  maxAction: number;
  /** What two critics say of a candidate together, and which candidate is taken. */
  score: 'min' | 'mean';
  select: 'best' | 'softmax';
  /** Draws for 'softmax'. */
  uniform: () => number;
}

/** The same with what a plan of its own has: where its arrays lie. */
export interface PlacedSettings extends PlanSettings {
  placement: Placement;
}

/** Sizes of one plan. */
export interface PlanSize {
  batch: number;
  candidates: number;
  /** Whether the critics choose. */
  scored: boolean;
}

export interface Plan extends PlanSize {
  /** [B, S] to be filled by the caller, like the noise. */
  observations: Float32Array;
  /** Standard normal numbers, `noiseShape` of them. */
  noise: Float32Array;
  noiseShape: readonly number[];
  /** [B, M, D] every candidate, [B, D] the chosen ones, [B, M] the smaller critics. */
  actions: Float32Array;
  chosen: Float32Array;
  qMin: Float32Array;
  /** What lies on a GPU for this plan alone goes back with it. */
  placement: Placement;
  run(): void;
}

const ops = {
  oneStepGeneration: /* @__PURE__ */ new Op('flow', 'one_step_generation'),
  eulerSampler: /* @__PURE__ */ new Op('flow', 'euler_sampler'),
  ddpmPolicy: /* @__PURE__ */ new Op('flow', 'ddpm_policy'),
  ddimSampler: /* @__PURE__ */ new Op('flow', 'ddim_sampler'),
  mlp: /* @__PURE__ */ new Op('flow', 'mlp'),
};

const zeros = (...shape: number[]): Tensor<Float32Array> =>
  new Tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);

function networksNamed(parameters: Parameters, names: RegExp): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => names.test(name)));
}

export function makePlan(networks: PolicyNetworks, settings: PlacedSettings, size: PlanSize): Plan {
  const { kind, parameters } = networks;
  const several = kind === 'average' && (size.scored || size.candidates > 1);
  const usual = settings.score === 'min' && settings.select === 'best';
  return several && usual && parameters['critic1Norm'] === undefined
    ? candidatesPlan(networks, settings, size)
    : sampledPlan(networks, settings, size);
}

/** One native call: candidates, their scores and the choice. `networks` are folded. */
function candidatesPlan(networks: PolicyNetworks, settings: PlacedSettings, size: PlanSize): Plan {
  const { batch, candidates, scored } = size;
  const { observationSize, actionSize, parameters } = networks;
  const observations = zeros(batch, observationSize);
  const noise = zeros(batch, candidates, actionSize);
  const actions = zeros(batch, candidates, actionSize);
  const bestAction = zeros(batch, actionSize);
  const qMin = zeros(batch, candidates);
  const out = scored ? { actions, bestAction, qMin } : { actions };
  const call = settings.placement.bind(ops.oneStepGeneration, {
    ...networksNamed(parameters, scored ? /^(trunk|tmlp|rmlp|critic)/ : /^(trunk|tmlp|rmlp)/),
    ...{ observations, noise, embDim: 4, out, outputs: Object.keys(out) },
    ...{ activation: settings.activation, clip: settings.maxAction },
  });
  return {
    ...size,
    placement: settings.placement,
    observations: observations.data,
    noise: noise.data,
    noiseShape: noise.shape,
    actions: actions.data,
    chosen: bestAction.data,
    qMin: qMin.data,
    run: () => {
      call.run();
      if (scored) return;
      takeCandidates(actions.data, candidates, actionSize, () => 0, bestAction.data);
    },
  };
}

/** A sampler over one row for each candidate, then the critics. */
function sampledPlan(networks: PolicyNetworks, settings: PlacedSettings, size: PlanSize): Plan {
  const { batch, candidates, scored } = size;
  const { observationSize, actionSize } = networks;
  const rows = batch * candidates;
  const given = zeros(batch, observationSize);
  const observations = candidates === 1 ? given : zeros(rows, observationSize);
  const actions = zeros(rows, actionSize);
  const { noise, sample } = samplerOf(networks, settings, observations, actions);
  const judged = scored ? critics(networks, settings, observations, actions) : undefined;
  const chosen = candidates === 1 ? actions.data : new Float32Array(batch * actionSize);
  const choice = choiceOf(settings, judged?.scores, candidates);
  const run = (): void => {
    for (let row = 0; candidates > 1 && row < rows; row++) {
      const from = Math.floor(row / candidates) * observationSize;
      for (let i = 0; i < observationSize; i++) {
        observations.data[row * observationSize + i] = given.data[from + i] as number;
      }
    }
    sample();
    clipTo(actions.data, settings.maxAction);
    judged?.run();
    if (candidates > 1) takeCandidates(actions.data, candidates, actionSize, choice, chosen);
  };
  const shape = [batch, candidates, actionSize];
  const noiseShape = settings.sampler === 'ddpm' ? [settings.steps, ...shape] : shape;
  const qMin = judged?.qMin ?? new Float32Array(rows);
  const arrays = { observations: given.data, noise, noiseShape, qMin };
  const { placement } = settings;
  return { ...size, ...arrays, actions: actions.data, chosen, placement, run };
}

/** Which candidate of a state is taken. */
function choiceOf(
  { select, uniform }: PlanSettings,
  scores: Float32Array | undefined,
  candidates: number,
): (state: number) => number {
  if (scores === undefined) return () => 0;
  return select === 'best'
    ? (state) => largest(scores, state * candidates, candidates)
    : (state) => softmaxDraw(scores, uniform(), state * candidates, candidates);
}

interface SamplerCall {
  noise: Float32Array;
  sample: () => void;
}

function samplerOf(
  networks: PolicyNetworks,
  settings: PlacedSettings,
  observations: Tensor<Float32Array>,
  actions: Tensor<Float32Array>,
): SamplerCall {
  const { parameters, actionSize, embeddingSize } = networks;
  const rows = observations.shape[0] as number;
  const { activation, steps, schedule, maxAction, placement } = settings;
  if (settings.sampler === 'one-step') {
    const make = networks.kind === 'flow' ? distilled : folded;
    return make(networks, settings, observations, actions);
  }
  if (settings.sampler === 'euler') {
    const noise = zeros(rows, actionSize);
    const widths = widthsOf(parameters, 'flow');
    const call = placement.bind(ops.eulerSampler, {
      ...mlpOperands(parameters, 'flow', activation, placement),
      activations: activationsOf(widths, activation),
      ...{ observations, noise, steps, clip: false },
      ...{ out: { actionDataAtT1: actions }, outputs: ['actionDataAtT1'] },
    });
    return { noise: noise.data, sample: () => call.run() };
  }
  const shared = {
    ...networksNamed(parameters, /^(trunk|tmlp)/),
    ...{ observations, steps, schedule, activation, embDim: embeddingSize, maxAction },
  };
  if (settings.sampler === 'ddim') {
    const noise = zeros(rows, actionSize);
    const call = placement.bind(ops.ddimSampler, {
      ...{ ...shared, noise, timesteps: Int32Array.from(settings.timesteps) },
      ...{ out: { actions }, outputs: ['actions'] },
    });
    return { noise: noise.data, sample: () => call.run() };
  }
  const noiseChain = zeros(steps + 1, rows, actionSize);
  const { clipDenoised } = settings;
  const call = placement.bind(ops.ddpmPolicy, {
    ...{ ...shared, clipDenoised, noiseChain, tIndex: new Int32Array(rows) },
    ...{ actions: zeros(rows, actionSize), noiseBc: zeros(rows, actionSize) },
    ...{ out: { sampledAction: actions }, outputs: ['sampledAction'] },
  });
  // The last entry of the chain is never read.
  const noise = noiseChain.data.subarray(0, steps * rows * actionSize);
  return { noise, sample: () => call.run() };
}

/** The largest number of rows for which `mlp` reads bfloat16 as it lies, on any processor. */
const rowsOfHalves = 2;

/** The operands of `mlp` for `rows` rows. */
function layersOf(
  { parameters, halves }: PolicyNetworks,
  name: string,
  { activation, placement }: PlacedSettings,
  rows: number,
): Record<string, unknown> {
  const read = rows <= rowsOfHalves ? halves : undefined;
  return mlpOperands(parameters, name, activation, placement, read);
}

/**
 * The trunk over [ε, s], its times folded: the action of a residual policy, the average velocity u
 * of an action ε − u; for one row quicker than `oneStepGeneration`, which splits layer 1.
 */
function folded(
  networks: PolicyNetworks,
  settings: PlacedSettings,
  observations: Tensor<Float32Array>,
  actions: Tensor<Float32Array>,
): SamplerCall {
  const { actionSize, observationSize, kind } = networks;
  const rows = observations.shape[0] as number;
  const noise = new Float32Array(rows * actionSize);
  const x = zeros(rows, actionSize + observationSize);
  const call = settings.placement.bind(ops.mlp, {
    ...layersOf(networks, 'trunk', settings, rows),
    ...{ x, out: { y: actions }, outputs: ['y'] },
  });
  const sample = (): void => {
    beside(noise, actionSize, observations.data, observationSize, x.data);
    call.run();
    for (let i = 0; kind === 'average' && i < noise.length; i++) {
      actions.data[i] = (noise[i] as number) - (actions.data[i] as number);
    }
  };
  return { noise, sample };
}

/** The one-step policy μ(s, z). */
function distilled(
  networks: PolicyNetworks,
  settings: PlacedSettings,
  observations: Tensor<Float32Array>,
  actions: Tensor<Float32Array>,
): SamplerCall {
  const { actionSize, observationSize } = networks;
  const rows = observations.shape[0] as number;
  const noise = new Float32Array(rows * actionSize);
  const x = zeros(rows, observationSize + actionSize);
  const call = settings.placement.bind(ops.mlp, {
    ...layersOf(networks, 'policy', settings, rows),
    ...{ x, out: { y: actions }, outputs: ['y'] },
  });
  const sample = (): void => {
    beside(observations.data, observationSize, noise, actionSize, x.data);
    call.run();
  };
  return { noise, sample };
}

/** The critics, which are one or two: the smaller one, and what the choice goes by. */
function critics(
  networks: PolicyNetworks,
  settings: PlacedSettings,
  observations: Tensor<Float32Array>,
  actions: Tensor<Float32Array>,
): { qMin: Float32Array; scores: Float32Array; run: () => void } {
  const { parameters, actionSize, observationSize } = networks;
  const { score } = settings;
  const rows = observations.shape[0] as number;
  const x = zeros(rows, observationSize + actionSize);
  const made = ['critic1', 'critic2']
    .filter((name) => widthsOf(parameters, name).length > 0)
    .map((name) => {
      const y = zeros(rows, 1);
      const layers = layersOf(networks, name, settings, rows);
      const args = { ...layers, x, out: { y }, outputs: ['y'] };
      return { y: y.data, call: settings.placement.bind(ops.mlp, args) };
    });
  const [first, second] = made;
  const qMin = first?.y ?? new Float32Array(rows);
  const scores = score === 'mean' && second !== undefined ? second.y : qMin;
  const run = (): void => {
    beside(observations.data, observationSize, actions.data, actionSize, x.data);
    for (const { call } of made) call.run();
    for (let i = 0; second !== undefined && i < rows; i++) {
      const [q1, q2] = [qMin[i] as number, second.y[i] as number];
      if (score === 'mean') scores[i] = (q1 + q2) / 2;
      qMin[i] = Math.min(q1, q2); // NaN when either is
    }
  };
  return { qMin, scores, run };
}

/** Rows of `first` and `second` next to each other. */
function beside(
  first: Float32Array,
  firstWidth: number,
  second: Float32Array,
  secondWidth: number,
  to: Float32Array,
): void {
  const width = firstWidth + secondWidth;
  for (let row = 0; row * width < to.length; row++) {
    const at = row * width;
    for (let i = 0; i < firstWidth; i++) to[at + i] = first[row * firstWidth + i] as number;
    for (let i = 0; i < secondWidth; i++) {
      to[at + firstWidth + i] = second[row * secondWidth + i] as number;
    }
  }
}

function takeCandidates(
  all: Float32Array,
  candidates: number,
  size: number,
  choose: (state: number) => number,
  to: Float32Array,
): void {
  for (let b = 0; b * size < to.length; b++) {
    const from = (b * candidates + choose(b)) * size;
    for (let i = 0; i < size; i++) to[b * size + i] = all[from + i] as number;
  }
}

function clipTo(actions: Float32Array, limit: number): void {
  for (let i = 0; i < actions.length; i++) {
    const a = actions[i] as number;
    if (a > limit) actions[i] = limit;
    else if (a < -limit) actions[i] = -limit;
  }
}
