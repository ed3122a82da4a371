/** What the flow learners take and give back. */
import type { Engine } from '../engine.js';
import type {
  DiffusionQlTrainStepArgs,
  FqlTrainStepArgs,
  OfqlTrainStepArgs,
} from '../generated/flow.js';
import type { InitialWeights } from '../initial-weights.js';
import { onCpu } from '../placement.js';

/** The networks of a policy over a time, and of its critics. */
export interface NetworkOptions {
  /** Hidden widths of the trunk and of the critics. Default [256, 256, 256]. */
  hidden?: readonly number[];
  /** Size of each sinusoidal time embedding, even, at least 4. Default 16. */
  embeddingSize?: number;
  /** Widths of the small networks behind the embeddings. Default [32, 16]. */
  timeWidths?: readonly number[];
  /** Activation of all hidden layers. Default 'mish'. */
  activation?: NonNullable<OfqlTrainStepArgs['activation']>;
}

/** What every learner takes. */
export interface LearnerOptions {
  /** Discount γ. Default 0.99. */
  gamma?: number;
  /** Learning rate. Default 3e-4. */
  lr?: number;
  /** Steps over which the learning rate falls to 0 along half a cosine; null: it stays. Default null. */
  lrDecaySteps?: number | null;
  /** Share of the critics in their targets at every step. Default 0.005. */
  tau?: number;
  /** Seed of the parameters and of all noise. Default 0. */
  seed?: number;
  /** How the weights start; see `InitialWeights`. Default 'fan_in', of `FlowQ` 'fan_avg'. */
  init?: InitialWeights;
  /** A copy to go back to when training diverges is made every so many steps; 0: none. Default 100. */
  keepEvery?: number;
  /** A loss or gradient norm beyond this, or not finite, is divergence. Default 1e12. */
  divergenceLimit?: number;
  /**
   * Where the learner computes and keeps its parameters, targets and moments. With one that took
   * 'cuda' they stay on the GPU; batches and noise are drawn on the host as without. Default: the
   * CPU.
   */
  engine?: Engine;
}

/** When the averaged policy follows. */
export interface AverageOptions {
  /** Decay of the averaged policy. Default 0.995. */
  emaDecay?: number;
  /** The average follows at every so many steps. Default 5. */
  emaEvery?: number;
  /** ... from this step on. Default 1000. */
  emaStart?: number;
}

export interface OneStepFlowQOptions extends NetworkOptions, LearnerOptions, AverageOptions {
  /** Weight η of the Q loss. Default 1. */
  eta?: number;
  /** Largest gradient norm; null: no limit. Default null. */
  gradClip?: number | null;
  /** Share of the rows whose two times are equal. Default 0.5. */
  flowRatio?: number;
  /** Mean and standard deviation of the logits of the times. Default −0.4 and 1. */
  timeMean?: number;
  timeStd?: number;
  /** Exponent p and constant c of the adaptive weight (e + c)^−p. Default 0 and 0.01. */
  weightExponent?: number;
  weightConstant?: number;
  /** Actions drawn for each next state, of which the best counts. Default 1. */
  nextDraws?: number;
  /** Clip the policy's actions to ±1 while training. Default true. */
  clipInTraining?: boolean;
}

export interface DiffusionQlOptions extends NetworkOptions, LearnerOptions, AverageOptions {
  /** Weight η of the Q loss. Default 1. */
  eta?: number;
  /** Largest gradient norm; null: no limit. Default null. */
  gradClip?: number | null;
  /** Denoising steps T. Default 5. */
  diffusionSteps?: number;
  /** Noise schedule. Default 'vp'. */
  schedule?: NonNullable<DiffusionQlTrainStepArgs['schedule']>;
  /** Largest absolute action. Default 1. */
  maxAction?: number;
  /** Clip the denoised action at every step. Default true. */
  clipDenoised?: boolean;
  /** Actions drawn for each next state, of which the best counts. Default 1. */
  nextDraws?: number;
}

export interface MeanFlowQOptions extends NetworkOptions, LearnerOptions {
  /** Weight α of the flow objective beside the critics. Default 10. */
  alpha?: number;
  /** Weight of the loss that holds actions in [−1, 1]. Default 1. */
  boundWeight?: number;
  /** Exponent 1 − γ and constant c of the adaptive weight. Default γ = 0.8 and c = 1e-4. */
  adaptiveGamma?: number;
  adaptiveConstant?: number;
  /** Largest absolute target of the flow objective. Default 5. */
  targetClip?: number;
  /** Over the target critics. Default 'min'. */
  aggregate?: 'mean' | 'min';
  /** Divide the Q loss by the size of Q. Default true. */
  normalizeQLoss?: boolean;
  /** Largest gradient norm; null: no limit. Default null. */
  gradClip?: number | null;
  /** Actions that `act` draws for each state, of which the best is taken. Default 5. */
  candidates?: number;
  /** Actions drawn for each next state, of which the best counts. Default 2. */
  nextDraws?: number;
}

export interface FlowQOptions extends LearnerOptions {
  /** Hidden widths of flow, policy and critics. Default [512, 512, 512, 512]. */
  hidden?: readonly number[];
  /** Activation of all hidden layers. Default 'gelu_tanh'. */
  activation?: NonNullable<FqlTrainStepArgs['activation']>;
  /** Normalise the critics' hidden layers, after their activation. Default true. */
  layerNorm?: boolean;
  /** Weight α of the distillation; the paper chooses it by task. Default 10. */
  alpha?: number;
  /** Euler steps K of the behaviour flow. Default 10. */
  flowSteps?: number;
  /** What the target critics say together. Default 'mean'. */
  qAggregation?: NonNullable<FqlTrainStepArgs['qAgg']>;
  /** Divide the Q loss by the size of Q. Default false. */
  normalizeQ?: boolean;
}

/** Transitions, one behind the other. */
export interface Transitions {
  /** [B, observationSize] */
  observations: Float32Array;
  /** [B, actionSize], in [−1, 1] */
  actions: Float32Array;
  /** [B] */
  rewards: Float32Array;
  /** [B, observationSize] */
  nextObservations: Float32Array;
  /** [B] 1 = the episode ended */
  terminated: Uint8Array;
}

/** What one step reports. */
export interface FlowQLosses {
  criticLoss: number;
  bcLoss: number;
  qLoss: number;
  actorLoss: number;
  criticGradNorm: number;
  actorGradNorm: number;
}

/** What one step of `MeanFlowQ` reports. */
export interface MeanFlowQLosses {
  criticLoss: number;
  flowLoss: number;
  boundLoss: number;
  qLoss: number;
  actorLoss: number;
  criticGradNorm: number;
  actorGradNorm: number;
}

/** What one step of `FlowQ` reports. */
export interface FqlLosses {
  criticLoss: number;
  bcFlowLoss: number;
  distillLoss: number;
  qLoss: number;
  actorLoss: number;
}

export interface FlowTraining<Losses> {
  /** Steps to take. */
  steps: number;
  /** Transitions of a step. Default 256. */
  batchSize?: number;
  signal?: AbortSignal;
  /** Called every `reportEvery` steps. */
  onProgress?: (progress: Losses & { step: number }) => void;
  /** Default 100. */
  reportEvery?: number;
}

export type FlowQTraining = FlowTraining<FlowQLosses>;

export interface ActOptions {
  /** Candidates of each state, of which the one with the largest smaller target critic is taken. Default 1. */
  candidates?: number;
  /** The averaged policy in place of the trained one. Default false. */
  average?: boolean;
  /** [B, candidates, actionSize] standard normal. Default: drawn from the seed. */
  noise?: Float32Array;
}

/** @internal */
export const learnerDefaults = {
  gamma: 0.99,
  lr: 3e-4,
  lrDecaySteps: null,
  tau: 0.005,
  seed: 0,
  init: 'fan_in',
  keepEvery: 100,
  divergenceLimit: 1e12,
  engine: onCpu as Engine,
} as const;

/** @internal */
export const averageDefaults = { emaDecay: 0.995, emaEvery: 5, emaStart: 1000 } as const;

export interface DiffusionActOptions {
  /** Candidates of each state. Default 50. */
  candidates?: number;
  /** Which of them: 'softmax' draws by their values, 'best' takes the best. Default 'softmax'. */
  select?: 'softmax' | 'best';
  /** The averaged policy in place of the trained one. Default false. */
  average?: boolean;
  /** [steps, B, candidates, actionSize] standard normal: start, then each step's. Default: drawn. */
  noise?: Float32Array;
}

/** @internal */
export const networkDefaults = {
  hidden: [256, 256, 256],
  embeddingSize: 16,
  timeWidths: [32, 16],
  activation: 'mish',
} as const;

/** Options left out take these values. */
export const oneStepFlowQDefaults: Readonly<Required<OneStepFlowQOptions>> = Object.freeze({
  ...learnerDefaults,
  ...averageDefaults,
  ...networkDefaults,
  eta: 1,
  gradClip: null,
  flowRatio: 0.5,
  timeMean: -0.4,
  timeStd: 1,
  weightExponent: 0,
  weightConstant: 0.01,
  nextDraws: 1,
  clipInTraining: true,
});

/** Options left out take these values. */
export const diffusionQlDefaults: Readonly<Required<DiffusionQlOptions>> = Object.freeze({
  ...learnerDefaults,
  ...averageDefaults,
  ...networkDefaults,
  eta: 1,
  gradClip: null,
  diffusionSteps: 5,
  schedule: 'vp',
  maxAction: 1,
  clipDenoised: true,
  nextDraws: 1,
});

/** Options left out take these values. */
export const meanFlowQDefaults: Readonly<Required<MeanFlowQOptions>> = Object.freeze({
  ...learnerDefaults,
  ...networkDefaults,
  alpha: 10,
  boundWeight: 1,
  adaptiveGamma: 0.8,
  adaptiveConstant: 1e-4,
  targetClip: 5,
  aggregate: 'min',
  normalizeQLoss: true,
  gradClip: null,
  candidates: 5,
  nextDraws: 2,
});

/** Options left out take these values. */
export const flowQDefaults: Readonly<Required<FlowQOptions>> = Object.freeze({
  ...learnerDefaults,
  init: 'fan_avg',
  hidden: [512, 512, 512, 512],
  activation: 'gelu_tanh',
  layerNorm: true,
  alpha: 10,
  flowSteps: 10,
  qAggregation: 'mean',
  normalizeQ: false,
});
