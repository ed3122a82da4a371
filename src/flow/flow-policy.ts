import { argumentError, show } from '../errors.js';
import type { Parameters } from '../network-files.js';
import { checkOptions } from '../options.js';
import { onCpu, Placement } from '../placement.js';
import { Tensor } from '../tensor.js';
import { NoiseSource } from './noise.js';
import {
  foldTimes,
  type PolicyKind,
  type PolicyNetworks,
  policyNetworks,
  readPolicyFile,
  withHalfWeights,
} from './policy-file.js';
import {
  checkCount,
  checkPolicyOptions,
  type FlowPolicyOptions,
  optionsOfFile,
  planSettings,
  policyOptionNames,
} from './policy-options.js';
import { makePlan, type Plan, type PlanSettings, type Sampler } from './policy-plans.js';

export interface PolicyActOptions {
  /** Candidates of each state. Default: those of the policy. */
  candidates?: number;
  /**
   * Standard normal numbers in place of drawn ones: [B, candidates, D]; for 'ddpm' [steps, B,
   * candidates, D], the start and then each step's. Candidates follow from it where they are not
   * given.
   */
  noise?: Float32Array;
}

export interface Actions {
  /** [B, D] the action of each state: what the critics choose, else the first candidate. */
  actions: Tensor<Float32Array>;
  /** [B, M, D] every candidate. */
  candidates: Tensor<Float32Array>;
  /** [B, M] smaller of the critics, when there are any. */
  qMin?: Tensor<Float32Array>;
}

/**
 * A flow or diffusion policy for inference, from a safetensors file: what `toPolicyFile` of a
 * learner writes, and then it acts as the learner does; or networks by PyTorch's names (`trunk.0.weight`, `critic1.2.bias`) or those of
 * the operands (`trunk_weight_0`, `tmlp_bias_1`, `policy_weight_0`, ...).
 *
 * ```ts
 * const policy = FlowPolicy.fromSafetensors(readFileSync('policy.safetensors'));
 * const action = new Float32Array(policy.actionSize);
 * policy.act(observation, action); // a few microseconds, nothing allocated
 * const { actions, qMin } = policy.act(observations, { candidates: 8 });
 * ```
 *
 * Source: one step: arXiv 2508.13904, 2502.02538, 2511.13035; 'ddpm': 2006.11239; 'ddim': 2010.02502.
 */
export class FlowPolicy {
  readonly kind: PolicyKind;
  readonly observationSize: number;
  readonly actionSize: number;
  readonly embeddingSize: number;
  readonly hasCritics: boolean;
  readonly sampler: Sampler;
  readonly #placement: Placement;
  readonly #networks: PolicyNetworks;
  readonly #settings: PlanSettings;
  readonly #candidates: number;
  readonly #noise: NoiseSource;
  /** For calls with `out`, and for those that give all candidates. */
  readonly #plans: [Plan | undefined, Plan | undefined] = [undefined, undefined];

  private constructor(networks: PolicyNetworks, options: FlowPolicyOptions) {
    const { timeScale = 1, candidates = 1, seed = 0, engine = onCpu } = options;
    this.#placement = new Placement('FlowPolicy', engine);
    this.kind = networks.kind;
    this.observationSize = networks.observationSize;
    this.actionSize = networks.actionSize;
    this.embeddingSize = networks.embeddingSize;
    this.hasCritics = networks.hasCritics;
    this.sampler = checkSampler(networks, options.sampler);
    this.#candidates = candidates;
    this.#noise = new NoiseSource(seed);
    const uniform = (): number => this.#noise.uniform();
    this.#settings = planSettings(this.kind, this.sampler, options, uniform);
    const folded = foldTimes(networks, this.#settings.activation, timeScale);
    this.#networks = this.#placed(options.weights === 'bf16' ? withHalfWeights(folded) : folded);
    this.#plan(0, 1, this.#candidates).run(); // what does not fit is found here
  }

  /** @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault */
  static fromSafetensors(bytes: Uint8Array, options: FlowPolicyOptions = {}): FlowPolicy {
    const { parameters, metadata, halves } = readPolicyFile(bytes);
    const weights = halves ? 'bf16' : 'f32';
    return FlowPolicy.over(parameters, options, { ...optionsOfFile(metadata), weights });
  }

  /** @internal A policy over arrays that a learner may go on changing, where no times are folded. */
  static over(
    parameters: Parameters,
    options: FlowPolicyOptions,
    defaults: FlowPolicyOptions = {},
  ): FlowPolicy {
    checkOptions('FlowPolicy', options, policyOptionNames);
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    const all: FlowPolicyOptions = { ...defaults, ...Object.fromEntries(given) };
    checkPolicyOptions(all);
    return new FlowPolicy(policyNetworks(parameters, all.kind), all);
  }

  /**
   * Writes the actions for `observations` [B, S] to `out` [B, D] and returns it: drawn noise, and
   * of the policy's candidates what the critics choose. On the calling thread; nothing is allocated
   * while the batch size stays the same.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, out: Float32Array): Float32Array;
  /**
   * Actions for `observations` [B, S] with all candidates and their scores.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, options?: PolicyActOptions): Actions;
  act(
    observations: Float32Array,
    target: Float32Array | PolicyActOptions = {},
  ): Float32Array | Actions {
    const batch = this.#batchOf(observations);
    return target instanceof Float32Array
      ? this.#into(observations, batch, target)
      : this.#withCandidates(observations, batch, target);
  }

  #placed(networks: PolicyNetworks): PolicyNetworks {
    const { parameters, halves = {} } = networks;
    return {
      ...networks,
      parameters: this.#placement.keepAll(parameters),
      halves: this.#placement.keepAll(halves),
    };
  }

  /**
   * Gives back the memory of a GPU: the policy cannot act any more. Without a call the garbage
   * collector does it eventually. On the CPU there is nothing to give back.
   */
  dispose(): void {
    for (const plan of this.#plans) plan?.placement.dispose();
    this.#placement.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #batchOf(observations: ArrayLike<number> | undefined): number {
    const length = observations?.length;
    if (typeof length !== 'number') {
      const found = `is ${show(observations)}`;
      const [op, name] = ['FlowPolicy.act', 'observations'];
      throw argumentError('BELFRY_BAD_DTYPE', op, name, found, 'a Float32Array');
    }
    const width = this.observationSize;
    const batch = width === 0 ? 1 : length / width;
    if (Number.isInteger(batch) && batch * width === length) return batch;
    throw badShape('observations', length, `[B, ${width}]`);
  }

  #into(observations: Float32Array, batch: number, out: Float32Array): Float32Array {
    if (out.length !== batch * this.actionSize) {
      throw badShape('out', out.length, `[${batch}, ${this.actionSize}]`);
    }
    const plan = this.#plan(0, batch, this.#candidates);
    plan.observations.set(observations);
    this.#noise.fillNormal(plan.noise);
    plan.run();
    out.set(plan.chosen);
    return out;
  }

  #withCandidates(observations: Float32Array, batch: number, options: PolicyActOptions): Actions {
    checkOptions('FlowPolicy.act', options, ['candidates', 'noise']);
    const { noise } = options;
    const levels = this.sampler === 'ddpm' ? this.#settings.steps : 1;
    const each = levels * batch * this.actionSize;
    const followed =
      noise === undefined || each === 0
        ? this.#candidates
        : Math.max(1, Math.floor(noise.length / each));
    const candidates = checkCount('candidates', options.candidates ?? followed);
    const plan = this.#plan(1, batch, candidates);
    if (noise === undefined) {
      this.#noise.fillNormal(plan.noise);
    } else if (noise.length === plan.noise.length) {
      plan.noise.set(noise);
    } else {
      throw badShape('noise', noise.length, `[${plan.noiseShape.join(', ')}]`);
    }
    plan.observations.set(observations);
    plan.run();
    const shape = [batch, candidates, this.actionSize];
    const result: Actions = {
      actions: new Tensor(plan.chosen.slice(), [batch, this.actionSize]),
      candidates: new Tensor(plan.actions.slice(), shape),
    };
    if (plan.scored) result.qMin = new Tensor(plan.qMin.slice(), [batch, candidates]);
    return result;
  }

  /** The arrays and calls of this size: those of the last call, or new ones. */
  #plan(slot: 0 | 1, batch: number, candidates: number): Plan {
    const kept = this.#plans[slot];
    if (kept?.batch === batch && kept.candidates === candidates) return kept;
    const scored = this.hasCritics && (slot === 1 || candidates > 1);
    kept?.placement.dispose();
    const placement = new Placement('FlowPolicy', this.#placement.engine);
    const settings = { ...this.#settings, placement };
    const plan = makePlan(this.#networks, settings, { batch, candidates, scored });
    this.#plans[slot] = plan;
    return plan;
  }
}

function badShape(argument: string, length: number, expected: string): Error {
  const found = `has ${length} elements`;
  return argumentError('BELFRY_BAD_SHAPE', 'FlowPolicy.act', argument, found, expected);
}

/** The sampler asked for, where the networks are there that it needs. */
function checkSampler(networks: PolicyNetworks, wanted: Sampler | undefined): Sampler {
  const { kind, parameters } = networks;
  const fitting: Sampler[] =
    kind === 'average' || kind === 'residual'
      ? ['one-step']
      : kind === 'diffusion'
        ? ['ddpm', 'ddim']
        : [
            ...(parameters['policyWeight0'] === undefined ? [] : (['one-step'] as const)),
            ...(parameters['flowWeight0'] === undefined ? [] : (['euler'] as const)),
          ];
  const sampler = wanted ?? (fitting[0] as Sampler);
  if (fitting.includes(sampler)) return sampler;
  const expected = fitting.map((name) => `'${name}'`).join(' or ');
  const found = `is '${sampler}', for which the file has no network`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', 'FlowPolicy', 'sampler', found, expected);
}
