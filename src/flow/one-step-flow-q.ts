import type { CallOptions } from '../call.js';
import { argumentError } from '../errors.js';
import {
  meanflowTimeSampling,
  type OfqlTrainStepArgs,
  type OfqlTrainStepResult,
  type OneStepGenerationArgs,
  ofqlTrainStep,
  ofqlTrainStepAsync,
  oneStepGeneration,
} from '../generated/flow.js';
import { camelCase } from '../native.js';
import { checkOptions } from '../options.js';
import { readSafetensors, type WriteTensor, writeSafetensors } from '../safetensors.js';
import { alloc, Tensor } from '../tensor.js';
import type { Actions } from './flow-policy.js';
import {
  type ActOptions,
  type FlowQLosses,
  type FlowQTraining,
  type OneStepFlowQOptions,
  oneStepFlowQDefaults,
  type Transitions,
} from './flow-q-options.js';
import {
  addCopy,
  addNetwork,
  countParameters,
  type Parameters,
  readNetwork,
  widthsOf,
  writeNetworks,
} from './network-parameters.js';
import { NoiseSource } from './noise.js';

const policyNetworks = ['trunk', 'tmlp', 'rmlp'] as const;
const criticNetworks = ['critic1', 'critic2'] as const;
const averages = policyNetworks.map((name) => `ema_${name}`);
const targets = criticNetworks.map((name) => `target_${name}`);
const allNetworks: readonly string[] = [
  ...policyNetworks,
  ...averages,
  ...criticNetworks,
  ...targets,
];
const reported = [
  'criticLoss',
  'bcLoss',
  'qLoss',
  'actorLoss',
  'criticGradNorm',
  'actorGradNorm',
] as const;

interface Sizes {
  observationSize: number;
  actionSize: number;
}

type StepResults = Required<
  Pick<CallOptions<OfqlTrainStepResult<Float32Array>>, 'out' | 'outputs'>
>;
type TrainArguments = OfqlTrainStepArgs<Float32Array> & StepResults;

/** What a step reads besides parameters, for one batch size. */
interface StepInputs {
  nextNoise: Tensor<Float32Array>;
  noiseBc: Tensor<Float32Array>;
  noisePolicy: Tensor<Float32Array>;
  times: { normal1: Float32Array; normal2: Float32Array; u: Float32Array };
  t: Float32Array;
  r: Float32Array;
}

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
export class OneStepFlowQ {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly options: Readonly<Required<OneStepFlowQOptions>>;
  readonly #parameters: Parameters;
  readonly #moments: { policy: Tensor<Float32Array>; critic: Tensor<Float32Array> };
  readonly #noise: NoiseSource;
  readonly #arguments: TrainArguments;
  readonly #withoutAverage: StepResults;
  readonly #withAverage: StepResults;
  #inputs: StepInputs | undefined;
  #steps = 0;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option or a size that is none */
  constructor(sizes: Sizes, options: OneStepFlowQOptions = {}, parameters?: Parameters) {
    checkOptions('OneStepFlowQ', options, Object.keys(oneStepFlowQDefaults));
    for (const key of ['observationSize', 'actionSize'] as const) {
      if (Number.isInteger(sizes[key]) && sizes[key] >= 0) continue;
      const found = `is ${sizes[key]}`;
      throw argumentError('BELFRY_INVALID_ARGUMENT', 'OneStepFlowQ', key, found, 'a size');
    }
    this.observationSize = sizes.observationSize;
    this.actionSize = sizes.actionSize;
    this.options = { ...oneStepFlowQDefaults, ...options };
    this.#noise = new NoiseSource(this.options.seed);
    this.#parameters = parameters ?? this.#newParameters();
    const count = (prefixes: readonly string[]): number =>
      prefixes.reduce((sum, name) => sum + countParameters(widthsOf(this.#parameters, name)), 0);
    const zeros = (n: number): Tensor<Float32Array> => new Tensor(alloc('float32', 2 * n), [2, n]);
    this.#moments = { policy: zeros(count(policyNetworks)), critic: zeros(count(criticNetworks)) };
    this.#withoutAverage = this.#results(allNetworks.filter((name) => !averages.includes(name)));
    this.#withAverage = this.#results(allNetworks);
    this.#arguments = this.#fixedArguments();
  }

  #newParameters(): Parameters {
    const { hidden, embeddingSize, timeWidths } = this.options;
    const time = timeWidths.at(-1) ?? embeddingSize;
    const inputs = this.actionSize + 2 * time + this.observationSize;
    const parameters: Parameters = {};
    addNetwork(parameters, 'trunk', [inputs, ...hidden, this.actionSize], this.#noise);
    for (const name of ['tmlp', 'rmlp']) {
      addNetwork(parameters, name, [embeddingSize, ...timeWidths], this.#noise);
    }
    for (const name of criticNetworks) {
      const widths = [this.observationSize + this.actionSize, ...hidden, 1];
      addNetwork(parameters, name, widths, this.#noise);
    }
    addFollowers(parameters);
    return parameters;
  }

  /** The outputs of a step that changes these networks, each written where it was read. */
  #results(networks: readonly string[]): StepResults {
    const out: Record<string, unknown> = {
      newPolicyMoments: this.#moments.policy,
      newCriticMoments: this.#moments.critic,
    };
    const outputs: string[] = [...reported, ...Object.keys(out)];
    for (const [name, tensor] of Object.entries(this.#parameters)) {
      const network = name.replace(/(Weight|Bias)\d+$/, '');
      if (!networks.some((one) => camelCase(one) === network)) continue;
      const key = `new${name[0]?.toUpperCase()}${name.slice(1)}`;
      out[key] = tensor;
      outputs.push(key.replace(/\d+$/, ''));
    }
    return { out, outputs: [...new Set(outputs)] } as unknown as StepResults;
  }

  #fixedArguments(): TrainArguments {
    const o = this.options;
    const embDim = this.#parameters['tmlpWeight0']?.shape[1] ?? o.embeddingSize;
    return {
      ...this.#parameters,
      policyMoments: this.#moments.policy,
      criticMoments: this.#moments.critic,
      embDim,
      activation: o.activation,
      gamma: o.gamma,
      eta: o.eta,
      lr: o.lr,
      gradClip: o.gradClip,
      tau: o.tau,
      emaDecay: o.emaDecay,
      p: o.weightExponent,
      c: o.weightConstant,
      maxQBackup: o.nextDraws,
      clipInTraining: o.clipInTraining,
    } as unknown as TrainArguments;
  }

  /**
   * A learner from a file of PyTorch's names (`trunk.0.weight`, `critic1.2.bias`) or the operands'
   * (`trunk_weight_0`). Averages, targets and moments that are not there start anew.
   * @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault
   */
  static fromSafetensors(bytes: Uint8Array, options: OneStepFlowQOptions = {}): OneStepFlowQ {
    const owner = 'OneStepFlowQ';
    const file = readSafetensors(bytes, { name: owner });
    const parameters: Parameters = {};
    for (const name of [...policyNetworks, ...criticNetworks]) {
      if (readNetwork(parameters, file, name, owner)) continue;
      const what = `${name}.0.weight`;
      throw argumentError('BELFRY_BAD_FILE', owner, what, 'is missing', 'a weight [out, in]');
    }
    addFollowers(parameters, (name) => readNetwork(parameters, file, name, owner));
    const sizes = sizesOf(parameters, owner);
    const learner = new OneStepFlowQ(sizes, options, parameters);
    learner.#restore(file.tensors, file.metadata, owner);
    return learner;
  }

  #restore(
    tensors: Record<string, { data: unknown }>,
    metadata: Record<string, string>,
    owner: string,
  ): void {
    for (const key of ['policy', 'critic'] as const) {
      const saved = tensors[`${key}_moments`]?.data;
      if (saved === undefined) continue;
      const wanted = this.#moments[key].data;
      if (!(saved instanceof Float32Array) || saved.length !== wanted.length) {
        const found = 'does not fit the parameters';
        const expected = `${wanted.length} elements of F32`;
        throw argumentError('BELFRY_BAD_FILE', owner, `${key}_moments`, found, expected);
      }
      wanted.set(saved);
    }
    const steps = Number(metadata['steps'] ?? 0);
    if (!Number.isSafeInteger(steps) || steps < 0) {
      throw argumentError('BELFRY_BAD_FILE', owner, 'steps', `is ${metadata['steps']}`, 'a count');
    }
    this.#steps = steps;
  }

  /** Everything needed to go on: all networks by PyTorch's names, Adam's moments, the step count. */
  toSafetensors(): Uint8Array {
    return writeSafetensors(
      {
        ...writeNetworks(this.#parameters, allNetworks, 'torch'),
        policy_moments: plain(this.#moments.policy),
        critic_moments: plain(this.#moments.critic),
      },
      { steps: String(this.#steps) },
    );
  }

  /** The trained policy and critics for `FlowPolicy.fromSafetensors`. */
  toPolicyFile(): Uint8Array {
    const networks = [...policyNetworks, ...criticNetworks];
    return writeSafetensors(writeNetworks(this.#parameters, networks, 'operands'));
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One step on the calling thread.
   * @throws BelfryError BELFRY_BAD_SHAPE when the arrays do not fit each other; nothing has changed
   */
  trainStep(batch: Transitions): FlowQLosses {
    const result = ofqlTrainStep<Float32Array>(this.#stepArguments(batch));
    this.#steps += 1;
    return lossesOf(result);
  }

  /**
   * Steps on batches drawn with replacement from `transitions`, on the engine's own threads.
   * @throws BelfryError BELFRY_ABORTED when `signal` fires; steps that are done stay done, of the
   *     one in work the critics' half may be
   */
  async train(transitions: Transitions, training: FlowQTraining): Promise<FlowQLosses | undefined> {
    const { steps, batchSize = 256, signal, onProgress, reportEvery = 100 } = training;
    const known = ['steps', 'batchSize', 'signal', 'onProgress', 'reportEvery'];
    checkOptions('OneStepFlowQ.train', training, known);
    const batch = this.#emptyBatch(batchSize);
    let losses: FlowQLosses | undefined;
    for (let i = 0; i < steps; i++) {
      this.#draw(transitions, batch);
      const args = this.#stepArguments(batch);
      losses = lossesOf(
        await ofqlTrainStepAsync<Float32Array>(signal === undefined ? args : { ...args, signal }),
      );
      this.#steps += 1;
      if (onProgress && (i + 1) % reportEvery === 0) onProgress({ ...losses, step: this.#steps });
    }
    return losses;
  }

  #emptyBatch(size: number): Transitions {
    return {
      observations: alloc('float32', size * this.observationSize),
      actions: alloc('float32', size * this.actionSize),
      rewards: alloc('float32', size),
      nextObservations: alloc('float32', size * this.observationSize),
      terminated: alloc('uint8', size),
    };
  }

  #draw(from: Transitions, to: Transitions): void {
    const count = from.rewards.length;
    if (count === 0) {
      const where = 'OneStepFlowQ.train';
      throw argumentError('BELFRY_BAD_SHAPE', where, 'rewards', 'is empty', 'transitions');
    }
    for (let row = 0; row < to.rewards.length; row++) {
      const source = this.#noise.integer(count);
      copyRow(from.observations, source, to.observations, row, this.observationSize);
      copyRow(from.nextObservations, source, to.nextObservations, row, this.observationSize);
      copyRow(from.actions, source, to.actions, row, this.actionSize);
      to.rewards[row] = from.rewards[source] as number;
      to.terminated[row] = from.terminated[source] as number;
    }
  }

  #stepArguments(batch: Transitions): TrainArguments {
    const rows = batch.rewards.length;
    const inputs = this.#inputsFor(rows);
    const noise = this.#noise;
    for (const { data } of [inputs.nextNoise, inputs.noiseBc, inputs.noisePolicy]) {
      noise.fillNormal(data);
    }
    this.#drawTimes(inputs);
    const args = this.#arguments;
    args.observations = { data: batch.observations, shape: [rows, this.observationSize] };
    args.nextObservations = { data: batch.nextObservations, shape: [rows, this.observationSize] };
    args.actions = { data: batch.actions, shape: [rows, this.actionSize] };
    args.rewards = batch.rewards;
    args.terminated = batch.terminated;
    args.step = this.#steps + 1;
    const { emaStart, emaEvery } = this.options;
    const follows = args.step >= emaStart && args.step % emaEvery === 0;
    Object.assign(args, follows ? this.#withAverage : this.#withoutAverage);
    return args;
  }

  #drawTimes({ times, t, r }: StepInputs): void {
    this.#noise.fillNormal(times.normal1);
    this.#noise.fillNormal(times.normal2);
    this.#noise.fillUniform(times.u);
    const { timeMean, timeStd, flowRatio } = this.options;
    meanflowTimeSampling<Float32Array>({
      ...times,
      mean: timeMean,
      std: timeStd,
      flowRatio,
      outputs: ['t', 'rBernoulli'],
      out: { t, rBernoulli: r },
    });
  }

  #inputsFor(rows: number): StepInputs {
    if (this.#inputs?.t.length === rows) return this.#inputs;
    const floats = (n: number): Float32Array => alloc('float32', n);
    const shaped = (...shape: number[]): Tensor<Float32Array> =>
      new Tensor(floats(shape.reduce((a, b) => a * b, 1)), shape);
    const inputs: StepInputs = {
      nextNoise: shaped(rows, this.options.nextDraws, this.actionSize),
      noiseBc: shaped(rows, this.actionSize),
      noisePolicy: shaped(rows, this.actionSize),
      times: { normal1: floats(rows), normal2: floats(rows), u: floats(rows) },
      t: floats(rows),
      r: floats(rows),
    };
    const { nextNoise, noiseBc, noisePolicy, t, r } = inputs;
    Object.assign(this.#arguments, { nextNoise, noiseBc, noisePolicy, t, r });
    this.#inputs = inputs;
    return inputs;
  }

  /**
   * Actions for `observations` [B, observationSize] in one network step.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, options: ActOptions = {}): Actions {
    checkOptions('OneStepFlowQ.act', options, ['candidates', 'average', 'noise']);
    const { candidates = 1, average = false } = options;
    const rows = this.observationSize === 0 ? 1 : observations.length / this.observationSize;
    const length = rows * candidates * this.actionSize;
    const noise = options.noise ?? this.#noise.fillNormal(new Float32Array(Math.ceil(length)));
    const result = oneStepGeneration<Float32Array>({
      ...this.#actingNetworks(average),
      observations: { data: observations, shape: [rows, this.observationSize] },
      noise: { data: noise, shape: [rows, candidates, this.actionSize] },
      embDim: this.#arguments.embDim,
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
    for (const [name, tensor] of Object.entries(this.#parameters)) {
      if (/^(trunk|tmlp|rmlp)/.test(name) && !average) networks[name] = tensor;
      if (average && name.startsWith('ema')) networks[lowerFirst(name.slice(3))] = tensor;
      if (name.startsWith('target')) networks[lowerFirst(name.slice(6))] = tensor;
    }
    return networks;
  }
}

/** Averages and targets: read by `read`, or copies of what they follow. */
function addFollowers(parameters: Parameters, read: (name: string) => boolean = () => false): void {
  for (const name of policyNetworks) {
    if (!read(`ema_${name}`)) addCopy(parameters, `ema_${name}`, name);
  }
  for (const name of criticNetworks) {
    if (!read(`target_${name}`)) addCopy(parameters, `target_${name}`, name);
  }
}

/** Sizes that follow from the widths of the networks. */
function sizesOf(parameters: Parameters, owner: string): Sizes {
  const last = (prefix: string): number => widthsOf(parameters, prefix).at(-1) as number;
  const actionSize = last('trunk');
  const inputs = widthsOf(parameters, 'trunk')[0] as number;
  const observationSize = inputs - actionSize - last('tmlp') - last('rmlp');
  if (observationSize >= 0) return { observationSize, actionSize };
  const expected = 'action, two time embeddings and observation';
  const found = `takes ${inputs} inputs`;
  throw argumentError('BELFRY_BAD_FILE', owner, 'trunk.0.weight', found, expected);
}

function plain({ data, shape }: Tensor<Float32Array>): WriteTensor {
  return { data, shape };
}

function lossesOf(result: OfqlTrainStepResult<Float32Array>): FlowQLosses {
  const { criticLoss, bcLoss, qLoss, actorLoss, criticGradNorm, actorGradNorm } = result;
  return { criticLoss, bcLoss, qLoss, actorLoss, criticGradNorm, actorGradNorm };
}

function copyRow(
  from: Float32Array,
  source: number,
  to: Float32Array,
  row: number,
  width: number,
): void {
  for (let i = 0; i < width; i++) to[row * width + i] = from[source * width + i] as number;
}

function lowerFirst(name: string): string {
  return `${(name[0] ?? '').toLowerCase()}${name.slice(1)}`;
}
