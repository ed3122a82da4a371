/** The parameters of networks as the ops of this family take them, and as PyTorch saves them. */
import { argumentError } from '../errors.js';
import { camelCase } from '../native.js';
import type { SafetensorsFile, SafetensorsTensor, WriteTensor } from '../safetensors.js';
import { alloc, Tensor } from '../tensor.js';
import type { NoiseSource } from './noise.js';

/** By operand: `trunkWeight0` [out, in], `trunkBias0` [out], ... */
export type Parameters = Record<string, Tensor<Float32Array>>;

/** Operand of one layer of the network `prefix`: 'ema_trunk', 0, 'weight' -> emaTrunkWeight0. */
function operand(prefix: string, layer: number, part: 'weight' | 'bias'): string {
  return camelCase(`${prefix}_${part}_${layer}`);
}

/**
 * Name in the state of a `torch.nn.Sequential` of linear layers with activations between them:
 * 'trunk', 1, 'weight' -> trunk.2.weight.
 */
function torchName(prefix: string, layer: number, part: 'weight' | 'bias'): string {
  return `${prefix}.${2 * layer}.${part}`;
}

/** A copy in memory that asynchronous calls use in place. */
function shared(data: ArrayLike<number>, shape: readonly number[]): Tensor<Float32Array> {
  const copy = alloc('float32', data.length);
  copy.set(data);
  return new Tensor(copy, [...shape]);
}

/** Adds layers of these widths, uniform in ±1/√inputs as PyTorch starts its linear layers. */
export function addNetwork(
  parameters: Parameters,
  prefix: string,
  widths: readonly number[],
  noise: NoiseSource,
): void {
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [inputs, outputs] = [widths[layer] as number, widths[layer + 1] as number];
    const bound = 1 / Math.sqrt(Math.max(1, inputs));
    const draw = (length: number): number[] =>
      Array.from({ length }, () => (2 * noise.uniform() - 1) * bound);
    parameters[operand(prefix, layer, 'weight')] = shared(draw(inputs * outputs), [
      outputs,
      inputs,
    ]);
    parameters[operand(prefix, layer, 'bias')] = shared(draw(outputs), [outputs]);
  }
}

/** Adds a network that starts as a copy of another. */
export function addCopy(parameters: Parameters, prefix: string, of: string): void {
  for (const part of ['weight', 'bias'] as const) {
    for (let layer = 0; ; layer++) {
      const original = parameters[operand(of, layer, part)];
      if (original === undefined) break;
      parameters[operand(prefix, layer, part)] = shared(original.data, original.shape);
    }
  }
}

/** Sizes n[0] ... n[L] of a network. */
export function widthsOf(parameters: Parameters, prefix: string): number[] {
  const widths: number[] = [];
  for (let layer = 0; ; layer++) {
    const shape = parameters[operand(prefix, layer, 'weight')]?.shape;
    if (shape === undefined) return widths;
    if (layer === 0) widths.push(shape[1] as number);
    widths.push(shape[0] as number);
  }
}

/** Weights and biases of all layers. */
export function countParameters(widths: readonly number[]): number {
  return widths.slice(1).reduce((sum, n, i) => sum + n * ((widths[i] as number) + 1), 0);
}

function realTensor(
  owner: string,
  name: string,
  { data, shape }: SafetensorsTensor,
  rank: number,
): Tensor<Float32Array> {
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) {
    throw argumentError(
      'BELFRY_BAD_FILE',
      owner,
      name,
      `is ${data.constructor.name}`,
      'F32 or F64',
    );
  }
  if (shape.length !== rank) {
    throw argumentError('BELFRY_BAD_FILE', owner, name, `has rank ${shape.length}`, `rank ${rank}`);
  }
  return shared(data, shape);
}

/**
 * Reads one network, by PyTorch's names or the operands' (`trunk_weight_0`); false when the file
 * has none of it.
 * @throws BelfryError BELFRY_BAD_FILE when layers are missing or do not follow on each other
 */
export function readNetwork(
  parameters: Parameters,
  file: SafetensorsFile,
  prefix: string,
  owner: string,
): boolean {
  let width = -1;
  for (let layer = 0; ; layer++) {
    const find = (part: 'weight' | 'bias'): [string, SafetensorsTensor | undefined] => {
      const torch = torchName(prefix, layer, part);
      const found = file.tensors[torch];
      const own = `${prefix}_${part}_${layer}`;
      return found === undefined ? [own, file.tensors[own]] : [torch, found];
    };
    const [weightName, weight] = find('weight');
    if (weight === undefined) return layer > 0;
    const [biasName, bias] = find('bias');
    const matrix = realTensor(owner, weightName, weight, 2);
    const [outputs = 0, inputs = 0] = matrix.shape;
    if (layer > 0 && inputs !== width) {
      const found = `takes ${inputs} inputs`;
      throw argumentError('BELFRY_BAD_FILE', owner, weightName, found, `${width}, those of before`);
    }
    if (bias?.shape[0] !== outputs) {
      throw argumentError('BELFRY_BAD_FILE', owner, biasName, 'does not fit', `[${outputs}]`);
    }
    parameters[operand(prefix, layer, 'weight')] = matrix;
    parameters[operand(prefix, layer, 'bias')] = realTensor(owner, biasName, bias, 1);
    width = outputs;
  }
}

/** Networks under PyTorch's names, or the operands', which `FlowPolicy` reads. */
export function writeNetworks(
  parameters: Parameters,
  prefixes: readonly string[],
  names: 'torch' | 'operands',
): Record<string, WriteTensor> {
  const tensors: Record<string, WriteTensor> = {};
  for (const prefix of prefixes) {
    for (let layer = 0; layer + 1 < widthsOf(parameters, prefix).length; layer++) {
      for (const part of ['weight', 'bias'] as const) {
        const name =
          names === 'torch' ? torchName(prefix, layer, part) : `${prefix}_${part}_${layer}`;
        const { data, shape } = parameters[operand(prefix, layer, part)] as Tensor<Float32Array>;
        tensors[name] = { data, shape };
      }
    }
  }
  return tensors;
}
