/** Networks with weights in bfloat16: outputs alone, and with gradients. */
import { bfloat16s, float32s, type Reference, type ReferenceCase, reals } from '../golden.js';
import { eightBits, generator, named, rowsOf } from '../lib/arrays.js';
import { evaluate, layersOf, leavesOf, namesOf, randomNetwork } from '../lib/networks.js';
import { differentiate, mish, sum, Traced, times } from '../lib/traced.js';

function goldenCase(
  name: string,
  seed: number,
  widths: number[],
  rows: number,
  gradients: boolean,
): ReferenceCase {
  const { fill } = generator(seed);
  const [inputs, outputs] = [widths[0] as number, widths.at(-1) as number];
  const network = randomNetwork(fill, 'net', widths);
  const layers = widths.slice(1).map((_, i) => i);
  for (const i of layers) {
    const weight = named(network, `net_weight_${i}`);
    weight.data = weight.data.map((w) => eightBits(w / Math.sqrt(widths[i] as number)));
  }
  const [x, gradY] = [fill([rows, inputs], -1, 1), fill([rows, outputs], -1, 1)];
  const leaves = leavesOf(network, namesOf(network, 'net'));
  const given = rowsOf(x).map((row) => row.map((one) => new Traced(one)));
  const y = given.map((row) => evaluate(layersOf(leaves, 'net'), row, mish));
  differentiate(sum(y.flat().map((one, i) => times(gradY.data[i] as number, one))));

  const stored = layers.flatMap((i) => {
    const [weight, bias] = [named(network, `net_weight_${i}`), named(network, `net_bias_${i}`)];
    return [
      [`weight_${i}`, bfloat16s(weight.shape, weight.data)],
      [`bias_${i}`, float32s(bias.shape, bias.data)],
    ] as const;
  });
  const slopes = Object.entries(leaves).map(([leaf, numbers]) => {
    const { shape } = named(network, leaf);
    return [
      leaf.replace('net_', 'grad_'),
      reals(
        shape,
        numbers.map(({ slope }) => slope),
      ),
    ] as const;
  });
  const ofX = given.flat().map(({ slope }) => slope);
  return {
    name,
    inputs: {
      x: float32s(x.shape, x.data),
      ...Object.fromEntries(stored),
      ...(gradients ? { grad_y: float32s(gradY.shape, gradY.data) } : {}),
    },
    params: { activations: [...layers.slice(1).map(() => 'mish'), 'identity'] },
    expected: {
      y: reals(
        gradY.shape,
        y.flat().map(({ value }) => value),
      ),
      ...(gradients ? { grad_x: reals(x.shape, ofX), ...Object.fromEntries(slopes) } : {}),
    },
    atol: 1e-5,
    rtol: 1e-4,
  };
}

export const reference: Reference = {
  folder: 'forms/flow',
  family: 'flow',
  op: 'mlp',
  cases: [
    goldenCase('weights in bfloat16, widths of no tile', 1, [5, 33, 18, 3], 3, false),
    goldenCase('weights in bfloat16, widths of tiles', 2, [16, 32, 8], 2, false),
    goldenCase('weights in bfloat16, gradients', 3, [4, 9, 2], 3, true),
  ],
};
