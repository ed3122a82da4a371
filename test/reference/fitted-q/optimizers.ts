/** Stochastic gradient descent along given gradients. */
import type { Reference, ReferenceCase } from '../golden.js';
import { array, generator, golden, rowsOf } from '../lib/arrays.js';
import { type UpdateOptions, update, usualUpdate } from '../lib/update-rules.js';

type Settings = Pick<UpdateOptions, 'lr' | 'momentum' | 'weight_decay' | 'nesterov'>;

function goldenCase(name: string, seed: number, settings: Settings): ReferenceCase {
  const { fill } = generator(seed);
  const [param, grads] = [fill([5], -1, 1), fill([4, 5], -2, 2)];
  let w = param.data;
  let velocity = w.map(() => 0);
  const trajectory = rowsOf(grads).flatMap((row) => {
    const options: UpdateOptions = { ...usualUpdate, ...settings, optimizer: 'sgd' };
    const all = w.map((one, i) => update(one, row[i] as number, velocity[i] as number, 0, options));
    velocity = all.map(({ first }) => first);
    w = all.map((one) => one.w);
    return w;
  });
  return {
    name,
    inputs: golden({ param, grads }),
    params: { op: 'sgd', ...settings },
    expected: golden({ trajectory: array([4, 5], trajectory) }),
    atol: 1e-11,
    rtol: 1e-11,
  };
}

export const reference: Reference = {
  folder: 'forms/fitted-q',
  family: 'fitted-q',
  op: 'optimizers',
  cases: [
    goldenCase('plain', 1, { lr: 0.1, momentum: 0, weight_decay: 0, nesterov: false }),
    goldenCase('momentum and a penalty', 2, {
      lr: 0.05,
      momentum: 0.9,
      weight_decay: 0.1,
      nesterov: false,
    }),
    goldenCase('nesterov', 3, { lr: 0.05, momentum: 0.7, weight_decay: 0, nesterov: true }),
  ],
};
