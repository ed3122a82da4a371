/** The networks of a policy: what kind they are, their sizes, and what of them is constant. */
import { argumentError } from '../errors.js';
import { mlp, sinusoidalEmbedding } from '../generated/flow.js';
import { type Parameters, readNetwork, widthsOf } from '../network-files.js';
import { onCpu, Placement } from '../placement.js';
import { readSafetensors, type SafetensorsFile } from '../safetensors.js';
import { Tensor } from '../tensor.js';
import { type HalfWeights, roundToHalves } from './half-weights.js';

const owner = 'FlowPolicy';

/**
 * 'average': `trunk` over [ε, e_t, e_r, s] with `tmlp` and `rmlp`, an average velocity u: a = ε − u.
 * 'residual': `trunk` over [ε, e_t, s] with `tmlp`, which says the action itself. 'flow': `flow`
 * over [s, x, t], and the one-step `policy` over [s, z] distilled from it, or one of them.
 * 'diffusion': `trunk` over [x, e_t, s] with `tmlp`, which says the noise in x.
 */
export type PolicyKind = (typeof policyKinds)[number];
export const policyKinds = ['average', 'residual', 'flow', 'diffusion'] as const;

export interface PolicyNetworks {
  kind: PolicyKind;
  parameters: Parameters;
  /** The weights of `parameters` in bfloat16, for a row or two. */
  halves?: HalfWeights;
  observationSize: number;
  actionSize: number;
  /** Of the time embeddings; 0 where there are none. */
  embeddingSize: number;
  hasCritics: boolean;
}

/** A file's networks by operand, and its metadata. */
export interface PolicyFile {
  parameters: Parameters;
  metadata: Record<string, string>;
  /** Whether weights are stored in bfloat16. */
  halves: boolean;
}

const names = ['trunk', 'tmlp', 'rmlp', 'flow', 'policy', 'critic1', 'critic2'] as const;

/** @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault */
export function readPolicyFile(bytes: Uint8Array): PolicyFile {
  const file = readSafetensors(bytes, { name: owner });
  if (file.metadata['learner'] !== undefined) {
    const found = `is '${file.metadata['learner']}', whose steps and critics are those of training`;
    throw misfit('learner', found, 'a file of toPolicyFile');
  }
  const parameters: Parameters = {};
  for (const name of names) readNetwork(parameters, file, name, owner, hasNorms(file, name));
  const weights = Object.entries(file.tensors).filter(([name]) => /weight/.test(name));
  const halves = weights.some(([, { dtype }]) => dtype === 'BF16');
  return { parameters, metadata: file.metadata, halves };
}

/** Norms as one array, or as vectors where a network without norms has its second matrix. */
function hasNorms(file: SafetensorsFile, name: string): boolean {
  return `${name}_norm` in file.tensors || file.tensors[`${name}.2.weight`]?.shape.length === 1;
}

function misfit(tensor: string, found: string, expected: string): Error {
  return argumentError('BELFRY_BAD_FILE', owner, tensor, found, expected);
}

/**
 * The networks as those of `wanted`, or else of the kind that has such networks.
 * @throws BelfryError BELFRY_BAD_FILE naming the tensor at fault
 */
export function policyNetworks(parameters: Parameters, wanted?: PolicyKind): PolicyNetworks {
  const has = (name: string): boolean => widthsOf(parameters, name).length > 0;
  const found = has('flow') || has('policy') ? 'flow' : has('rmlp') ? 'average' : 'diffusion';
  const kind = wanted ?? found;
  const needed: Record<PolicyKind, string[]> = {
    average: ['trunk', 'tmlp', 'rmlp'],
    residual: ['trunk', 'tmlp'],
    flow: found === 'flow' ? [] : ['policy'],
    diffusion: ['trunk', 'tmlp'],
  };
  for (const name of needed[kind]) {
    if (!has(name)) throw misfit(`${name}_weight_0`, 'is missing', 'a weight [out, in]');
  }
  if (kind !== 'average' && has('rmlp')) {
    const expected = `a file of kind 'average', not '${kind}'`;
    throw misfit('rmlp_weight_0', 'is a network of r', expected);
  }
  const sizes = kind === 'flow' ? flowSizes(parameters) : trunkSizes(parameters);
  checkCritics(parameters, sizes.observationSize + sizes.actionSize, owner);
  return { kind, parameters, ...sizes, hasCritics: has('critic1') };
}

type Sizes = Pick<PolicyNetworks, 'observationSize' | 'actionSize' | 'embeddingSize'>;

function trunkSizes(parameters: Parameters): Sizes {
  const trunk = widthsOf(parameters, 'trunk');
  const [inputs = 0, actionSize = 0] = [trunk[0], trunk.at(-1)];
  let observationSize = inputs - actionSize;
  let embeddingSize = 0;
  for (const name of ['tmlp', 'rmlp']) {
    const widths = widthsOf(parameters, name);
    if (widths.length === 0) continue;
    const size = widths[0] as number;
    embeddingSize ||= size;
    if (size < 4 || size % 2 !== 0 || size !== embeddingSize) {
      const expected = 'an even number, at least 4, the same for both times';
      throw misfit(`${name}_weight_0`, `takes ${size} inputs`, expected);
    }
    observationSize -= widths.at(-1) as number;
  }
  if (observationSize >= 0) return { observationSize, actionSize, embeddingSize };
  const expected = 'action, time embeddings and observation';
  throw misfit('trunk_weight_0', `takes ${inputs} inputs`, expected);
}

function flowSizes(parameters: Parameters): Sizes {
  const found = (['policy', 'flow'] as const).flatMap((name) => {
    const widths = widthsOf(parameters, name);
    if (widths.length === 0) return [];
    const [inputs = 0, actionSize = 0] = [widths[0], widths.at(-1)];
    const observationSize = inputs - actionSize - (name === 'flow' ? 1 : 0);
    if (observationSize < 0) {
      const expected = `observation${name === 'flow' ? ', action and time' : ' and action'}`;
      throw misfit(`${name}_weight_0`, `takes ${inputs} inputs`, expected);
    }
    return [{ name, observationSize, actionSize }];
  });
  const [{ observationSize = 0, actionSize = 0 } = {}, other] = found;
  const fits = other?.actionSize === actionSize && other.observationSize === observationSize;
  if (other !== undefined && !fits) {
    const sizes = `${other.observationSize} observations and ${other.actionSize} actions`;
    const expected = `${observationSize} and ${actionSize}, those of policy`;
    throw misfit(`${other.name}_weight_0`, `is for ${sizes}`, expected);
  }
  return { observationSize, actionSize, embeddingSize: 0 };
}

/** @throws BelfryError BELFRY_BAD_FILE naming the layer of a critic that takes or makes anything else */
export function checkCritics(parameters: Parameters, inputs: number, owner: string): void {
  const refuse = (tensor: string, found: string, expected: string): Error =>
    argumentError('BELFRY_BAD_FILE', owner, tensor, found, expected);
  for (const name of ['critic1', 'critic2']) {
    const widths = widthsOf(parameters, name);
    if (widths.length === 0) continue;
    if (widths[0] !== inputs) {
      const expected = `${inputs}, observation and action`;
      throw refuse(`${name}_weight_0`, `takes ${widths[0]} inputs`, expected);
    }
    if (widths.at(-1) === 1) continue;
    throw refuse(`${name}_weight_${widths.length - 2}`, `makes ${widths.at(-1)} outputs`, '1');
  }
}

/** What every layer but the last does, and the last. */
export function activationsOf(widths: readonly number[], hidden: string): string[] {
  return widths.slice(1).map((_, i) => (i + 2 < widths.length ? hidden : 'identity'));
}

/**
 * The operands of `mlp` for the network `prefix`, its weights in bfloat16 if `halves` are given;
 * what is a part of an array is kept by `placement`.
 */
export function mlpOperands(
  parameters: Parameters,
  prefix: string,
  activation: string,
  placement: Placement,
  halves: HalfWeights = {},
): Record<string, unknown> {
  const widths = widthsOf(parameters, prefix);
  const operands: Record<string, unknown> = { activations: activationsOf(widths, activation) };
  for (let i = 0; i + 1 < widths.length; i++) {
    const name = `${prefix}Weight${i}`;
    operands[`weight${i}`] = halves[name] ?? parameters[name];
    operands[`bias${i}`] = parameters[`${prefix}Bias${i}`];
  }
  const norm = parameters[`${prefix}Norm`];
  if (norm === undefined) return operands;
  const units = norm.shape[1] as number;
  let at = 0;
  widths.slice(1, -1).forEach((width, i) => {
    operands[`lnGamma${i}`] = placement.slice(norm, at, [width]);
    operands[`lnBeta${i}`] = placement.slice(norm, units + at, [width]);
    at += width;
  });
  operands['norms'] = widths.slice(1).map((_, i) => (i + 2 < widths.length ? 'post' : 'none'));
  operands['lnEps'] = 1e-6;
  return operands;
}

/** The networks with their weights rounded to bfloat16. */
export function withHalfWeights(networks: PolicyNetworks): PolicyNetworks {
  return { ...networks, ...roundToHalves(networks.parameters) };
}

/** The times at which a one-step policy is evaluated, by the network of each. */
const foldedTimes: Partial<Record<PolicyKind, Readonly<Record<string, number>>>> = {
  average: { tmlp: 1, rmlp: 0 },
  residual: { tmlp: 1 },
};

/**
 * The networks with what is constant in one step from t = 1 (to r = 0) folded into the bias of the
 * trunk's first layer, b' = b + W_e [e_t; e_r]: the networks of the times make nothing any more.
 * Kinds that take many steps, or have no such times, stay as they are.
 */
export function foldTimes(
  networks: PolicyNetworks,
  activation: string,
  timeScale: number,
): PolicyNetworks {
  const { parameters, observationSize, actionSize, embeddingSize, kind } = networks;
  const at = foldedTimes[kind];
  if (at === undefined) return networks;
  const folded = { ...parameters };
  const onHost = new Placement(owner, onCpu);
  const { emb } = sinusoidalEmbedding<Float64Array>({
    t: Float64Array.from(Object.values(at)),
    dim: embeddingSize,
    scale: timeScale,
    outputs: ['emb'],
  });
  const wide = (operands: Record<string, unknown>): Record<string, unknown> => {
    const entries = Object.entries(operands).map(([key, value]) =>
      value instanceof Tensor
        ? [key, new Tensor(Float64Array.from(value.data), [...value.shape])]
        : [key, value],
    );
    return Object.fromEntries(entries) as Record<string, unknown>;
  };
  const times = Object.keys(at).flatMap((name, row) => {
    const x = emb.data.slice(row * embeddingSize, (row + 1) * embeddingSize);
    const operands = wide(mlpOperands(parameters, name, activation, onHost));
    const args = { ...operands, x: new Tensor(x, [1, embeddingSize]), outputs: ['y'] };
    return [...(mlp(args as never) as { y: Tensor<Float64Array> }).y.data];
  });
  const weight = parameters['trunkWeight0'] as Tensor<Float32Array>;
  const [outputs = 0, inputs = 0] = weight.shape;
  const kept = actionSize + observationSize;
  const data = new Float32Array(outputs * kept);
  const bias = Float32Array.from((parameters['trunkBias0'] as Tensor<Float32Array>).data);
  for (let i = 0; i < outputs; i++) {
    const row = weight.data.subarray(i * inputs, (i + 1) * inputs);
    data.set(row.subarray(0, actionSize), i * kept);
    data.set(row.subarray(actionSize + times.length), i * kept + actionSize);
    bias[i] = times.reduce(
      (sum, e, k) => sum + (row[actionSize + k] as number) * e,
      bias[i] as number,
    );
  }
  for (const name of Object.keys(at)) {
    for (const key of Object.keys(folded)) if (key.startsWith(name)) delete folded[key];
    folded[`${name}Weight0`] = new Tensor(new Float32Array(0), [0, 4]);
    folded[`${name}Bias0`] = new Tensor(new Float32Array(0), [0]);
  }
  folded['trunkWeight0'] = new Tensor(data, [outputs, kept]);
  folded['trunkBias0'] = new Tensor(bias, [outputs]);
  return { ...networks, parameters: folded };
}
