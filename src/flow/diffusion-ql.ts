import {
  type DdpmPolicyArgs,
  ddpmPolicy,
  diffusionQlTrainStep,
  diffusionQlTrainStepAsync,
} from '../generated/flow.js';
import type { Parameters } from '../network-files.js';
import { checkOptions, checkRules } from '../options.js';
import { alloc, Tensor } from '../tensor.js';
import { choose, type Evaluated, largest, sideBySide, softmaxDraw } from './choose.js';
import { FlowLearner, type Sizes } from './flow-learner.js';
import type { Actions } from './flow-policy.js';
import {
  type DiffusionActOptions,
  type DiffusionQlOptions,
  diffusionQlDefaults,
  type FlowQLosses,
} from './flow-q-options.js';
import { learnerOptions } from './learner-options.js';
import { averagesFollow, shaped, timedNetworks, timedSizes, timedWidths } from './timed-policy.js';

const owner = 'DiffusionQl';
const times = ['tmlp'];
const networks = timedNetworks(['trunk', ...times], true);
const losses = [
  'criticLoss',
  'bcLoss',
  'qLoss',
  'actorLoss',
  'criticGradNorm',
  'actorGradNorm',
] as const;

/** How `act` chooses where it is not told. */
const usualChoice = { candidates: '50', select: 'softmax' } as const;

const isChoice = (value: unknown): boolean => value === 'softmax' || value === 'best';

/** What a step draws, for one batch size. */
interface Draws {
  nextNoise: Tensor<Float32Array>;
  noiseBc: Tensor<Float32Array>;
  noisePolicy: Tensor<Float32Array>;
  tIndex: Int32Array;
}

/**
 * Diffusion Q-learning: a policy that denoises its action in a few steps, trained on the data and
 * on the gradient of a critic through all of these steps. A training step is one native call that
 * works on the parameters in place.
 *
 * ```ts
 * const learner = new DiffusionQl({ observationSize: 17, actionSize: 6 }, { eta: 1, gradClip: 9 });
 * await learner.train(transitions, { steps: 100_000, onProgress: console.log });
 * const { actions } = learner.act(observations, { select: 'best' });
 * ```
 *
 * Source: Diffusion-QL, arXiv 2208.06193.
 */
export class DiffusionQl extends FlowLearner<FlowQLosses, Draws> {
  readonly options: Readonly<Required<DiffusionQlOptions>>;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option or a size that is none */
  constructor(sizes: Sizes, options: DiffusionQlOptions = {}, parameters?: Parameters) {
    const all = learnerOptions(owner, diffusionQlDefaults, options);
    const op = { step: diffusionQlTrainStep, stepAsync: diffusionQlTrainStepAsync };
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
  static fromSafetensors(bytes: Uint8Array, options: DiffusionQlOptions = {}): DiffusionQl {
    const own = () => networks;
    const file = FlowLearner.readFile(bytes, own, owner, diffusionQlDefaults, options);
    const sizes = timedSizes(file.parameters, times, owner);
    const learner = new DiffusionQl(sizes, file.options, file.parameters);
    learner.restore(file);
    return learner;
  }

  get #chain(): object {
    const { activation, schedule, diffusionSteps, maxAction, clipDenoised } = this.options;
    const embDim = this.parameters['tmlpWeight0']?.shape[1] as number;
    return { activation, schedule, steps: diffusionSteps, maxAction, clipDenoised, embDim };
  }

  protected override get largestAction(): number {
    return this.options.maxAction;
  }

  protected override settings(): object {
    const { gamma, eta, lr, gradClip, tau, emaDecay, nextDraws } = this.options;
    return { ...this.#chain, gamma, eta, lr, gradClip, tau, emaDecay, maxQBackup: nextDraws };
  }

  protected override policyMetadata(): Record<string, string> {
    const { activation, schedule, diffusionSteps, maxAction, clipDenoised } = this.options;
    return {
      ...{ kind: 'diffusion', activation, schedule },
      ...{ steps: String(diffusionSteps), max_action: String(maxAction) },
      ...{ clip_denoised: String(clipDenoised), ...usualChoice },
    };
  }

  get #evaluated(): Evaluated {
    const { parameters, placement } = this;
    return { parameters, activation: this.options.activation, placement };
  }

  protected override newDraws(rows: number): Draws {
    const { diffusionSteps, nextDraws } = this.options;
    return {
      nextNoise: shaped(diffusionSteps, rows, nextDraws, this.actionSize),
      noiseBc: shaped(rows, this.actionSize),
      noisePolicy: shaped(diffusionSteps, rows, this.actionSize),
      tIndex: alloc('int32', rows),
    };
  }

  protected override draw(draws: Draws): object {
    for (const { data } of [draws.nextNoise, draws.noiseBc, draws.noisePolicy]) {
      this.noise.fillNormal(data);
    }
    const { tIndex } = draws;
    const { diffusionSteps } = this.options;
    for (let i = 0; i < tIndex.length; i++) tIndex[i] = this.noise.integer(diffusionSteps);
    return { ...draws, qLossCritic: 1 + this.noise.integer(2) };
  }

  /**
   * Actions for `observations` [B, observationSize]: candidates at the end of the denoising chain,
   * of which the target critics choose one.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, options: DiffusionActOptions = {}): Actions {
    checkOptions(`${owner}.act`, options, ['candidates', 'select', 'average', 'noise']);
    const { candidates = Number(usualChoice.candidates), average = false } = options;
    const { select = usualChoice.select, noise } = options;
    checkRules(`${owner}.act`, { select }, { select: [isChoice, "'softmax' or 'best'"] });
    const width = this.observationSize;
    const batch = this.checkAct(observations, candidates, noise, this.options.diffusionSteps);
    const count = batch * candidates;
    const all = this.#sample({ data: observations, width }, count, candidates, average, options);
    return choose(
      this.#evaluated,
      { data: observations, width },
      new Tensor(all, [batch, candidates, this.actionSize]),
      Math.min,
      select === 'best' ? largest : (scores) => softmaxDraw(scores, this.noise.uniform()),
    );
  }

  #sample(
    observations: { data: Float32Array; width: number },
    rows: number,
    candidates: number,
    average: boolean,
    { noise }: DiffusionActOptions,
  ): Float32Array {
    const size = rows * this.actionSize;
    const steps = this.options.diffusionSteps;
    const drawn = noise ?? this.noise.fillNormal(new Float32Array(steps * size));
    // The last entry of the sampler's noise is not read.
    const noiseChain = new Float32Array((steps + 1) * size);
    noiseChain.set(drawn.subarray(0, steps * size));
    const unused = new Tensor(new Float32Array(size), [rows, this.actionSize]);
    const result = ddpmPolicy<Float32Array>({
      ...this.placement.where,
      ...this.#policy(average),
      ...this.#chain,
      observations: sideBySide(rows, [{ ...observations, group: candidates }]),
      actions: unused,
      noiseBc: unused,
      tIndex: new Int32Array(rows),
      noiseChain: new Tensor(noiseChain, [steps + 1, rows, this.actionSize]),
      outputs: ['sampledAction'],
    } as unknown as DdpmPolicyArgs<Float32Array>);
    return result.sampledAction.data;
  }

  #policy(average: boolean): Parameters {
    const networks: Parameters = {};
    for (const [name, tensor] of Object.entries(this.parameters)) {
      const match = (average ? /^ema(Trunk|Tmlp)(.*)$/ : /^(trunk|tmlp)(.*)$/).exec(name);
      if (match) networks[`${match[1]?.toLowerCase()}${match[2]}`] = tensor;
    }
    return networks;
  }
}
