import {
  meanFlowQTrainStep,
  meanFlowQTrainStepAsync,
  sinusoidalEmbedding,
} from '../generated/flow.js';
import type { Parameters } from '../network-files.js';
import { checkOptions } from '../options.js';
import { alloc, Tensor } from '../tensor.js';
import { choose, type Evaluated, evaluate, largest, sideBySide } from './choose.js';
import { FlowLearner, type Sizes } from './flow-learner.js';
import type { Actions } from './flow-policy.js';
import {
  type ActOptions,
  type MeanFlowQLosses,
  type MeanFlowQOptions,
  meanFlowQDefaults,
} from './flow-q-options.js';
import { learnerOptions } from './learner-options.js';
import { shaped, timedNetworks, timedSizes, timedWidths } from './timed-policy.js';

const owner = 'MeanFlowQ';
const times = ['tmlp'];
const networks = timedNetworks(['trunk', ...times], false);
const losses = [
  'criticLoss',
  'flowLoss',
  'boundLoss',
  'qLoss',
  'actorLoss',
  'criticGradNorm',
  'actorGradNorm',
] as const;

/** What a step draws, for one batch size. */
interface Draws {
  nextNoise: Tensor<Float32Array>;
  noiseBc: Tensor<Float32Array>;
  noisePolicy: Tensor<Float32Array>;
  t: Float32Array;
}

/**
 * MeanFlow Q-learning in the residual form: a network that says the action itself, g(ε, 1, s), in
 * one step, and two critics. A training step is one native call that works on the parameters in
 * place.
 *
 * ```ts
 * const learner = new MeanFlowQ({ observationSize: 17, actionSize: 6 }, { alpha: 10 });
 * await learner.train(transitions, { steps: 100_000, onProgress: console.log });
 * const { actions } = learner.act(observations);
 * ```
 *
 * Source: MeanFlowQL, arXiv 2511.13035, with networks of linear layers.
 */
export class MeanFlowQ extends FlowLearner<MeanFlowQLosses, Draws> {
  readonly options: Readonly<Required<MeanFlowQOptions>>;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option or a size that is none */
  constructor(sizes: Sizes, options: MeanFlowQOptions = {}, parameters?: Parameters) {
    const all = learnerOptions(owner, meanFlowQDefaults, options);
    const op = { step: meanFlowQTrainStep, stepAsync: meanFlowQTrainStepAsync };
    const widths = timedWidths(sizes, all, times);
    super({ owner, sizes, options: all, networks, losses, op, widths }, parameters);
    this.options = all;
  }

  /**
   * A learner from a file of PyTorch's names (`trunk.0.weight`, `critic1.2.bias`) or the operands'
   * (`trunk_weight_0`). Targets and moments that are not there start anew.
   * Options that are not given are those of the learner that wrote the file.
   * @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault
   */
  static fromSafetensors(bytes: Uint8Array, options: MeanFlowQOptions = {}): MeanFlowQ {
    const own = () => networks;
    const file = FlowLearner.readFile(bytes, own, owner, meanFlowQDefaults, options);
    const learner = new MeanFlowQ(
      timedSizes(file.parameters, times, owner),
      file.options,
      file.parameters,
    );
    learner.restore(file);
    return learner;
  }

  get #embDim(): number {
    return this.parameters['tmlpWeight0']?.shape[1] as number;
  }

  protected override settings(): object {
    const { activation, gamma, alpha, lr, gradClip, tau, boundWeight, ...o } = this.options;
    return {
      ...{ activation, gamma, alpha, lr, gradClip, tau, boundWeight },
      embDim: this.#embDim,
      adaptiveGamma: o.adaptiveGamma,
      adaptiveC: o.adaptiveConstant,
      targetClip: o.targetClip,
      qAgg: o.aggregate,
      normalizeQLoss: o.normalizeQLoss,
      maxQBackup: o.nextDraws,
    };
  }

  protected override policyMetadata(): Record<string, string> {
    const { activation, candidates } = this.options;
    return { kind: 'residual', activation, candidates: String(candidates), score: 'mean' };
  }

  get #evaluated(): Evaluated {
    const { parameters, placement } = this;
    return { parameters, activation: this.options.activation, placement };
  }

  protected override newDraws(rows: number): Draws {
    return {
      nextNoise: shaped(rows, this.options.nextDraws, this.actionSize),
      noiseBc: shaped(rows, this.actionSize),
      noisePolicy: shaped(rows, this.actionSize),
      t: alloc('float32', rows),
    };
  }

  protected override draw(draws: Draws): object {
    for (const { data } of [draws.nextNoise, draws.noiseBc, draws.noisePolicy]) {
      this.noise.fillNormal(data);
    }
    this.noise.fillUniform(draws.t);
    return draws;
  }

  /**
   * Actions for `observations` [B, observationSize] in one network step: of `candidates` (default:
   * the option of that name) the one that the mean of the target critics likes best. There is no
   * averaged policy.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, options: Omit<ActOptions, 'average'> = {}): Actions {
    checkOptions(`${owner}.act`, options, ['candidates', 'noise']);
    const { candidates = this.options.candidates } = options;
    const width = this.observationSize;
    const rows = this.checkAct(observations, candidates, options.noise) * candidates;
    const noise = options.noise ?? this.noise.fillNormal(new Float32Array(rows * this.actionSize));
    const all = this.#generate({ data: observations, width }, noise, rows, candidates);
    return choose(
      this.#evaluated,
      { data: observations, width },
      new Tensor(all, [rows / candidates, candidates, this.actionSize]),
      (q1, q2) => (q1 + q2) / 2,
      largest,
    );
  }

  /** clip g(ε, 1, s) */
  #generate(
    observations: { data: Float32Array; width: number },
    noise: Float32Array,
    rows: number,
    candidates: number,
  ): Float32Array {
    const dim = this.#embDim;
    const { emb } = sinusoidalEmbedding<Float32Array>({
      t: Float32Array.of(1),
      dim,
      outputs: ['emb'],
    });
    const time = evaluate(this.#evaluated, 'tmlp', emb);
    const inputs = sideBySide(rows, [
      { data: noise, width: this.actionSize },
      { data: time.data, width: time.data.length, group: Number.POSITIVE_INFINITY },
      { ...observations, group: candidates },
    ]);
    const { data } = evaluate(this.#evaluated, 'trunk', inputs);
    return data.map((g) => Math.min(1, Math.max(-1, g)));
  }
}
