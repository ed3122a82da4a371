/** Networks in .safetensors files, by the names that PyTorch gives them or by those of operands. */
import { checkFinite } from './dataset-checks.js';
import { argumentError } from './errors.js';
import { camelCase } from './native.js';
import type { SafetensorsFile, SafetensorsTensor, WriteTensor } from './safetensors.js';
import { alloc, Tensor } from './tensor.js';

/**
 * By operand: `trunkWeight0` [out, in], `trunkBias0` [out], ...; where hidden layers are normalised,
 * `critic1Norm` [2, hidden units]: scales and shifts, the layers end to end.
 */
export type Parameters = Record<string, Tensor<Float32Array>>;

/** Operand of one layer of the network `prefix`: 'ema_trunk', 0, 'weight' -> emaTrunkWeight0. */
export function operand(prefix: string, layer: number, part: 'weight' | 'bias'): string {
  return camelCase(`${prefix}_${part}_${layer}`);
}

/** The one array of a network's norms: 'target_critic1' -> targetCritic1Norm. */
export function normOperand(prefix: string): string {
  return camelCase(`${prefix}_norm`);
}

/** criticMoments -> newCriticMoments */
export function newName(operand: string): string {
  return `new${operand[0]?.toUpperCase()}${operand.slice(1)}`;
}

/** criticMoments -> critic_moments */
export function fileName(operand: string): string {
  return operand.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Name in the state of a `torch.nn.Sequential` of linear layers with activations, and norms where
 * there are any, between them: 'trunk', 1, 'weight' -> trunk.2.weight, or trunk.3.weight with norms.
 */
function torchName(prefix: string, layer: number, part: string, normed: boolean): string {
  return `${prefix}.${(normed ? 3 : 2) * layer}.${part}`;
}

function torchNormName(prefix: string, layer: number, part: string): string {
  return `${prefix}.${3 * layer + 2}.${part}`;
}

/** A copy in memory that asynchronous calls use in place. */
export function shared(data: ArrayLike<number>, shape: readonly number[]): Tensor<Float32Array> {
  const copy = alloc('float32', data.length);
  copy.set(data);
  return new Tensor(copy, [...shape]);
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

export function hiddenUnits(parameters: Parameters, prefix: string): number {
  return widthsOf(parameters, prefix)
    .slice(1, -1)
    .reduce((sum, n) => sum + n, 0);
}

/** The numbers of a tensor; BF16 are the upper halves of F32. */
function numbersOf({ data, dtype }: SafetensorsTensor): Float32Array | Float64Array | undefined {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  if (!(data instanceof Uint16Array) || dtype !== 'BF16') return undefined;
  const bits = Uint32Array.from(data, (half) => half << 16);
  return new Float32Array(bits.buffer);
}

/**
 * The finite numbers of a tensor of this rank, as they are in the file.
 * @throws BelfryError BELFRY_BAD_FILE naming the tensor
 */
export function fileNumbers(
  owner: string,
  name: string,
  tensor: SafetensorsTensor,
  rank: number,
): Float32Array | Float64Array {
  const { shape } = tensor;
  const data = numbersOf(tensor);
  if (data === undefined) {
    const expected = 'F32, F64 or BF16';
    throw argumentError('BELFRY_BAD_FILE', owner, name, `is ${tensor.dtype}`, expected);
  }
  if (shape.length !== rank) {
    throw argumentError('BELFRY_BAD_FILE', owner, name, `has rank ${shape.length}`, `rank ${rank}`);
  }
  checkFinite(owner, name, data, 1, 'BELFRY_BAD_FILE');
  return data;
}

function realTensor(
  owner: string,
  name: string,
  tensor: SafetensorsTensor,
  rank: number,
): Tensor<Float32Array> {
  return shared(fileNumbers(owner, name, tensor, rank), tensor.shape);
}

/**
 * Reads one network, by PyTorch's names or the operands' (`trunk_weight_0`); false when the file
 * has none of it. `normed`: with the norms of its hidden layers.
 * @throws BelfryError BELFRY_BAD_FILE when layers are missing or do not follow on each other
 */
export function readNetwork(
  parameters: Parameters,
  file: SafetensorsFile,
  prefix: string,
  owner: string,
  normed = false,
): boolean {
  if (!readLayers(parameters, file, prefix, owner, normed)) return false;
  if (normed) readNorm(parameters, file, prefix, owner);
  return true;
}

function readLayers(
  parameters: Parameters,
  file: SafetensorsFile,
  prefix: string,
  owner: string,
  normed: boolean,
): boolean {
  let width = -1;
  for (let layer = 0; ; layer++) {
    const find = (part: 'weight' | 'bias'): [string, SafetensorsTensor | undefined] => {
      const torch = torchName(prefix, layer, part, normed);
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

/** Scales and shifts by PyTorch's names, a pair for each layer, or as one array (`critic1_norm`). */
function readNorm(
  parameters: Parameters,
  file: SafetensorsFile,
  prefix: string,
  owner: string,
): void {
  const hidden = widthsOf(parameters, prefix).slice(1, -1);
  const units = hiddenUnits(parameters, prefix);
  const own = file.tensors[`${prefix}_norm`];
  if (own !== undefined) {
    const norm = realTensor(owner, `${prefix}_norm`, own, 2);
    if (norm.shape[0] !== 2 || norm.shape[1] !== units) {
      const found = `has shape [${norm.shape}]`;
      throw argumentError('BELFRY_BAD_FILE', owner, `${prefix}_norm`, found, `[2, ${units}]`);
    }
    parameters[normOperand(prefix)] = norm;
    return;
  }
  const values = (part: string): number[] =>
    hidden.flatMap((width, layer) => {
      const name = torchNormName(prefix, layer, part);
      const tensor = file.tensors[name];
      if (tensor?.shape[0] !== width) {
        throw argumentError('BELFRY_BAD_FILE', owner, name, 'does not fit', `[${width}], a norm`);
      }
      return [...realTensor(owner, name, tensor, 1).data];
    });
  parameters[normOperand(prefix)] = shared([...values('weight'), ...values('bias')], [2, units]);
}

/** Networks under PyTorch's names, or the operands', which `FlowPolicy` reads. */
export function writeNetworks(
  parameters: Parameters,
  prefixes: readonly string[],
  names: 'torch' | 'operands',
): Record<string, WriteTensor> {
  const tensors: Record<string, WriteTensor> = {};
  for (const prefix of prefixes) {
    const norm = parameters[normOperand(prefix)];
    for (let layer = 0; layer + 1 < widthsOf(parameters, prefix).length; layer++) {
      for (const part of ['weight', 'bias'] as const) {
        const name =
          names === 'torch'
            ? torchName(prefix, layer, part, norm !== undefined)
            : `${prefix}_${part}_${layer}`;
        const { data, shape } = parameters[operand(prefix, layer, part)] as Tensor<Float32Array>;
        tensors[name] = { data, shape };
      }
    }
    if (norm === undefined) continue;
    if (names === 'torch') writeNorm(tensors, prefix, norm.data, widthsOf(parameters, prefix));
    else tensors[`${prefix}_norm`] = { data: norm.data, shape: norm.shape };
  }
  return tensors;
}

function writeNorm(
  tensors: Record<string, WriteTensor>,
  prefix: string,
  norm: Float32Array,
  widths: readonly number[],
): void {
  let at = 0;
  widths.slice(1, -1).forEach((width, layer) => {
    for (const [part, first] of [
      ['weight', at],
      ['bias', norm.length / 2 + at],
    ] as const) {
      const data = norm.slice(first, first + width);
      tensors[torchNormName(prefix, layer, part)] = { data, shape: [width] };
    }
    at += width;
  });
}
