/** Linear weights in .safetensors files: `weight` [outputs, k], as `torch.nn.Linear` names it. */
import { argumentError } from '../errors.js';
import { fileNumbers } from '../network-files.js';
import { readSafetensors, writeSafetensors } from '../safetensors.js';
import { optionsOfFile, optionsText } from '../saved-options.js';
import { type RealArray, Tensor } from '../tensor.js';

/** Weights [outputs, k], or [k] of one output; class and options are in the metadata. */
export function writeLinear(
  owner: string,
  { data, shape }: Tensor<RealArray>,
  options: object,
  more: Record<string, string> = {},
): Uint8Array {
  const rows = shape.length === 2 ? shape : [1, ...shape];
  const metadata = { learner: owner, options: optionsText(options), ...more };
  return writeSafetensors({ weight: { data, shape: rows } }, metadata);
}

export interface LinearFile<O extends object> {
  /** [outputs, k] */
  weight: Tensor<RealArray>;
  /** Those that the file was written with. */
  options: Partial<O>;
  metadata: Readonly<Record<string, string>>;
}

/**
 * `checked` throws for options that are none.
 * @throws BelfryError BELFRY_BAD_FILE naming what is missing, of another class, or no linear weights
 */
export function readLinear<O extends object>(
  owner: string,
  bytes: Uint8Array,
  checked: (saved: Partial<O>) => unknown,
): LinearFile<O> {
  const { tensors, metadata } = readSafetensors(bytes, { name: owner });
  const options = optionsOfFile<O>(owner, metadata, (saved) => {
    checked(saved);
    return saved;
  });
  const { weight, ...others } = tensors;
  if (weight === undefined) {
    const expected = 'a matrix [outputs, k]';
    throw argumentError('BELFRY_BAD_FILE', owner, 'weight', 'is missing', expected);
  }
  for (const name of Object.keys(others)) {
    const expected = 'weight alone (a bias is the weight of a constant feature)';
    throw argumentError('BELFRY_BAD_FILE', owner, name, 'is in the file', expected);
  }
  const data = fileNumbers(owner, 'weight', weight, 2);
  return { weight: new Tensor<RealArray>(data, weight.shape), options, metadata };
}

/** The same for one output: `weight` [1, k], given as [k]. */
export function readLinearRow<O extends object>(
  owner: string,
  bytes: Uint8Array,
  checked: (saved: Partial<O>) => unknown,
): LinearFile<O> {
  const file = readLinear(owner, bytes, checked);
  const { data, shape } = file.weight;
  if (shape[0] === 1) return { ...file, weight: new Tensor<RealArray>(data) };
  throw argumentError('BELFRY_BAD_FILE', owner, 'weight', `has shape [${shape}]`, '[1, k]');
}
