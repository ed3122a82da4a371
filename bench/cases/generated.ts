/** A bench of every op at two sizes, made from its declaration. */
import { declaredOps, type OpInfo } from '../../src/contract.js';
import * as families from '../../src/index.js';
import { camelCase } from '../../src/native.js';
import { Tensor, type TypedArray } from '../../src/tensor.js';
import { randomArguments } from '../../src/tools/random-arguments.js';
import type { BenchCase, Workload } from '../harness.js';

type Values = Record<string, unknown>;
type OpFunction = (args: Record<string, unknown>) => Record<string, unknown>;

/** Elements of the largest array, about. */
const scales = { small: 1_000, large: 300_000 } as const;

/** The networks of a policy and of two critics at the sizes of HalfCheetah. */
const policySizes = {
  ...{ D: 6, S: 17, E: 16 },
  ...{ Lh: 4, 'h[1]': 256, 'h[2]': 256, 'h[3]': 256 },
  ...{ Lp: 2, 'p[1]': 32, 'p[2]': 16, Lr: 2, 'r[1]': 32, 'r[2]': 16 },
};
const criticSizes = {
  ...{ Lc: 4, 'c[1]': 256, 'c[2]': 256, 'c[3]': 256 },
  ...{ Ld: 4, 'd[1]': 256, 'd[2]': 256, 'd[3]': 256 },
};

/** Sizes that make random problems of an op, or of its form, sensible; symbols as declared. */
const fixedSizes: Readonly<Record<string, Record<string, number>>> = {
  // Columns count inside their MDP: one MDP, or random ones would be out of range.
  'bellman_backup_batched ragged': { B: 1 },
  policy_evaluation_occupancy: { A: 4 },
  sinusoidal_embedding: { D: 64 },
  linear_fqi: { k: 64, A: 3, I: 10 },
  linear_q_values: { k: 64, A: 3 },
  one_step_generation: { ...policySizes, M: 4, Lc: 2, 'c[1]': 256, Ld: 2, 'd[1]': 256 },
  meanflow_network: policySizes,
  ofql_train_step: { ...policySizes, ...criticSizes, M: 1 },
  ddim_sampler: { ...policySizes, K: 5, n: 5 },
  ddpm_policy: { ...policySizes, K: 5 },
  euler_sampler: { S: 17, L: 3, 'n[1]': 256, 'n[2]': 256, 'n[3]': 6 },
  mlp: { L: 3, 'n[0]': 55, 'n[1]': 256, 'n[2]': 256, 'n[3]': 6 },
  token_logprob: { V: 4096 },
  token_logprob_backward: { V: 4096 },
  finite_horizon: { H: 10 },
};

export function generatedCases(): Workload[] {
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
    flops: declaredFlops(info, args, first),
    run: () => op({ ...args, out }),
  };
}

/** Grows every free size together until the largest array has about `elements` elements. */
function sizedArguments(info: OpInfo, elements: number): Record<string, unknown> {
  const make = (size: number): Record<string, unknown> =>
    randomArguments(info, {
      seed: 1,
      dtype: 'float32',
      sizes: fixedSizes[`${info.name} ${info.form}`] ?? fixedSizes[info.name] ?? {},
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

/** The op's own expression of its sizes and parameters, e.g. "2*N + 2*S*A"; 0 where it has none. */
function declaredFlops(info: OpInfo, args: Values, results: Values): number {
  if (info.flops === undefined || info.flops === '') return 0;
  const symbols = symbolsOf(info, { ...results, ...args });
  const has = (name: string): number => (args[camelCase(name)] === undefined ? 0 : 1);
  const expression = info.flops.replace(/has\((\w+)\)/g, "has('$1')");
  const evaluate = new Function('has', ...symbols.keys(), `return ${expression};`);
  return evaluate(has, ...symbols.values()) as number;
}

/** Sizes from the shapes, numbers by their declared names, and P, the weights of all layers. */
function symbolsOf(info: OpInfo, values: Values): Map<string, number> {
  const symbols = new Map<string, number>();
  let weights = 0;
  for (const field of info.fields) {
    const value = values[camelCase(field.name)] ?? field.default;
    if (typeof value === 'number') symbols.set(field.name, value);
    // Random arguments have the first of several shapes.
    const names = ((field.dims ?? '').split('|')[0] ?? '').split(',');
    if (value instanceof Tensor)
      names.forEach((name, axis) => {
        if (/^[A-Za-z]\w*$/.test(name)) symbols.set(name, value.shape[axis] as number);
      });
    for (let i = 0; field.list === true && field.rank === 2; i++) {
      const layer = values[camelCase(field.name.replace('#', String(i)))];
      if (!(layer instanceof Tensor)) break;
      if (field.kind === 'operand') weights += layer.size;
    }
  }
  return symbols.set('P', weights);
}
