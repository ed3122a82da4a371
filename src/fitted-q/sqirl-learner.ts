import { argumentError, BelfryError } from '../errors.js';
import { fqiTarget } from '../generated/fitted-q.js';
import { checkOptions, checkRules, rules, withDefaults } from '../options.js';
import { checkEngine } from '../placement.js';
import type { AsyncOptions } from '../tasks.js';
import type { Tensor } from '../tensor.js';
import { Pauses } from './batches.js';
import { greedyActions } from './greedy.js';
import {
  networkDefaults,
  networkOptions,
  networkRules,
  QNetwork,
  type QNetworkOptions,
  type QNetworkState,
} from './q-network.js';
import type { RandomStream } from './random-stream.js';
import type { QRegressor, RegressorState, ReturnAtoms } from './regressor.js';
import { returnAtoms } from './return-atoms.js';
import { checkSavedNetwork } from './saved-network.js';
import { CategoricalHeads, type SqirlHeads, ValueHeads } from './sqirl-heads.js';
import { Replay, type ReplayBatch, type Rollouts } from './sqirl-replay.js';
import { TransitionDataset } from './transitions.js';

/** How the policies of SQIRL come from its rollouts. */
export interface SqirlLearner {
  /** The policy of `timestep`; a stop or an error leaves no trace. */
  learn(
    timestep: number,
    rollouts: Rollouts,
    steps: number,
    run: AsyncOptions,
  ): Promise<SqirlPolicy>;
  load(policy: unknown, sizes: Sizes): SqirlPolicy;
  save(): unknown;
  restore(state: unknown, sizes: Sizes): void;
  dispose(): void;
}

export interface SqirlPolicy {
  act(states: Tensor<Float32Array>): Int32Array;
  /** For structured clone. */
  save(): unknown;
  dispose(): void;
}

export interface Sizes {
  stateSize: number;
  numActions: number;
}

/** Regressions one after the other, each from scratch, over the newest rollouts alone. */
export class SequentialLearner implements SqirlLearner {
  constructor(
    readonly depth: number,
    readonly discount: number,
    readonly regressor: () => QRegressor,
  ) {}

  async learn(
    _timestep: number,
    { data, returnToGo }: Rollouts,
    _steps: number,
    run: AsyncOptions,
  ): Promise<SqirlPolicy> {
    let last = this.regressor();
    await last.fit(data, returnToGo, run);
    for (let k = 1; k < this.depth; k++) {
      const { target } = fqiTarget<Float32Array>({
        nextQValues: last.predict(data.nextStates),
        rewards: data.rewards,
        terminated: data.terminated,
        gamma: this.discount,
      });
      last = this.regressor();
      await last.fit(data, target.data, run);
    }
    return policyOf(last);
  }

  load(policy: unknown): SqirlPolicy {
    const regressor = this.regressor();
    regressor.load(policy as RegressorState);
    return policyOf(regressor);
  }
  save(): undefined {}
  restore(): void {}
  dispose(): void {}
}

function policyOf(regressor: QRegressor): SqirlPolicy {
  return {
    act: (states) => greedyActions(regressor.predict(states)),
    save: () => regressor.save(),
    dispose: () => regressor.dispose?.(),
  };
}

/** Distributional heads: the atoms of their returns, which are those scaled by c. */
export interface SqirlAtoms extends Partial<ReturnAtoms> {
  /** Return of the first atom. */
  vMin: number;
  /** Return of the last atom, above `vMin`. */
  vMax: number;
  /**
   * c multiplies the rewards of all depths. False: of the returns that the first is fitted to alone,
   * as in the authors' code. Default true.
   */
  scaleBackups?: boolean;
}

export interface SqirlNetworkOptions
  extends Omit<QNetworkOptions, 'loss' | 'optimizer' | 'momentum'> {
  /** Rows of a step. Default 256. */
  batchSize?: number;
  /** A timestep has ⌈steps played · epochs / batchSize⌉ training steps. Default 10. */
  epochs?: number;
  /** c: multiplies rewards and returns. Default 1. */
  rewardScale?: number;
  /** Huber loss in place of the squared error. Default false. */
  huber?: boolean;
  /**
   * A distribution over these returns for each depth and action, in place of its mean; the loss is
   * the KL divergence (arXiv 1707.06887). Default null: means.
   */
  atoms?: SqirlAtoms | null;
  /** Divide the loss of each depth by its running mean. Default false. */
  scaleLosses?: boolean;
  /** Decay of that mean. Default 0.99. */
  lossScaleDecay?: number;
  /** Multiplies the priorities of old transitions at each new timestep. Default 1. */
  replayPriorityFactor?: number;
  /** Transitions kept; the oldest timesteps are forgotten first. Default 1 000 000. */
  replaySize?: number;
}

const defaults = {
  batchSize: 256,
  epochs: 10,
  rewardScale: 1,
  huber: false,
  atoms: null,
  scaleLosses: false,
  lossScaleDecay: 0.99,
  replayPriorityFactor: 1,
  replaySize: 1_000_000,
  maxGradNorm: 10,
};

const optionRules = {
  ...networkRules,
  rewardScale: rules.number,
  huber: rules.flag,
  scaleLosses: rules.flag,
  lossScaleDecay: rules.share,
  replayPriorityFactor: rules.notNegative,
  replaySize: rules.count,
};

interface SavedRollouts extends Sizes {
  chunk: Parameters<TransitionDataset['append']>[0];
  returnToGo: Float32Array;
}
interface JointState {
  network: QNetworkState;
  lossMeans: number[];
  rollouts: SavedRollouts[];
}

/** All depths at once: heads of one network, trained over the rollouts of all timesteps. */
export class JointLearner implements SqirlLearner {
  readonly options: Readonly<Required<SqirlNetworkOptions & QNetworkOptions>>;
  readonly #replay: Replay;
  readonly #heads: SqirlHeads;
  #network: QNetwork | undefined;
  #lossMeans: number[] = [];

  constructor(
    readonly depth: number,
    readonly discount: number,
    readonly random: RandomStream,
    options: SqirlNetworkOptions,
  ) {
    const own = networkOptions.filter((name) => !['loss', 'optimizer', 'momentum'].includes(name));
    checkOptions('Sqirl.network', options, [...own, ...Object.keys(defaults)]);
    const all = withDefaults({ ...networkDefaults({}), ...defaults }, options);
    checkRules('Sqirl.network', all, optionRules);
    this.options = all as JointLearner['options'];
    checkEngine('Sqirl.network', this.options.engine);
    this.#heads = this.#makeHeads();
    this.#replay = new Replay(this.options.replayPriorityFactor, this.options.replaySize);
  }

  async learn(
    timestep: number,
    rollouts: Rollouts,
    steps: number,
    run: AsyncOptions,
  ): Promise<SqirlPolicy> {
    const known = this.#network;
    const network = this.#networkFor(rollouts.data);
    const before = {
      network: network.save(),
      lossMeans: [...this.#lossMeans],
      rollouts: [...this.#replay.rollouts],
    };
    try {
      this.#replay.add(rollouts);
      await this.#train(network, timestep, steps, run);
    } catch (error) {
      network.load(before.network);
      this.#network = known;
      this.#lossMeans = before.lossMeans;
      this.#replay.restore(before.rollouts);
      throw error;
    }
    return this.#policyOf(network.frozen());
  }

  async #train(
    network: QNetwork,
    timestep: number,
    steps: number,
    run: AsyncOptions,
  ): Promise<void> {
    const { batchSize, epochs } = this.options;
    const batch = this.#replay.emptyBatch(batchSize);
    const pauses = new Pauses(run);
    const count = Math.ceil((steps * epochs) / batchSize);
    for (let i = 0; i < count; i++) {
      this.#replay.fill(batch, this.random);
      const loss = this.#step(network, batch);
      if (!Number.isFinite(loss)) {
        const message = `Sqirl: the training of timestep ${timestep} diverges: before step ${i + 1} of ${count} the loss is ${loss}. The timesteps before it stay planned. A smaller learningRate or rewardScale may help.`;
        throw new BelfryError('BELFRY_BAD_VALUE', message, { op: 'Sqirl' });
      }
      await pauses.pause(i + 1, count, loss);
    }
  }

  /** Returns the loss before the step. */
  #step(network: QNetwork, { x, nextX, ...rows }: ReplayBatch): number {
    const step = this.#heads.lossOf(network.predict(x), network.predict(nextX), rows);
    const scale = this.options.scaleLosses ? this.#lossScale(step.perDepth()) : undefined;
    const { loss, gradient } = step.total(scale);
    if (Number.isFinite(loss)) network.gradientStep(x, gradient);
    return loss;
  }

  /** The running means of the losses, this batch's included. */
  #lossScale(losses: Float32Array): Float32Array {
    const decay = this.options.lossScaleDecay;
    this.#lossMeans = Array.from(losses, (loss, i) => {
      const mean = this.#lossMeans[i];
      return mean === undefined ? loss : decay * mean + (1 - decay) * loss;
    });
    // A loss of 0 has no magnitude.
    return Float32Array.from(this.#lossMeans, (mean) => (mean > 0 ? mean : 1));
  }

  #makeHeads(): SqirlHeads {
    const { depth, discount } = this;
    const { rewardScale, huber, atoms } = this.options;
    if (atoms === null) return new ValueHeads(depth, { discount, rewardScale, huber });
    checkOptions('Sqirl.network.atoms', atoms, ['count', 'vMin', 'vMax', 'scaleBackups']);
    if (huber) {
      throw argumentError(
        'BELFRY_INVALID_ARGUMENT',
        'Sqirl.network',
        'huber',
        'is true',
        'false with atoms',
      );
    }
    const { scaleBackups = true } = atoms;
    const options = { discount, rewardScale, scaleBackups };
    return new CategoricalHeads(depth, returnAtoms('Sqirl.network.atoms', atoms), options);
  }

  #networkFor({ stateSize, numActions }: Sizes): QNetwork {
    const outputs = this.depth * numActions * this.#heads.width;
    this.#network ??= new QNetwork(this.options, stateSize, outputs, this.random.next);
    return this.#network;
  }

  #policyOf(network: QNetwork): SqirlPolicy {
    const heads = this.#heads;
    return {
      act: (states) => greedyActions(heads.lastValues(network.predict(states))),
      save: () => network.save(),
      dispose: () => network.dispose(),
    };
  }

  load(policy: unknown, sizes: Sizes): SqirlPolicy {
    this.#checkSaved(policy as QNetworkState, sizes);
    const network = this.#networkFor(sizes).frozen();
    network.load(policy as QNetworkState);
    return this.#policyOf(network);
  }

  dispose(): void {
    this.#network?.dispose();
    this.#network = undefined;
  }

  #checkSaved(saved: QNetworkState, { stateSize, numActions }: Sizes): void {
    const width = this.depth * numActions * this.#heads.width;
    const widths = [stateSize, ...this.options.hidden, width];
    checkSavedNetwork('Sqirl.resume', saved, widths);
  }

  save(): JointState | undefined {
    if (this.#network === undefined) return undefined;
    const rollouts = this.#replay.rollouts.map(({ data, returnToGo }) => {
      const { stateSize, numActions, actions, rewards, terminated } = data;
      const [states, nextStates] = [data.states.data.slice(), data.nextStates.data.slice()];
      const columns = { actions: actions.slice(), rewards: rewards.slice() };
      const chunk = { states, nextStates, ...columns, terminated: terminated.slice() };
      return { stateSize, numActions, chunk, returnToGo: returnToGo.slice() };
    });
    return { network: this.#network.save(), lossMeans: [...this.#lossMeans], rollouts };
  }

  restore(state: unknown, sizes: Sizes): void {
    if (state === undefined) return;
    const { network, lossMeans, rollouts } = state as JointState;
    this.#checkSaved(network, sizes);
    this.#networkFor(sizes).load(network);
    this.#lossMeans = [...lossMeans];
    this.#replay.restore(
      rollouts.map(({ chunk, returnToGo, ...own }) => {
        const data = new TransitionDataset({ ...own, capacity: chunk.actions.length });
        data.append(chunk);
        return { data, returnToGo: returnToGo.slice() };
      }),
    );
  }
}
