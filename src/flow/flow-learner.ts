/** What learners of flow and diffusion policies share: parameters, training loop, files. */
import { checkFinite } from '../dataset-checks.js';
import { argumentError, BelfryError } from '../errors.js';
import { camelCase } from '../native.js';
import {
  fileName,
  hiddenUnits,
  newName,
  type Parameters,
  readNetwork,
  widthsOf,
  writeNetworks,
} from '../network-files.js';
import { OneAtATime } from '../one-at-a-time.js';
import { OutputBlock, onHost, Placement } from '../placement.js';
import { readSafetensors, type WriteTensor, writeSafetensors } from '../safetensors.js';
import { countOfFile, optionsText } from '../saved-options.js';
import { alloc, Tensor } from '../tensor.js';
import { checkAct } from './act-checks.js';
import { DrawAhead } from './draw-ahead.js';
import type { FlowTraining, LearnerOptions, Transitions } from './flow-q-options.js';
import { KeptParameters } from './kept-parameters.js';
import { savedOptions } from './learner-options.js';
import {
  addCopy,
  addNetwork,
  addNorm,
  countParameters,
  withTargets,
} from './network-parameters.js';
import { NoiseSource } from './noise.js';
import { checkCritics } from './policy-file.js';
import { drawBatch, emptyBatch } from './training-batch.js';
import { checkGiven, checkTraining, checkTransitions } from './training-checks.js';

export interface Sizes {
  observationSize: number;
  actionSize: number;
}

/** The networks of a learner, by the prefixes of their operands. */
export interface LearnerNetworks {
  /** Operand of Adam's moments -> the networks whose moments it holds, in their order. */
  optimisers: Readonly<Record<string, readonly string[]>>;
  /** The same for the norms of hidden layers, of the networks that have any. */
  norms?: Readonly<Record<string, readonly string[]>>;
  /** Networks that start as copies and follow: `target_critic1` -> `critic1`. */
  followers: Readonly<Record<string, string>>;
  /** Those of them that follow only at some steps. */
  averages: readonly string[];
  /** What `toPolicyFile` writes. */
  policy: readonly string[];
}

/** One native call that makes a step, and its form on the engine's own threads. */
export interface TrainOp {
  step(args: never): object;
  stepAsync(args: never): Promise<object>;
}

type SharedOption =
  | 'lr'
  | 'lrDecaySteps'
  | 'seed'
  | 'init'
  | 'keepEvery'
  | 'divergenceLimit'
  | 'engine';

/** What a learner hands to its base class. */
export interface LearnerDesign {
  /** Name of the class, for errors. */
  owner: string;
  sizes: Sizes;
  options: Readonly<Required<Pick<LearnerOptions, SharedOption>>>;
  networks: LearnerNetworks;
  /** Widths of new networks, in the order in which their parameters are drawn. */
  widths: Readonly<Record<string, readonly number[]>>;
  op: TrainOp;
  /** Numbers that every step reports, and that tell when training diverges. */
  losses: readonly string[];
  /** Whether the averages follow at a step. */
  averagesFollow?: (step: number) => boolean;
}

/** Networks of a file, and what else it holds. */
export interface LearnerFile<Options extends object> {
  /** Those given, over those that the file was written with. */
  options: Options;
  parameters: Parameters;
  tensors: Record<string, { data: unknown }>;
  metadata: Record<string, string>;
}

type Results = { out: Record<string, unknown>; outputs: string[] };

/** The transitions of a step, and what it draws besides. */
interface StepInput<Draws> {
  batch: Transitions;
  draws: Draws;
  /** `draws` as operands of the step. */
  drawn: object;
}

/**
 * A learner whose training step is one native call that works on the parameters in place, where its
 * engine computes. A class says which networks it has and what a step draws.
 */
export abstract class FlowLearner<Losses extends { [K in keyof Losses]: number }, Draws = object> {
  readonly observationSize: number;
  readonly actionSize: number;
  protected readonly noise: NoiseSource;
  protected readonly parameters: Parameters;
  protected readonly placement: Placement;
  readonly #design: LearnerDesign;
  readonly #moments: Record<string, Tensor<Float32Array>> = {};
  readonly #kept: KeptParameters;
  readonly #losses: OutputBlock;
  readonly #withoutAverages: Results;
  readonly #withAverages: Results;
  readonly #training: OneAtATime;
  readonly #stepping: OneAtATime;
  #arguments: Record<string, unknown> | undefined;
  /** Of `trainStep`, for one batch size. */
  #draws: { rows: number; arrays: Draws } | undefined;
  #steps = 0;

  /** @throws BelfryError BELFRY_INVALID_ARGUMENT for a size that is none */
  protected constructor(design: LearnerDesign, parameters?: Parameters) {
    this.#design = design;
    this.#training = new OneAtATime(design.owner);
    this.#stepping = new OneAtATime(design.owner);
    for (const key of ['observationSize', 'actionSize'] as const) {
      const size = design.sizes[key];
      if (Number.isInteger(size) && size >= 0) continue;
      throw argumentError('BELFRY_INVALID_ARGUMENT', design.owner, key, `is ${size}`, 'a size');
    }
    this.observationSize = design.sizes.observationSize;
    this.actionSize = design.sizes.actionSize;
    this.noise = new NoiseSource(design.options.seed);
    this.placement = new Placement(design.owner, design.options.engine);
    this.parameters = this.placement.keepAll(parameters ?? this.#newParameters());
    const { optimisers, norms = {}, followers, averages } = design.networks;
    const addMoments = (lists: LearnerNetworks['optimisers'], size: (name: string) => number) => {
      for (const [operand, names] of Object.entries(lists)) {
        const count = names.reduce((sum, name) => sum + size(name), 0);
        const zeros = new Tensor(alloc('float32', 2 * count), [2, count]);
        this.#moments[operand] = this.placement.keep(zeros);
      }
    };
    addMoments(optimisers, (name) => countParameters(widthsOf(this.parameters, name)));
    addMoments(norms, (name) => 2 * hiddenUnits(this.parameters, name));
    this.#losses = new OutputBlock(
      this.placement,
      Object.fromEntries(design.losses.map((name) => [name, []])),
    );
    const all = [...Object.values(optimisers).flat(), ...Object.keys(followers)];
    this.#withAverages = this.#results(all);
    this.#withoutAverages = this.#results(all.filter((name) => !averages.includes(name)));
    const arrays = [...Object.values(this.parameters), ...Object.values(this.#moments)];
    this.#kept = new KeptParameters(arrays, this.placement);
  }

  #newParameters(): Parameters {
    const parameters: Parameters = {};
    const { widths, networks, options } = this.#design;
    for (const [name, sizes] of Object.entries(widths)) {
      addNetwork(parameters, name, sizes, this.noise, options.init);
    }
    for (const name of Object.values(networks.norms ?? {}).flat()) addNorm(parameters, name);
    addFollowers(parameters, networks);
    return parameters;
  }

  /** The outputs of a step that changes these networks, each written where it was read. */
  #results(networks: readonly string[]): Results {
    const out: Record<string, unknown> = { ...this.#losses.out };
    for (const [operand, moments] of Object.entries(this.#moments)) {
      out[newName(operand)] = moments;
    }
    const outputs = Object.keys(out);
    for (const [name, tensor] of Object.entries(this.parameters)) {
      const network = name.replace(/(Norm|(Weight|Bias)\d+)$/, '');
      if (!networks.some((one) => camelCase(one) === network)) continue;
      out[newName(name)] = tensor;
      outputs.push(newName(name).replace(/(Weight|Bias)\d+$/, '$1'));
    }
    return { out, outputs: [...new Set(outputs)] };
  }

  /** The options as the op names them; the same for all steps. */
  protected abstract settings(): object;
  /** Arrays for what a step on `rows` transitions draws, in memory that calls use in place. */
  protected abstract newDraws(rows: number): Draws;
  /** Draws anew into these arrays; returns what was drawn, by operand. */
  protected abstract draw(arrays: Draws): object;
  /** What a reader of `toPolicyFile` needs besides the weights. */
  protected abstract policyMetadata(): Record<string, string>;

  /** Networks of one `toSafetensors` file; averages and targets that are missing are copies. */
  protected static readFile<Options extends object>(
    bytes: Uint8Array,
    networksOf: (options: Options) => LearnerNetworks,
    owner: string,
    defaults: Options,
    given: Partial<Options>,
  ): LearnerFile<Options> {
    const file = readSafetensors(bytes, { name: owner });
    const options = savedOptions(owner, file.metadata, defaults, given);
    const networks = networksOf(options);
    const parameters: Parameters = {};
    const normed = Object.values(networks.norms ?? {}).flat();
    const read = (name: string): boolean => {
      const hasNorms = normed.includes(networks.followers[name] ?? name);
      return readNetwork(parameters, file, name, owner, hasNorms);
    };
    for (const name of Object.values(networks.optimisers).flat()) {
      if (read(name)) continue;
      const what = `${name}.0.weight`;
      throw argumentError('BELFRY_BAD_FILE', owner, what, 'is missing', 'a weight [out, in]');
    }
    addFollowers(parameters, networks, read);
    return { options, parameters, tensors: file.tensors, metadata: file.metadata };
  }

  /** Moments, count of steps and state of the noise from the file that the parameters came from. */
  protected restore({ tensors, metadata }: LearnerFile<object>): void {
    const { owner, networks } = this.#design;
    checkCritics(this.parameters, this.observationSize + this.actionSize, owner);
    for (const [name, of] of Object.entries(networks.followers)) {
      const [own, wanted] = [widthsOf(this.parameters, name), widthsOf(this.parameters, of)];
      if (String(own) === String(wanted)) continue;
      const found = `and its layers have widths ${own}`;
      throw argumentError(
        'BELFRY_BAD_FILE',
        owner,
        `${name}.0.weight`,
        found,
        `${wanted} of ${of}`,
      );
    }
    for (const [operand, wanted] of Object.entries(this.#moments)) {
      const name = fileName(operand);
      const saved = tensors[name]?.data;
      if (saved === undefined) continue;
      if (!(saved instanceof Float32Array) || saved.length !== wanted.size) {
        const found = 'does not fit the parameters';
        const expected = `${wanted.size} elements of F32`;
        throw argumentError('BELFRY_BAD_FILE', owner, name, found, expected);
      }
      checkFinite(owner, name, saved, 1, 'BELFRY_BAD_FILE');
      wanted.write(saved);
    }
    const steps = countOfFile(owner, metadata, 'steps');
    const { noise } = metadata;
    if (noise !== undefined && !this.noise.restore(noise)) {
      const expected = 'the state of a generator';
      throw argumentError('BELFRY_BAD_FILE', owner, 'noise', 'is malformed', expected);
    }
    this.#steps = steps;
  }

  /**
   * Everything needed to go on, to the bit: all networks by PyTorch's names, Adam's moments, the
   * options, the count of steps, the state of the noise.
   * @throws BelfryError BELFRY_BUFFER_IN_USE while a step of `train` goes on
   */
  toSafetensors(): Uint8Array {
    this.checkIdle('toSafetensors');
    const { optimisers, followers } = this.#design.networks;
    const names = [...Object.values(optimisers).flat(), ...Object.keys(followers)];
    const tensors: Record<string, WriteTensor> = writeNetworks(
      onHost(this.parameters),
      names,
      'torch',
    );
    for (const [operand, { data, shape }] of Object.entries(onHost(this.#moments))) {
      tensors[fileName(operand)] = { data, shape };
    }
    const { owner: learner, options } = this.#design;
    const state = { steps: String(this.#steps), noise: this.noise.state() };
    return writeSafetensors(tensors, { learner, options: optionsText(options), ...state });
  }

  /**
   * The trained policy, the target critics and how they act, for `FlowPolicy.fromSafetensors`.
   * @throws BelfryError BELFRY_BUFFER_IN_USE while a step of `train` goes on
   */
  toPolicyFile(): Uint8Array {
    this.checkIdle('toPolicyFile');
    const { policy } = this.#design.networks;
    return writeSafetensors(
      writeNetworks(withTargets(onHost(this.parameters)), policy, 'operands'),
      this.policyMetadata(),
    );
  }

  /**
   * Gives back the memory of a GPU: the learner cannot be used any more. Without a call the garbage
   * collector does it eventually. On the CPU there is nothing to give back.
   */
  dispose(): void {
    this.placement.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @throws BelfryError BELFRY_BUFFER_IN_USE while a step changes the parameters elsewhere */
  protected checkIdle(method: string): void {
    this.#stepping.check(method);
  }

  /** The number of observations that `act` was given. @throws BelfryError as `checkIdle`, or for them */
  protected checkAct(
    observations: Float32Array,
    candidates: number,
    noise: Float32Array | undefined,
    levels = 1,
  ): number {
    this.checkIdle('act');
    const { observationSize, actionSize } = this;
    const question = { observations, observationSize, actionSize, candidates, noise, levels };
    return checkAct(`${this.#design.owner}.act`, question);
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One step on the calling thread.
   * @throws BelfryError BELFRY_BAD_SHAPE when the arrays are empty or do not fit each other, nothing
   *     has changed then; BELFRY_BUFFER_IN_USE while `train` goes on. BELFRY_BAD_VALUE, naming the step, when training diverges: a loss that is not finite or
   *     beyond `divergenceLimit`. Parameters, moments and step count are then the last kept ones
   */
  trainStep(batch: Transitions): Losses {
    this.#training.check('trainStep');
    checkGiven(`${this.#design.owner}.trainStep`, batch);
    const before = this.noise.state();
    const rows = batch.rewards.length;
    try {
      if (this.#draws?.rows !== rows) this.#draws = { rows, arrays: this.newDraws(rows) };
      const drawn = this.draw(this.#draws.arrays);
      this.#design.op.step(this.#stepArguments('trainStep', batch, drawn) as never);
    } catch (error) {
      this.noise.restore(before);
      throw error;
    }
    return this.#finish('trainStep', this.#losses.readSync());
  }

  /**
   * Steps on batches drawn with replacement from `transitions`, on the engine's own threads.
   * @throws BelfryError BELFRY_BAD_SHAPE for no transitions or arrays that do not fit each other,
   *     BELFRY_BAD_VALUE for numbers that are not finite and actions out of range, with the array and
   *     the row, BELFRY_INVALID_ARGUMENT, BELFRY_BUFFER_IN_USE while another `train` goes on: nothing
   *     has changed then. The reason of `signal` when it fires, after the step in work: going on from
   *     there gives the bits of training that was not stopped. BELFRY_BAD_VALUE when training
   *     diverges, as in `trainStep`
   */
  train(transitions: Transitions, training: FlowTraining<Losses>): Promise<Losses | undefined> {
    return this.#training.run('train', () => this.#train(transitions, training));
  }

  async #train(
    transitions: Transitions,
    training: FlowTraining<Losses>,
  ): Promise<Losses | undefined> {
    const op = `${this.#design.owner}.train`;
    checkTraining(op, training);
    const { steps, batchSize = 256, signal, onProgress, reportEvery = 100 } = training;
    checkTransitions(op, transitions, this, this.largestAction);
    const inputs = this.#inputsFrom(transitions, batchSize);
    let losses: Losses | undefined;
    for (let i = 1; i <= steps; i++) {
      signal?.throwIfAborted();
      const { batch, drawn } = inputs.take();
      const args = this.#stepArguments('train', batch, drawn) as never;
      const reports = onProgress !== undefined && i % reportEvery === 0;
      const step = async (): Promise<Record<string, Float32Array>> => {
        // Without the signal: a step that is stopped half-way is a state that no step leads to.
        const atWork = this.#design.op.stepAsync(args);
        // What is told of the progress may draw, and change the transitions.
        if (i < steps && !reports) inputs.draw();
        await atWork;
        return this.#losses.read();
      };
      losses = this.#finish('train', await this.#stepping.run('a step of train', step));
      if (reports) onProgress({ ...losses, step: this.#steps });
    }
    return losses;
  }

  #inputsFrom(transitions: Transitions, rows: number): DrawAhead<StepInput<Draws>> {
    const input = (): StepInput<Draws> => {
      return { batch: emptyBatch(rows, this), draws: this.newDraws(rows), drawn: {} };
    };
    return new DrawAhead(this.noise, [input(), input()], (to) => {
      drawBatch(this.noise, transitions, to.batch, this);
      to.drawn = this.draw(to.draws);
    });
  }

  /** Actions of the data lie in ± this. */
  protected get largestAction(): number {
    return 1;
  }

  #stepArguments(method: string, batch: Transitions, drawn: object): object {
    const { owner, options, averagesFollow } = this.#design;
    const { keepEvery } = options;
    if (keepEvery > 0 && (this.#kept.empty || this.#steps % keepEvery === 0)) {
      this.#kept.copy(this.#steps);
    }
    this.#arguments ??= { ...this.parameters, ...this.#moments, ...this.settings() };
    const args = this.#arguments;
    const rows = batch.rewards.length;
    const input = {
      ...drawn,
      observations: { data: batch.observations, shape: [rows, this.observationSize] },
      nextObservations: { data: batch.nextObservations, shape: [rows, this.observationSize] },
      actions: { data: batch.actions, shape: [rows, this.actionSize] },
      rewards: batch.rewards,
      terminated: batch.terminated,
    };
    Object.assign(args, this.placement.feed(`${owner}.${method}`, input));
    args['step'] = this.#steps + 1;
    args['lr'] = learningRate(options, this.#steps);
    const follow = averagesFollow?.(this.#steps + 1) ?? false;
    return Object.assign(args, follow ? this.#withAverages : this.#withoutAverages);
  }

  /** Counts the step and gives its losses, unless they say that training diverges. */
  #finish(method: string, found: Record<string, Float32Array>): Losses {
    const { owner, losses, options } = this.#design;
    const value = (name: string): number => found[name]?.[0] as number;
    const bad = losses.find((name) => !(Math.abs(value(name)) <= options.divergenceLimit));
    if (bad !== undefined) throw this.#diverged(`${owner}.${method}`, bad, value(bad));
    this.#steps += 1;
    this.#kept.confirm();
    return Object.fromEntries(losses.map((name) => [name, value(name)])) as unknown as Losses;
  }

  #diverged(op: string, loss: string, value: number): BelfryError {
    const step = this.#steps + 1;
    const kept = this.#kept.restore();
    if (kept !== undefined) this.#steps = kept;
    const now = kept === undefined ? '' : `; the parameters are those after step ${kept}`;
    const expected = `at most ${this.#design.options.divergenceLimit}`;
    const message = `${op}: training diverged at step ${step}, ${loss} is ${value}${now}.`;
    const details = { op, argument: loss, received: String(value), expected };
    return new BelfryError('BELFRY_BAD_VALUE', message, details);
  }
}

/** Followers: read by `read`, or copies of what they follow. */
function addFollowers(
  parameters: Parameters,
  { followers }: LearnerNetworks,
  read: (name: string) => boolean = () => false,
): void {
  for (const [name, of] of Object.entries(followers)) {
    if (!read(name)) addCopy(parameters, name, of);
  }
}

/** Of the step after `done` steps. */
function learningRate(options: LearnerDesign['options'], done: number): number {
  const { lr, lrDecaySteps } = options;
  if (lrDecaySteps === null) return lr;
  return (lr / 2) * (1 + Math.cos((Math.PI * Math.min(done, lrDecaySteps)) / lrDecaySteps));
}
