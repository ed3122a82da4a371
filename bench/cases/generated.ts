/** A bench of every op at two sizes, made from its declaration. */
import { declaredOps, type OpInfo } from '../../src/contract.js';
import * as families from '../../src/index.js';
import { camelCase } from '../../src/native.js';
import { Tensor, type TypedArray } from '../../src/tensor.js';
import { randomArguments } from '../../src/tools/random-arguments.js';
import type { BenchCase } from '../harness.js';

type OpFunction = (args: Record<string, unknown>) => Record<string, unknown>;

/** Elements of the largest array, about. */
const scales = { small: 1_000, large: 300_000 } as const;

/** Sizes that make random problems of an op sensible; symbols as in its declaration. */
const fixedSizes: Readonly<Record<string, Record<string, number>>> = {
  policy_evaluation_occupancy: { A: 4 },
  linear_fqi: { k: 64, A: 3, I: 10 },
  linear_q_values: { k: 64, A: 3 },
  one_step_generation: {
    D: 6,
    S: 17,
    E: 16,
    M: 4,
    Lh: 4,
    'h[1]': 256,
    'h[2]': 256,
    'h[3]': 256,
    Lp: 2,
    'p[1]': 32,
    'p[2]': 16,
    Lr: 2,
    'r[1]': 32,
    'r[2]': 16,
    Lc: 2,
    'c[1]': 256,
    Ld: 2,
    'd[1]': 256,
  },
  euler_sampler: { S: 17, L: 3, 'n[1]': 256, 'n[2]': 256, 'n[3]': 6 },
  mlp: { L: 3, 'n[0]': 55, 'n[1]': 256, 'n[2]': 256, 'n[3]': 6 },
  token_logprob: { V: 4096 },
  token_logprob_backward: { V: 4096 },
  finite_horizon: { H: 10 },
};

export function generatedCases(): (() => BenchCase[])[] {
  return declaredOps().flatMap((info) =>
    (['small', 'large'] as const).map((scale) => () => [generatedCase(info, scale)]),
  );
}

function generatedCase(info: OpInfo, scale: keyof typeof scales): BenchCase {
  const family = camelCase(info.family.replace('-', '_')) as keyof typeof families;
  const op = (families[family] as unknown as Record<string, OpFunction>)[
    camelCase(info.name)
  ] as OpFunction;
  const args = sizedArguments(info, scales[scale]);
  const first = op(args);
  const arrays = [...Object.values(args), ...Object.values(first)].filter(
    (value): value is Tensor<TypedArray> => value instanceof Tensor,
  );
  const out = Object.fromEntries(
    Object.entries(first).filter(([, value]) => value instanceof Tensor),
  );
  const largest = Object.entries(args).find(
    ([, value]) => value instanceof Tensor && value.size > 1,
  );
  const shape = largest === undefined ? '' : `${largest[0]} [${(largest[1] as Tensor).shape}]`;
  return {
    family: info.family,
    op: info.name,
    name: `${info.form === undefined ? '' : `${info.form}, `}${shape}`,
    bytes: arrays.reduce((sum, array) => sum + array.data.byteLength, 0),
    flops: 0,
    bound: 'memory',
    run: () => op({ ...args, out }),
  };
}

/** Grows every free size together until the largest array has about `elements` elements. */
function sizedArguments(info: OpInfo, elements: number): Record<string, unknown> {
  const make = (size: number): Record<string, unknown> =>
    randomArguments(info, {
      seed: 1,
      dtype: 'float32',
      sizes: fixedSizes[info.name] ?? {},
      size: () => size,
      parameters: { maxIterations: 20, numSweeps: 5 },
    });
  const largest = (args: Record<string, unknown>): number =>
    Math.max(...Object.values(args).map((value) => (value instanceof Tensor ? value.size : 0)));
  let size = 2;
  let args = make(size);
  while (largest(args) < elements && size < 2 ** 22) {
    const next = make(size * 2);
    if (largest(next) > 4 * elements) break;
    size *= 2;
    args = next;
  }
  return args;
}
