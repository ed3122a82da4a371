import {
  meanflowTimeSampling,
  type OneStepGenerationArgs,
  ofqlTrainStep,
  ofqlTrainStepAsync,
  oneStepGeneration,
} from '../generated/flow.js';
import type { Parameters } from '../network-files.js';
import { checkOptions } from '../options.js';
import { alloc, type Tensor } from '../tensor.js';
import { FlowLearner, type Sizes } from './flow-learner.js';
import type { Actions } from './flow-policy.js';
import {
  type ActOptions,
  type FlowQLosses,
  type OneStepFlowQOptions,
  oneStepFlowQDefaults,
} from './flow-q-options.js';
import { learnerOptions } from './learner-options.js';
import { averagesFollow, shaped, timedNetworks, timedSizes, timedWidths } from './timed-policy.js';

const owner = 'OneStepFlowQ';
const times = ['tmlp', 'rmlp'];
const networks = timedNetworks(['trunk', ...times], true);
const losses = [
  'criticLoss',
  'bcLoss',
  'qLoss',
  'actorLoss',
  'criticGradNorm',
  'actorGradNorm',
] as const;

/** What a step draws, for one batch size. */
interface Draws {
  /** What the times are made of. */
  times: { normal1: Float32Array; normal2: Float32Array; u: Float32Array };
  nextNoise: Tensor<Float32Array>;
  noiseBc: Tensor<Float32Array>;
  noisePolicy: Tensor<Float32Array>;
  t: Float32Array;
  r: Float32Array;
}

type Options = Readonly<Required<OneStepFlowQOptions>>;

/**
 * One-step flow Q-learning: an average-velocity policy that acts in one step, and two critics,
 * trained from a data set. A training step is one native call that works on the parameters in place.
 *
 * ```ts
 * const learner = new OneStepFlowQ({ observationSize: 17, actionSize: 6 }, { eta: 0.1 });
 * await learner.train(transitions, { steps: 100_000, onProgress: console.log });
 * const { actions } = learner.act(observations, { candidates: 8 });
 * ```
 *
 * Source: One-Step Flow Q-Learning, arXiv 2508.13904, on the loop of Diffusion-QL, arXiv 2208.06193.
 */
export class OneStepFlowQ extends FlowLearner<FlowQLosses, Draws> {
  readonly options: Options;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option or a size that is none */
  constructor(sizes: Sizes, options: OneStepFlowQOptions = {}, parameters?: Parameters) {
    const all = learnerOptions(owner, oneStepFlowQDefaults, options);
    const op = { step: ofqlTrainStep, stepAsync: ofqlTrainStepAsync };
    const widths = timedWidths(sizes, all, times);
    const design = { owner, sizes, options: all, networks, losses, op, widths };
    super({ ...design, averagesFollow: averagesFollow(all) }, parameters);
    this.options = all;
  }

  /**
   * A learner from a file of PyTorch's names (`trunk.0.weight`, `critic1.2.bias`) or the operands'
   * (`trunk_weight_0`). Averages, targets and moments that are not there start anew.
   * Options that are not given are those of the learner that wrote the file.
   * @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault
   */
  static fromSafetensors(bytes: Uint8Array, options: OneStepFlowQOptions = {}): OneStepFlowQ {
    const own = () => networks;
    const file = FlowLearner.readFile(bytes, own, owner, oneStepFlowQDefaults, options);
    const learner = new OneStepFlowQ(
      timedSizes(file.parameters, times, owner),
      file.options,
      file.parameters,
    );
    learner.restore(file);
    return learner;
  }

  get #embDim(): number {
    return this.parameters['tmlpWeight0']?.shape[1] ?? this.options.embeddingSize;
  }

  protected override settings(): object {
    const { activation, gamma, eta, lr, gradClip, tau, emaDecay, ...o } = this.options;
    return {
      ...{ activation, gamma, eta, lr, gradClip, tau, emaDecay },
      embDim: this.#embDim,
      p: o.weightExponent,
      c: o.weightConstant,
      maxQBackup: o.nextDraws,
      clipInTraining: o.clipInTraining,
    };
  }

  protected override policyMetadata(): Record<string, string> {
    return { kind: 'average', activation: this.options.activation };
  }

  protected override newDraws(rows: number): Draws {
    const floats = (): Float32Array => alloc('float32', rows);
    return {
      times: { normal1: floats(), normal2: floats(), u: floats() },
      nextNoise: shaped(rows, this.options.nextDraws, this.actionSize),
      noiseBc: shaped(rows, this.actionSize),
      noisePolicy: shaped(rows, this.actionSize),
      t: floats(),
      r: floats(),
    };
  }

  protected override draw({ times, ...draws }: Draws): object {
    for (const { data } of [draws.nextNoise, draws.noiseBc, draws.noisePolicy]) {
      this.noise.fillNormal(data);
    }
    this.noise.fillNormal(times.normal1);
    this.noise.fillNormal(times.normal2);
    this.noise.fillUniform(times.u);
    const { timeMean, timeStd, flowRatio } = this.options;
    meanflowTimeSampling<Float32Array>({
      ...times,
      mean: timeMean,
      std: timeStd,
      flowRatio,
      outputs: ['t', 'rBernoulli'],
      out: { t: draws.t, rBernoulli: draws.r },
    });
    return { ...draws, qLossCritic: 1 + this.noise.integer(2) };
  }

  /**
   * Actions for `observations` [B, observationSize] in one network step.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, options: ActOptions = {}): Actions {
    checkOptions('OneStepFlowQ.act', options, ['candidates', 'average', 'noise']);
    const { candidates = 1, average = false } = options;
    const rows = this.checkAct(observations, candidates, options.noise);
    const length = rows * candidates * this.actionSize;
    const noise = options.noise ?? this.noise.fillNormal(new Float32Array(length));
    const result = oneStepGeneration<Float32Array>({
      ...this.placement.where,
      ...this.#actingNetworks(average),
      observations: { data: observations, shape: [rows, this.observationSize] },
      noise: { data: noise, shape: [rows, candidates, this.actionSize] },
      embDim: this.#embDim,
      activation: this.options.activation,
      outputs: ['actions', 'bestAction', 'qMin'],
    } as unknown as OneStepGenerationArgs<Float32Array>);
    const { bestAction, qMin } = result;
    return {
      actions: bestAction as Tensor<Float32Array>,
      candidates: result.actions,
      qMin: qMin as Tensor<Float32Array>,
    };
  }

  /** The networks of `oneStepGeneration`: the policy asked for, and the target critics. */
  #actingNetworks(average: boolean): Parameters {
    const networks: Parameters = {};
    for (const [name, tensor] of Object.entries(this.parameters)) {
      if (/^(trunk|tmlp|rmlp)/.test(name) && !average) networks[name] = tensor;
      if (average && name.startsWith('ema')) networks[lowerFirst(name.slice(3))] = tensor;
      if (name.startsWith('target')) networks[lowerFirst(name.slice(6))] = tensor;
    }
    return networks;
  }
}

function lowerFirst(name: string): string {
  return `${(name[0] ?? '').toLowerCase()}${name.slice(1)}`;
}
