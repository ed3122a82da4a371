import { argumentError } from '../errors.js';
import { fqlTrainStep, fqlTrainStepAsync } from '../generated/flow.js';
import { type Parameters, widthsOf } from '../network-files.js';
import { checkOptions } from '../options.js';
import { alloc, type Tensor } from '../tensor.js';
import { FlowLearner, type LearnerNetworks, type Sizes } from './flow-learner.js';
import { type Actions, FlowPolicy, type PolicyActOptions } from './flow-policy.js';
import { type FlowQOptions, type FqlLosses, flowQDefaults } from './flow-q-options.js';
import { learnerOptions } from './learner-options.js';
import { withTargets } from './network-parameters.js';
import { shaped } from './timed-policy.js';

const owner = 'FlowQ';
const actors = ['flow', 'policy'];
const critics = ['critic1', 'critic2'];
const losses = ['criticLoss', 'bcFlowLoss', 'distillLoss', 'qLoss', 'actorLoss'] as const;

function networksOf(layerNorm: boolean): LearnerNetworks {
  return {
    optimisers: { moments: [...actors, ...critics] },
    ...(layerNorm ? { norms: { normMoments: critics } } : {}),
    followers: Object.fromEntries(critics.map((name) => [`target_${name}`, name])),
    averages: [],
    policy: [...actors, ...critics],
  };
}

/** What a step draws, for one batch size. */
interface Draws {
  nextNoise: Tensor<Float32Array>;
  noiseBc: Tensor<Float32Array>;
  noisePolicy: Tensor<Float32Array>;
  t: Float32Array;
}

type Options = Readonly<Required<FlowQOptions>>;

/**
 * Flow Q-learning: a flow that imitates the data step by step, and a one-step policy distilled from
 * it that climbs two critics. A training step is one native call that works on the parameters in
 * place; one Adam moves all of them.
 *
 * ```ts
 * const learner = new FlowQ({ observationSize: 29, actionSize: 8 }, { alpha: 10, qAggregation: 'min' });
 * await learner.train(transitions, { steps: 100_000, onProgress: console.log });
 * const { actions } = learner.act(observations);
 * ```
 *
 * Source: FQL, arXiv 2502.02538.
 */
export class FlowQ extends FlowLearner<FqlLosses, Draws> {
  readonly options: Options;
  #policy: FlowPolicy | undefined;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option or a size that is none */
  constructor(sizes: Sizes, options: FlowQOptions = {}, parameters?: Parameters) {
    const all = learnerOptions(owner, flowQDefaults, options);
    const { observationSize: states, actionSize: dims } = sizes;
    const widths = {
      flow: [states + dims + 1, ...all.hidden, dims],
      policy: [states + dims, ...all.hidden, dims],
      critic1: [states + dims, ...all.hidden, 1],
      critic2: [states + dims, ...all.hidden, 1],
    };
    const op = { step: fqlTrainStep, stepAsync: fqlTrainStepAsync };
    const networks = networksOf(all.layerNorm);
    const design = { owner, sizes, options: all, networks, losses, op, widths };
    super(design, parameters);
    this.options = all;
  }

  /**
   * A learner from a file of PyTorch's names (`flow.0.weight`, `policy.2.bias`; with norms between
   * them, `critic1.3.weight` and `critic1.2.weight`) or the operands' (`flow_weight_0`,
   * `critic1_norm`). Targets and moments that are not there start anew.
   * Options that are not given are those of the learner that wrote the file.
   * @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault
   */
  static fromSafetensors(bytes: Uint8Array, options: FlowQOptions = {}): FlowQ {
    const networks = ({ layerNorm }: Options): LearnerNetworks => networksOf(layerNorm);
    const file = FlowLearner.readFile<Options>(bytes, networks, owner, flowQDefaults, options);
    const learner = new FlowQ(sizesOf(file.parameters), file.options, file.parameters);
    learner.restore(file);
    return learner;
  }

  protected override settings(): object {
    const { activation, layerNorm, gamma, tau, alpha, lr, flowSteps, ...o } = this.options;
    return {
      ...{ activation, layerNorm, gamma, tau, alpha, lr, flowSteps },
      qAgg: o.qAggregation,
      normalizeQLoss: o.normalizeQ,
    };
  }

  protected override policyMetadata(): Record<string, string> {
    return {
      kind: 'flow',
      activation: this.options.activation,
      steps: String(this.options.flowSteps),
    };
  }

  protected override newDraws(rows: number): Draws {
    const noise = (): Tensor<Float32Array> => shaped(rows, this.actionSize);
    const t = alloc('float32', rows);
    return { nextNoise: noise(), noiseBc: noise(), noisePolicy: noise(), t };
  }

  protected override draw(draws: Draws): object {
    const { nextNoise, noiseBc, noisePolicy, t } = draws;
    for (const { data } of [nextNoise, noiseBc, noisePolicy]) this.noise.fillNormal(data);
    this.noise.fillUniform(t);
    return draws;
  }

  /**
   * Actions for `observations` [B, observationSize]: one step of the distilled policy, or with
   * `candidates` the best of several by the target critics.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, options: PolicyActOptions = {}): Actions {
    checkOptions('FlowQ.act', options, ['candidates', 'noise']);
    this.checkIdle('act');
    if (this.#policy === undefined) {
      const { activation, flowSteps, seed, engine } = this.options;
      const networks = withTargets(this.parameters);
      this.#policy = FlowPolicy.over(networks, { activation, steps: flowSteps, seed, engine });
    }
    return this.#policy.act(observations, options);
  }

  override dispose(): void {
    this.#policy?.dispose();
    super.dispose();
  }
}

/** Sizes that follow from the widths of the one-step policy. */
function sizesOf(parameters: Parameters): Sizes {
  const widths = widthsOf(parameters, 'policy');
  const [inputs = 0, actionSize = 0] = [widths[0], widths.at(-1)];
  if (inputs < actionSize) {
    const found = `takes ${inputs} inputs`;
    const expected = 'observation and action';
    throw argumentError('BELFRY_BAD_FILE', owner, 'policy.0.weight', found, expected);
  }
  const flow = widthsOf(parameters, 'flow');
  if (flow[0] !== inputs + 1 || flow.at(-1) !== actionSize) {
    const found = `is of a network from ${flow[0]} to ${flow.at(-1)}`;
    const expected = `${inputs + 1} to ${actionSize}, as that of policy`;
    throw argumentError('BELFRY_BAD_FILE', owner, 'flow.0.weight', found, expected);
  }
  return { observationSize: inputs - actionSize, actionSize };
}
