/** The parameters of networks as the ops of this family take them. */
import { type InitialWeights, initialLayer } from '../initial-weights.js';
import { hiddenUnits, normOperand, operand, type Parameters, shared } from '../network-files.js';
import type { NoiseSource } from './noise.js';

/** Adds layers of these widths. */
export function addNetwork(
  parameters: Parameters,
  prefix: string,
  widths: readonly number[],
  noise: NoiseSource,
  init: InitialWeights,
): void {
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [inputs, outputs] = [widths[layer] as number, widths[layer + 1] as number];
    const { weight, bias } = initialLayer(init, inputs, outputs, () => noise.uniform());
    parameters[operand(prefix, layer, 'weight')] = shared(weight, [outputs, inputs]);
    parameters[operand(prefix, layer, 'bias')] = shared(bias, [outputs]);
  }
}

/** Adds norms behind the hidden layers of a network: scales of 1, shifts of 0. */
export function addNorm(parameters: Parameters, prefix: string): void {
  const units = hiddenUnits(parameters, prefix);
  const values = Array.from({ length: 2 * units }, (_, i) => (i < units ? 1 : 0));
  parameters[normOperand(prefix)] = shared(values, [2, units]);
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
  const norm = parameters[normOperand(of)];
  if (norm !== undefined) parameters[normOperand(prefix)] = shared(norm.data, norm.shape);
}

/** The networks with the targets, by which actions are judged, in place of what they follow. */
export function withTargets(parameters: Parameters): Parameters {
  const entries = Object.entries(parameters);
  const targets = entries.flatMap(([name, tensor]) => {
    const [, first = '', rest] = /^target(.)(.*)$/.exec(name) ?? [];
    return first === '' ? [] : [[first.toLowerCase() + rest, tensor] as const];
  });
  return { ...parameters, ...Object.fromEntries(targets) };
}

/** Weights and biases of all layers. */
export function countParameters(widths: readonly number[]): number {
  return widths.slice(1).reduce((sum, n, i) => sum + n * ((widths[i] as number) + 1), 0);
}
