import { argumentError } from '../errors.js';
import { type OneStepGenerationArgs, oneStepGeneration } from '../generated/flow.js';
import { camelCase } from '../native.js';
import { checkOptions } from '../options.js';
import { readSafetensors, type SafetensorsData } from '../safetensors.js';
import { Tensor } from '../tensor.js';

export interface FlowPolicyOptions {
  /** Largest absolute action. Default 1. */
  clip?: number;
  /** Factor on the times. Default 1. */
  timeScale?: number;
  /** Activation of the hidden layers. Default 'mish'. */
  activation?: NonNullable<OneStepGenerationArgs['activation']>;
}

export interface Actions {
  /** [B, D] the action of each state: the best candidate when there are critics, else the first. */
  actions: Tensor<Float32Array>;
  /** [B, M, D] every candidate. */
  candidates: Tensor<Float32Array>;
  /** [B, M] smaller of the two critics, when there are critics. */
  qMin?: Tensor<Float32Array>;
}

/**
 * A one-step flow policy for inference: weights from a safetensors file whose tensors bear the
 * operand names of `oneStepGeneration` (`trunk_weight_0`, `tmlp_bias_1`, `critic1_weight_0`, ...).
 *
 * ```ts
 * const policy = FlowPolicy.fromSafetensors(readFileSync('policy.safetensors'));
 * const { actions } = policy.act(observations, noise);
 * ```
 */
export class FlowPolicy {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly embeddingSize: number;
  readonly hasCritics: boolean;
  /** One object for all calls: building it anew took a fifth of a call. */
  readonly #arguments: OneStepGenerationArgs<Float32Array>;

  private constructor(weights: Record<string, Tensor<Float32Array>>, options: FlowPolicyOptions) {
    const shape = (name: string): readonly number[] => {
      const weight = weights[name];
      if (weight === undefined || weight.shape.length !== 2) {
        throw argumentError(
          'BELFRY_BAD_FILE',
          'FlowPolicy',
          name,
          'is missing or no matrix',
          'a weight [out, in]',
        );
      }
      return weight.shape;
    };
    let last = 0;
    while (weights[`trunkWeight${last + 1}`] !== undefined) last += 1;
    const sizeAfter = (prefix: string): number => {
      let layer = 0;
      while (weights[`${prefix}Weight${layer + 1}`] !== undefined) layer += 1;
      return shape(`${prefix}Weight${layer}`)[0] as number;
    };
    this.embeddingSize = shape('tmlpWeight0')[1] as number;
    this.actionSize = shape(`trunkWeight${last}`)[0] as number;
    const inputs = shape('trunkWeight0')[1] as number;
    this.observationSize = inputs - this.actionSize - sizeAfter('tmlp') - sizeAfter('rmlp');
    if (this.observationSize < 0) {
      throw argumentError(
        'BELFRY_BAD_FILE',
        'FlowPolicy',
        'trunk_weight_0',
        `takes ${inputs} inputs`,
        'action, two time embeddings and observation',
      );
    }
    this.hasCritics = weights['critic1Weight0'] !== undefined;
    const { clip = 1, timeScale = 1, activation = 'mish' } = options;
    // The weights come by name, numbered; the op checks that they chain.
    const empty = new Float32Array(0);
    const fixed = {
      ...weights,
      embDim: this.embeddingSize,
      clip,
      timeScale,
      activation,
      outputs: this.hasCritics ? ['actions', 'bestAction', 'qMin'] : ['actions'],
      observations: { data: empty, shape: [0, this.observationSize] },
      noise: { data: empty, shape: [0, 0, this.actionSize] },
    };
    this.#arguments = fixed as unknown as OneStepGenerationArgs<Float32Array>;
  }

  /** @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault */
  static fromSafetensors(bytes: Uint8Array, options: FlowPolicyOptions = {}): FlowPolicy {
    checkOptions('FlowPolicy', options, ['clip', 'timeScale', 'activation']);
    const { tensors } = readSafetensors(bytes, { name: 'FlowPolicy' });
    const weights: Record<string, Tensor<Float32Array>> = {};
    for (const [name, tensor] of Object.entries(tensors)) {
      weights[camelCase(name)] = new Tensor(toFloat32(name, tensor.data), tensor.shape);
    }
    return new FlowPolicy(weights, options);
  }

  /**
   * Actions for `observations` [B, S] from standard normal `noise` [B, M, D], M candidates a state.
   * @throws BelfryError BELFRY_BAD_SHAPE
   */
  act(observations: Float32Array, noise: Float32Array): Actions {
    const batch = this.observationSize === 0 ? 1 : observations.length / this.observationSize;
    const candidates = noise.length / (batch * this.actionSize);
    if (!Number.isInteger(batch) || !Number.isInteger(candidates)) {
      throw argumentError(
        'BELFRY_BAD_SHAPE',
        'FlowPolicy.act',
        'noise',
        `has ${noise.length} elements for ${observations.length} of observations`,
        `[B, M, ${this.actionSize}] and [B, ${this.observationSize}]`,
      );
    }
    const args = this.#arguments;
    args.observations = { data: observations, shape: [batch, this.observationSize] };
    args.noise = { data: noise, shape: [batch, candidates, this.actionSize] };
    const result = oneStepGeneration<Float32Array>(args);
    const actions = result.bestAction ?? firstCandidates(result.actions);
    const out: Actions = { actions, candidates: result.actions };
    if (result.qMin !== undefined) out.qMin = result.qMin;
    return out;
  }
}

function firstCandidates(all: Tensor<Float32Array>): Tensor<Float32Array> {
  const [batch = 0, candidates = 0, size = 0] = all.shape;
  const first = new Float32Array(batch * size);
  for (let b = 0; b < batch; b++) {
    first.set(all.data.subarray(b * candidates * size, b * candidates * size + size), b * size);
  }
  return new Tensor(first, [batch, size]);
}

function toFloat32(name: string, data: SafetensorsData): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  throw argumentError(
    'BELFRY_BAD_FILE',
    'FlowPolicy',
    name,
    `is ${data.constructor.name}`,
    'F32 or F64',
  );
}
