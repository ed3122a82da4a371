/** One step on a buffer of parameters: the clip, the rule, the average that follows. */
import type { Reference, ReferenceCase } from '../golden.js';
import { type Arrays, array, generator, golden, type RealArray, scalar } from '../lib/arrays.js';
import { type UpdateOptions, update, usualUpdate } from '../lib/update-rules.js';

interface Shape {
  second?: boolean;
  average?: boolean;
}

function goldenCase(
  name: string,
  seed: number,
  shape: number[],
  changes: Partial<UpdateOptions & { tau: number }>,
  { second = true, average = false }: Shape = {},
): ReferenceCase {
  const options = { ...usualUpdate, tau: 0.005, ...changes };
  const { fill } = generator(seed);
  const given = {
    w: fill(shape, -1, 1),
    grad: fill(shape, -2, 2),
    first: fill(shape, -0.3, 0.3),
    second: fill(shape, 0.01, 0.2),
    average: fill(shape, -1, 1),
  };
  const norm = Math.sqrt(given.grad.data.reduce((sum, g) => sum + g * g, 0));
  const limit = options.max_grad_norm;
  const factor = limit === null ? 1 : Math.min(1, limit / (norm + 1e-6));
  const at = (one: RealArray, i: number): number => one.data[i] as number;
  const all = given.w.data.map((w, i) =>
    update(w, factor * at(given.grad, i), at(given.first, i), at(given.second, i), options),
  );
  const made = (of: (one: (typeof all)[number], i: number) => number) => array(shape, all.map(of));
  const followed = ({ w }: { w: number }, i: number): number =>
    options.tau * w + (1 - options.tau) * at(given.average, i);
  const inputs: Arrays = { w: given.w, grad: given.grad, first: given.first };
  const expected: Arrays = { new_w: made(({ w }) => w), new_first: made((one) => one.first) };
  if (second) {
    inputs['second'] = given.second;
    expected['new_second'] = made((one) => one.second);
  }
  if (average) {
    inputs['average'] = given.average;
    expected['new_average'] = made(followed);
  }
  expected['total_norm'] = scalar(norm);
  return {
    name,
    inputs: golden(inputs),
    params: { ...options },
    expected: golden(expected),
    atol: 1e-11,
    rtol: 1e-11,
  };
}

function clippedBy(limit: number): Partial<UpdateOptions> {
  return { max_grad_norm: limit, weight_decay: 0.1, step: 3 };
}

export const reference: Reference = {
  folder: 'forms/flow',
  family: 'flow',
  op: 'optimizer_step',
  cases: [
    goldenCase('adam, a later step', 1, [2, 3], { step: 5 }),
    goldenCase(
      'adamw, clipped, with an average',
      2,
      [11],
      { ...clippedBy(0.5), tau: 0.1 },
      { average: true },
    ),
    goldenCase('a norm within its limit', 3, [4], clippedBy(100)),
    goldenCase('sgd with one array of state', 4, [7], { optimizer: 'sgd' }, { second: false }),
    goldenCase(
      'sgd with momentum, a penalty and an average',
      5,
      [3, 2, 2],
      { optimizer: 'sgd', momentum: 0.9, weight_decay: 0.1, tau: 1 },
      { average: true },
    ),
    goldenCase('nesterov', 6, [9], { optimizer: 'sgd', momentum: 0.8, nesterov: true }),
    goldenCase('rprop', 7, [8], { optimizer: 'rprop' }, { average: true }),
  ],
};
