/**
 * Edge rule 7 of family token, made from the declarations: ties go to the lower flat index, equality
 * at a clip boundary is not clipped, thresholds and counts are those of float64.
 */
import { type BelfryError, Tensor } from 'belfry';
import { describe, expect, test } from 'vitest';

import type { FieldInfo, OpInfo } from '../../src/contract.js';
import { camelCase } from '../../src/native.js';
import { randomArguments } from '../../src/tools/random-arguments.js';
import {
  type Arguments,
  isReal,
  type Numbers,
  operand,
  opOf,
  ops,
  outputsOf,
  table,
} from './lib/token-ops.js';

const parameter = (info: OpInfo, name: string): FieldInfo | undefined =>
  info.fields.find(
    (field) => field.name === name && field.kind !== 'operand' && field.kind !== 'output',
  );
const output = (info: OpInfo, test: (field: FieldInfo) => boolean): FieldInfo | undefined =>
  info.fields.find((field) => field.kind === 'output' && test(field));
const numbersOf = (value: unknown): number[] =>
  value instanceof Tensor ? Array.from(value.data) : [value as number];
const words = (info: OpInfo, name: string): (string | undefined)[] =>
  parameter(info, name)?.words ?? [undefined];
const chosen = (name: string, word: string | undefined): Arguments =>
  word === undefined ? {} : { [name]: word };

/** Every real operand of the arguments replaced by what `fill` says. */
function filled(
  info: OpInfo,
  args: Arguments,
  fill: (field: FieldInfo, i: number) => number,
): Arguments {
  const result = { ...args };
  for (const field of info.fields) {
    const tensor = args[camelCase(field.name)] as Numbers | undefined;
    if (field.kind !== 'operand' || !isReal(field) || tensor === undefined) continue;
    const data = tensor.data.map((_, i) => fill(field, i));
    result[camelCase(field.name)] = new Tensor(data, tensor.shape);
  }
  return result;
}

/** The arguments with the order in which `clip_cov` drops tokens, where the op has it. */
const withPriority = (info: OpInfo, args: Arguments): Arguments =>
  operand(info, 'priority') === undefined
    ? args
    : {
        ...args,
        priority: new Tensor(
          (args['logProbs'] as Numbers).data.slice().fill(1),
          (args['logProbs'] as Numbers).shape,
        ),
      };

// --- Ties ------------------------------------------------------------------------------------------

/** How much a selection keeps: a count, a share, or a mass. */
const amounts: Record<string, number> = { keep: 3, fraction: 0.4, top_p: 0.5 };
const selections = ops.filter(
  (info) =>
    Object.keys(amounts).some((name) => parameter(info, name) !== undefined) &&
    output(info, ({ name }) => name === 'keep' || name === 'indices') !== undefined,
);

describe.each(table(selections))('ties of $name', ({ info }) => {
  const amount = Object.keys(amounts).find((name) => parameter(info, name) !== undefined) as string;

  test('of equal candidates the first are taken', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      for (let seed = 1; seed <= 6; seed++) {
        const sizes = { n: 11, N: 3, V: 11, B: 4, T: 6 };
        // A support that is replayed leaves nothing to choose.
        const optional = operand(info, 'keep') === undefined;
        const random = randomArguments(info, { seed, dtype, sizes, optional });
        const args = filled(info, random, () => 0.5);
        args[camelCase(amount)] = amounts[amount];
        const result = opOf(info)(args);
        const { indices } = result as { indices?: Numbers };
        if (indices !== undefined) expect(Array.from(indices.data)).toEqual([0, 1, 2]);
        if (indices === undefined) expectPrefixes(info, args, result['keep'] as Numbers);
      }
    }
  });
});

/** In each row of candidates, or among all of them, the first that may be kept are. */
function expectPrefixes(info: OpInfo, args: Arguments, kept: Numbers): void {
  const mask = args['mask'] as Numbers | undefined;
  const samples = args['sampleKeep'] as Numbers | undefined;
  const width = operand(info, 'logits') === undefined ? kept.size : (kept.shape[1] as number);
  const columns = kept.shape[1] ?? 1;
  for (let first = 0; first < kept.size; first += width) {
    const flags = Array.from(kept.data.slice(first, first + width)).filter((_, i) => {
      const at = first + i;
      return mask?.data[at] !== 0 && samples?.data[Math.floor(at / columns)] !== 0;
    });
    const count = flags.filter((x) => x !== 0).length;
    if (flags.length > 0) expect(count).toBeGreaterThan(0);
    if (flags.length > 2) expect(count).toBeLessThan(flags.length);
    expect(flags).toEqual(flags.map((_, i) => Number(i < count)));
  }
}

const shares = ['cov_ratio', 'kl_cov_ratio'] as const;
const byCovariance = ops.filter(
  (info) =>
    shares.every((name) => parameter(info, name) !== undefined) &&
    output(info, ({ name }) => name === 'grad_log_probs') !== undefined,
);
/** Log-probabilities and advantages that are the same everywhere: every covariance is 0. */
const level: Record<string, number> = { log_probs: -0.5, old_log_probs: -0.75, advantages: 1 };

describe.each(table(byCovariance))('covariances of $name', ({ info }) => {
  const make = (dtype: 'float32' | 'float64', tokens: number): Arguments => {
    const sizes = { B: 1, T: tokens, N: tokens };
    const args = randomArguments(info, { seed: 1, dtype, sizes, optional: false });
    if (args['cuSeqlens'] !== undefined) args['cuSeqlens'] = Int32Array.of(0, tokens);
    return withPriority(
      info,
      filled(info, args, ({ name }) => level[name] ?? 1),
    );
  };
  const settings: Record<(typeof shares)[number], Arguments> = {
    cov_ratio: { kind: 'clip_cov', covLower: -1, covUpper: 1, clipHigh: 5 },
    kl_cov_ratio: { kind: 'kl_cov' },
  };
  /** Products that lie below a whole number in float64, or would not in float32. */
  const cases = [
    [0.29, 100],
    [0.57, 100],
    [0.7, 10],
    [0.1, 10],
    [0.3, 10],
    [1e-4, 20],
  ] as const;

  test.each(shares)('%s: ⌊share · n⌋ of float64, at least 1, the first of equals', (share) => {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const [ratio, tokens] of cases) {
        const args = { ...make(dtype, tokens), ...settings[share], [camelCase(share)]: ratio };
        const grad = numbersOf(opOf(info)(args)['gradLogProbs']);
        const count = Math.max(1, Math.floor(ratio * tokens));
        const last = grad[tokens - 1];
        expect(grad.map((x) => x !== last)).toEqual(grad.map((_, i) => i < count));
      }
    }
  });
});

const byFraction = ops.filter((info) => parameter(info, 'fraction') !== undefined);

describe.each(table(byFraction))('share of $name', ({ info }) => {
  test('⌊fraction · n⌋ of float64, at least 1', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const tokens of [1, 10, 100]) {
        for (const fraction of [1e-3, 0.1, 0.29, 0.3, 0.57, 0.58, 0.7, 1]) {
          const sizes = { B: 1, T: tokens };
          const args = randomArguments(info, { seed: 2, dtype, sizes, optional: false });
          const kept = numbersOf(opOf(info)({ ...args, fraction })['keep']);
          const want = Math.max(1, Math.floor(fraction * tokens));
          expect(kept.reduce((a, b) => a + b, 0)).toBe(want);
        }
      }
    }
  });
});

// --- Clip boundaries -------------------------------------------------------------------------------

const gradientOf = (info: OpInfo): string | undefined => {
  const names = ['grad_log_probs', 'grad_values'];
  const field = output(info, ({ name }) => names.includes(name));
  return field && camelCase(field.name);
};
const clipping = ops.filter(
  (info) => parameter(info, 'clip_low') !== undefined && gradientOf(info) !== undefined,
);
const isLogProb = ({ name }: FieldInfo): boolean => name.endsWith('log_probs');

describe.each(table(clipping))('clip of $name', ({ info }) => {
  const kinds = words(info, 'kind').filter((kind) => kind !== 'kl_cov' && kind !== 'clip_cov');
  const gradient = gradientOf(info) as string;

  test.each(kinds.map((kind) => [kind]))('%s: a ratio at the boundary is not clipped', (kind) => {
    for (const dtype of ['float32', 'float64'] as const) {
      const args: Arguments = {
        ...filled(
          info,
          randomArguments(info, { seed: 3, dtype, optional: false, sizes: { B: 4, T: 5, N: 9 } }),
          (field, i) => (isLogProb(field) ? -0.5 : i % 2 === 0 ? 1 : -1),
        ),
        ...chosen('kind', kind),
        ...(parameter(info, 'clip')?.kind === 'boolean' && { clip: true }),
      };
      // Of "cispo_abs" the bound is that of the ratio itself.
      const bound = kind === 'cispo_abs' ? 1 : 0;
      const dual = parameter(info, 'dual_clip') === undefined ? {} : { dualClip: 1 };
      const tight = opOf(info)({ ...args, clipLow: 0, clipHigh: bound, ...dual });
      const off = parameter(info, 'dual_clip') === undefined ? {} : { dualClip: null };
      const wide = opOf(info)({ ...args, clipLow: 0.5, clipHigh: 1.5, ...off });
      expect(tight[gradient]).toEqual(wide[gradient]);
      expect(numbersOf(tight[gradient]).some((x) => x !== 0)).toBe(true);
      expect(tight['loss']).toBe(wide['loss']);
      for (const share of ['clipFraction', 'clipFractionLower']) {
        expect(tight[share] ?? 0).toBe(0);
      }
    }
  });
});

const clamping = ops.filter(
  (info) => parameter(info, 'ratio_clamp') !== undefined && gradientOf(info) !== undefined,
);

describe.each(table(clamping))('clamp of $name', ({ info }) => {
  const gradient = gradientOf(info) as string;

  test.each(words(info, 'kind').map((kind) => [kind]))(
    '%s: a log-ratio at the clamp has its gradient',
    (kind) => {
      for (const dtype of ['float32', 'float64'] as const) {
        const random = { seed: 4, dtype, optional: false, sizes: { B: 3, T: 1, N: 3 } } as const;
        const args = withPriority(info, randomArguments(info, random));
        if (args['cuSeqlens'] !== undefined) args['cuSeqlens'] = Int32Array.of(0, 1, 2, 3);
        for (const ahead of [1, -1]) {
          const call = {
            ...filled(info, args, (field) => {
              if (field.name === 'log_probs') return -2 + ahead;
              return isLogProb(field) ? -2 : 1;
            }),
            ...chosen('kind', kind),
            ...(parameter(info, 'dual_clip') && { dualClip: null }),
            ...(parameter(info, 'clip_low') && { clipLow: null, clipHigh: 5 }),
          };
          const at = opOf(info)({ ...call, ratioClamp: 1 });
          const free = opOf(info)({ ...call, ratioClamp: null });
          expect(at[gradient]).toEqual(free[gradient]);
          expect(numbersOf(at[gradient]).some((x) => x !== 0)).toBe(true);
        }
      }
    },
  );
});

const estimating = ops.filter(
  (info) => parameter(info, 'kl_max') !== undefined && output(info, ({ name }) => name === 'kl'),
);

describe.each(table(estimating))('clamps of $name', ({ info }) => {
  test.each(words(info, 'kind').map((kind) => [kind]))('%s: at them nothing is clamped', (kind) => {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const ahead of [1, -1]) {
        const args = {
          ...filled(info, randomArguments(info, { seed: 5, dtype }), ({ name }) =>
            name === 'log_probs' ? -2 + ahead : -2,
          ),
          ...chosen('kind', kind),
        };
        const free = opOf(info)({ ...args, clamp: null, klMax: null });
        const [kl] = numbersOf(free['kl']);
        const most = Math.abs(kl as number);
        expect(opOf(info)({ ...args, clamp: 1, klMax: most })).toEqual(free);
      }
    }
  });
});

const ofValues = ops.filter((info) => output(info, ({ name }) => name === 'grad_values'));

describe.each(table(ofValues.filter((info) => parameter(info, 'clip'))))(
  'value clip of $name',
  ({ info }) => {
    test('a value that moved as far as it may is not clipped', () => {
      for (const dtype of ['float32', 'float64'] as const) {
        for (const moved of [0.5, -0.5]) {
          const args = filled(info, randomArguments(info, { seed: 6, dtype }), ({ name }, i) =>
            name === 'values' ? 1 + moved : name === 'old_values' ? 1 : i % 2 === 0 ? 4 : -4,
          );
          const at = opOf(info)({ ...args, clip: 0.5 });
          const free = opOf(info)({ ...args, clip: null });
          expect(at).toEqual(free);
          expect(at['clipFraction']).toBe(0);
        }
      }
    });
  },
);

const bounding = ops.filter(
  (info) => parameter(info, 'mode')?.words?.includes('mask') && operand(info, 'log_ratio'),
);

describe.each(table(bounding))('bounds of $name', ({ info }) => {
  test('a ratio at a bound is within', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const level of words(info, 'level')) {
        const args = filled(
          info,
          randomArguments(info, { seed: 7, dtype, optional: false }),
          () => 0,
        );
        const call = { ...args, ...chosen('level', level), mode: 'mask', max: 1, min: 1 };
        expect(numbersOf(opOf(info)(call)['weights']).every((x) => x === 1)).toBe(true);
      }
    }
  });
});

const capping = ops.filter((info) => parameter(info, 'behavior_weight_cap') !== undefined);

describe.each(table(capping))('cap of $name', ({ info }) => {
  test('a weight at the cap is not capped', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const args = filled(
        info,
        randomArguments(info, { seed: 8, dtype, optional: false }),
        () => -0.5,
      );
      const at = opOf(info)({ ...args, behaviorWeightCap: 1, capMode: 'mask' });
      expect(at).toEqual(opOf(info)({ ...args, behaviorWeightCap: null }));
      expect(numbersOf(at['behaviorWeights']).every((x) => x === 1)).toBe(true);
    }
  });
});

// --- Thresholds ------------------------------------------------------------------------------------

/** Numbers that float32 does not have, on either side of the nearest that it has. */
const awkward = [0.1, 0.2, 0.3, 0.6, 0.7, 0.9];
/** Parameters that operands, or simple functions of them, are compared with. */
const isThreshold = (field: FieldInfo): boolean =>
  /^(threshold|low|high|upper|lower|beta|quantile|rate_low|rate_high|max|min|clip)$/.test(
    field.name,
  ) && /^(number|nullableNumber)$/.test(field.kind);
/** What makes a decision of `advantage_boost` show. */
const shown = { boost: 1, tolerance: 0 };
const decides = (field: FieldInfo): boolean =>
  field.element === 'flag' || field.element === 'index';
const thresholded = ops.filter(
  (info) =>
    info.fields.some(isThreshold) &&
    info.fields.some((field) => field.kind === 'operand' && isReal(field)),
);

describe.each(table(thresholded))('thresholds of $name', ({ info }) => {
  const steps = [-(2 ** -24), 0, 2 ** -24];
  /** The nearest float32 and its neighbours. */
  const around = (x: number): number[] => steps.map((step) => Math.fround(Math.fround(x) + step));
  const wide = (args: Arguments): Arguments =>
    Object.fromEntries(
      Object.entries(args).map(([name, value]) => [
        name,
        value instanceof Tensor && value.data instanceof Float32Array
          ? new Tensor(Float64Array.from(value.data), value.shape)
          : value,
      ]),
    );

  test('float32 operands are decided on as float64 ones of their values', () => {
    const choices = info.fields.filter(
      ({ kind, name }) => kind === 'choice' && /^(rule|option|level|mode)$/.test(name),
    );
    const variants = choices.flatMap(({ name, words: all = [] }) =>
      all.map((word) => ({ [name]: word })),
    );
    for (const variant of variants.length > 0 ? variants : [{}]) {
      for (const x of awkward) {
        for (const sign of [1, -1]) {
          const random = { seed: 9, dtype: 'float32', sizes: { n: 12, B: 3, T: 4, m: 6 } } as const;
          const near = around(x);
          const args: Arguments = {
            ...filled(
              info,
              randomArguments(info, random),
              (_, i) => sign * (near[i % 3] as number),
            ),
            ...variant,
            ...(parameter(info, 'boost') && shown),
          };
          for (const field of info.fields.filter(isThreshold)) {
            const low = field.min ?? Number.NEGATIVE_INFINITY;
            for (const limit of [x, sign * x]) {
              if (limit < low) continue;
              const call = { ...args, [camelCase(field.name)]: limit };
              const got = attempt(call);
              if (got !== undefined) compare(got, opOf(info)(wide(call)));
            }
          }
        }
      }
    }
  });

  /** Bounds that cross each other are refused. */
  function attempt(call: Arguments): Record<string, unknown> | undefined {
    try {
      return opOf(info)(call);
    } catch (error) {
      expect((error as BelfryError).code).toBe('BELFRY_BAD_VALUE');
      return undefined;
    }
  }

  function compare(got: Record<string, unknown>, want: Record<string, unknown>): void {
    for (const { field, values } of outputsOf(info, got)) {
      const expected = numbersOf(want[camelCase(field.name)]);
      expect(values.length, field.name).toBe(expected.length);
      expected.forEach((x, i) => {
        if (decides(field)) expect(values[i], field.name).toBe(x);
        else expect(values[i], field.name).toBeCloseTo(x, 4);
      });
    }
  }
});

test('every op with a boundary has its test', () => {
  const names = (list: OpInfo[]): string[] => [...new Set(list.map(({ name }) => name))].sort();
  expect(names(selections)).toEqual([
    'd3s_select_samples',
    'd3s_select_tokens',
    'filtered_logprob',
    'prompt_select',
  ]);
  expect(names(byCovariance)).toEqual(['policy_loss', 'policy_loss_packed']);
  expect(names(thresholded).length).toBeGreaterThan(8);
});
