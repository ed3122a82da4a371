/**
 * The edge rules that every op of family token obeys, made from the declarations: an op is tested
 * against each rule that its operands call for (a mask, bounds of packed sequences, groups, logits).
 */
import { type BelfryError, Tensor, type TypedArray } from 'belfry';
import { describe, expect, test } from 'vitest';

import type { FieldInfo, OpInfo } from '../../src/contract.js';
import { camelCase } from '../../src/native.js';
import { randomArguments, randomSource } from '../../src/tools/random-arguments.js';
import {
  type Arguments,
  firstDims,
  isReal,
  type Numbers,
  operand,
  opOf,
  ops,
  outputsOf,
  table,
  title,
} from './lib/token-ops.js';

/** How many numbers of `field` belong to a token; 0: it is not of tokens. */
function perToken(info: OpInfo, field: FieldInfo, args: Arguments): number {
  const tokens = operand(info, 'mask')?.dims ?? '';
  const rows = `${tokens.replace(',', '*')},`;
  const dims = firstDims(field);
  if (dims === tokens) return 1;
  const tensor = args[camelCase(field.name)] as Numbers | undefined;
  return dims.startsWith(rows) && tensor !== undefined ? (tensor.shape[1] as number) : 0;
}

/** The arguments with the real numbers of the tokens that `spoil` picks replaced. */
function spoiled(
  info: OpInfo,
  args: Arguments,
  spoil: (token: number) => boolean,
  by = (i: number): number => (i % 2 === 0 ? Number.NaN : Number.NEGATIVE_INFINITY),
): Arguments {
  const result: Arguments = { ...args };
  for (const field of info.fields) {
    const tensor = args[camelCase(field.name)] as Numbers | undefined;
    if (field.kind !== 'operand' || !isReal(field) || tensor === undefined) continue;
    const width = perToken(info, field, args);
    if (width === 0) continue;
    const data = tensor.data.map((x, i) => (spoil(Math.floor(i / width)) ? by(i) : x));
    result[camelCase(field.name)] = new Tensor(data, tensor.shape);
  }
  return result;
}

const fixed = { B: 4, T: 5, N: 9, V: 4, H: 3 };

/** A mask for arguments of the `fixed` sizes. */
function maskOf(info: OpInfo, flags: (token: number) => boolean): Numbers {
  const shape = operand(info, 'mask')?.dims === 'N' ? [fixed.N] : [fixed.B, fixed.T];
  const length = shape.reduce((x, y) => x * y, 1);
  return new Tensor(
    Uint8Array.from({ length }, (_, i) => Number(flags(i))),
    shape,
  );
}

/** These follow `labels`: they are what the sampler's side needs of every labelled row. */
const followsLabels = (info: OpInfo, field: FieldInfo): boolean =>
  info.name === 'fused_linear_policy_loss' && field.name === 'log_probs';

const masked = ops.filter((info) => operand(info, 'mask') !== undefined);

describe.each(table(masked))('mask of $name', ({ info }) => {
  const op = opOf(info);
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const make = (seed: number): Arguments => randomArguments(info, { seed, dtype: 'float64' });
  // The log-probabilities of every labelled row are made, so such rows are read.
  const readsAll = info.name === 'fused_linear_policy_loss';

  test('a masked position is never read, and its outputs are 0', () => {
    for (const seed of seeds) {
      const args = make(seed);
      const mask = (args['mask'] as Numbers).data;
      const dirty = spoiled(info, args, (i) => !mask[i]);
      if (readsAll) dirty['hidden'] = args['hidden'];
      const result = op(dirty);
      expect(result).toEqual(op(args));
      for (const { field, values } of outputsOf(info, result)) {
        const width = values.length / mask.length;
        if (perToken(info, field, result) === 0 || followsLabels(info, field)) continue;
        Array.from(values).forEach((x, i) => {
          if (!mask[Math.floor(i / width)]) expect(x, field.name).toBe(0);
        });
      }
    }
  });

  test('without a token that counts losses, gradients and statistics are 0', () => {
    // Facts of sequences, whatever their tokens: weights, advantages, flags.
    const ofSequences = (field: FieldInfo): boolean => field.dims === 'B';
    for (const seed of seeds) {
      const mask = maskOf(info, () => false);
      const random = { seed, dtype: 'float64', sizes: fixed, optional: false } as const;
      const args: Arguments = { ...randomArguments(info, random), mask };
      const dirty = readsAll ? args : spoiled(info, args, () => true);
      for (const { field, values } of outputsOf(info, op(dirty))) {
        if (ofSequences(field) || followsLabels(info, field)) continue;
        for (const x of Array.from(values)) expect(x, field.name).toBe(0);
      }
    }
  });

  test('an empty batch gives zeros', () => {
    for (const empty of ['B', 'T', 'N']) {
      // Packed sequences without a row hold no tokens.
      const packed = operand(info, 'cu_seqlens') !== undefined && empty === 'B' ? { N: 0 } : {};
      const sizes = { [empty]: 0, ...packed };
      const args = randomArguments(info, { seed: 3, dtype: 'float64', sizes, optional: false });
      if (!info.fields.some(({ dims }) => dims?.includes(empty))) continue;
      for (const { field, values } of outputsOf(info, op(args))) {
        if (field.dims === 'B') continue;
        for (const x of Array.from(values)) expect(x, field.name).toBe(0);
      }
    }
  });

  test('nanCount counts the NaN at tokens that count, and only when it is asked for', () => {
    for (const seed of seeds) {
      const args = make(seed);
      const mask = (args['mask'] as Numbers).data;
      const pick = randomSource(seed);
      const chosen = Array.from(mask, () => pick() < 0.3);
      const dirty = spoiled(
        info,
        args,
        (i) => chosen[i] as boolean,
        () => Number.NaN,
      );
      let want = 0;
      for (const field of info.fields) {
        const tensor = dirty[camelCase(field.name)] as Numbers | undefined;
        if (field.kind !== 'operand' || !isReal(field) || tensor === undefined) continue;
        const width = perToken(info, field, args);
        if (width === 0) continue;
        tensor.data.forEach((x, i) => {
          want += Number(Number.isNaN(x) && mask[Math.floor(i / width)] !== 0);
        });
      }
      expect(op({ ...dirty, outputs: ['nanCount'] })['nanCount']).toBe(want);
      expect(op(args)['nanCount']).toBeUndefined();
    }
  });
});

/** What a batch shares: statistics, selections, the groups of a recipe. */
const shared = new Set([
  'masked_whiten',
  'reinforce_plus_plus',
  'optimal_token_baseline',
  'd3s_select_tokens',
  'entropy_mask',
  'recipe_rlvr_step',
]);
const separate = masked.filter(
  (info) => !shared.has(info.name) && firstDims(operand(info, 'mask') as FieldInfo) === 'B,T',
);

describe.each(table(separate))('sequences of $name', ({ info }) => {
  test('a NaN stays in its own sequence', () => {
    const op = opOf(info);
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const sizes = { B: 4, T: 5 };
      const args = randomArguments(info, { seed, dtype: 'float64', sizes, optional: false });
      const dirty = spoiled(
        info,
        args,
        (i) => i === 2,
        () => Number.NaN,
      );
      const [clean, got] = [op(args), op(dirty)];
      for (const { field, values } of outputsOf(info, got)) {
        const width = perToken(info, field, got);
        if (width === 0) continue;
        const want = (clean[camelCase(field.name)] as Numbers).data;
        const after = 5 * width; // the first sequence holds the NaN
        expect(Array.from(values).slice(after), field.name).toEqual(Array.from(want).slice(after));
      }
    }
  });
});

const bounded = ops.filter((info) => info.fields.some((field) => field.offsetsTo !== undefined));

describe.each(table(bounded))('bounds of $name', ({ info }) => {
  const errorOf = (args: Arguments): BelfryError => {
    try {
      opOf(info)(args);
    } catch (error) {
      return error as BelfryError;
    }
    throw new Error('the call went through');
  };

  test('bounds that fall, overrun or leave out tokens are refused, and the place is named', () => {
    for (const field of info.fields.filter(({ offsetsTo }) => offsetsTo !== undefined)) {
      const name = camelCase(field.name);
      const end = field.offsetsTo as string;
      const args = randomArguments(info, { seed: 5, dtype: 'float64', sizes: { B: 4, [end]: 9 } });
      const bad: [number[], RegExp][] = [
        [[0, 5, 3, 7, 9], /falls at index 2/],
        [[0, 3, 5, 7, 10], /from 0 to 10/],
        [[0, 3, 5, 7, 8], /from 0 to 8/],
        [[1, 3, 5, 7, 9], /from 1 to 9/],
      ];
      for (const [bounds, message] of bad) {
        const error = errorOf({ ...args, [name]: Int32Array.from(bounds) });
        expect(error.code).toBe('BELFRY_BAD_VALUE');
        expect(error.argument).toBe(name);
        expect(error.message).toMatch(message);
      }
    }
  });
});

const indexed = ops.filter((info) =>
  info.fields.some((field) => field.kind === 'operand' && field.indexBelow !== undefined),
);

describe.each(table(indexed))('labels of $name', ({ info }) => {
  test('one outside the vocabulary is refused, and its row named', () => {
    for (const field of info.fields) {
      if (field.kind !== 'operand' || field.indexBelow === undefined) continue;
      const name = camelCase(field.name);
      const sizes = { N: 7, B: 7, T: 1, P: 1, L: 3, V: 4 };
      if (info.name === 'fused_linear_dpo') sizes.N = 6;
      for (const wrong of [4, -3]) {
        const args = randomArguments(info, { seed: 2, dtype: 'float64', sizes });
        const data = (args[name] as Numbers).data.slice();
        data[5] = wrong;
        const run = (): unknown => opOf(info)({ ...args, [name]: data });
        expect(run).toThrow(`holds ${wrong} at index 5`);
      }
    }
  });
});

const fromLogits = ops.filter((info) => operand(info, 'logits') !== undefined);

describe.each(table(fromLogits))('logits of $name', ({ info }) => {
  const op = opOf(info);
  const sizes = { N: 6, B: 3, T: 2, V: 5 };
  const make = (seed: number): Arguments =>
    randomArguments(info, { seed, dtype: 'float64', sizes, optional: false });
  /** Column `column` of some rows of the logits, or whole rows, set to −Infinity. */
  const excluding = (args: Arguments, hit: (row: number, column: number) => boolean): Arguments => {
    const { data, shape } = args['logits'] as Numbers;
    const changed = data.map((x, i) =>
      hit(Math.floor(i / 5), i % 5) ? Number.NEGATIVE_INFINITY : x,
    );
    return { ...args, logits: new Tensor(changed, shape) };
  };

  test('a logit of −Infinity is a token of probability 0, without a NaN', () => {
    for (const seed of [1, 2, 3]) {
      const args = make(seed);
      const labels = args['labels'] as Numbers | undefined;
      const excluded = op(excluding(args, (row, v) => v === ((labels?.data[row] ?? 0) + 1) % 5));
      for (const { field, values } of outputsOf(info, excluded)) {
        for (const x of Array.from(values)) expect(x, field.name).not.toBeNaN();
      }
    }
  });

  test('a row of nothing but −Infinity is an error that names it', () => {
    expect(() => op(excluding(make(4), (row) => row === 3))).toThrow(/row 3/);
  });
});

const grouped = ops.filter(
  (info) => operand(info, 'group_ids') !== undefined && operand(info, 'rewards')?.dims === 'n',
);
/** Outputs that are advantages of samples. */
const advantageNames = ['advantages', 'local_advantages'];
const withAdvantages = grouped.filter((info) =>
  info.fields.some((field) => field.kind === 'output' && advantageNames.includes(field.name)),
);

describe.each(table(withAdvantages))('groups of $name', ({ info }) => {
  const op = opOf(info);
  const estimators = info.fields.find((field) => field.name === 'estimator')?.words ?? [undefined];
  const groupIds = Int32Array.of(7, -2, 7, 7, -2, 5, -2, 7);
  const make = (
    rewards: Float64Array,
    ids: Int32Array,
    estimator: string | undefined,
  ): Arguments => {
    const sizes = { n: ids.length };
    const args = randomArguments(info, { seed: 1, dtype: 'float64', sizes });
    const lengths =
      args['lengths'] === undefined ? {} : { lengths: ids.map((_, i) => 3 + (i % 4)) };
    return {
      ...args,
      ...lengths,
      rewards,
      groupIds: ids,
      ...(estimator === undefined ? {} : { estimator }),
    };
  };
  const advantages = (args: Arguments): number[][] => {
    const result = op(args);
    return outputsOf(info, result)
      .filter(({ field }) => advantageNames.includes(field.name))
      .map(({ values }) => Array.from(values));
  };

  test.each(estimators.map((estimator) => [estimator]))(
    '%s: equal rewards give exactly 0',
    (estimator) => {
      for (const value of [0.1, 1 / 3, 1e6 + 0.1]) {
        // The singleton has a baseline of 0.
        const ids = groupIds.map((id) => (id === 5 ? 7 : id));
        const args = make(new Float64Array(8).fill(value), ids, estimator);
        for (const list of advantages(args)) expect(list).toEqual(new Array(8).fill(0));
      }
    },
  );

  test.each(estimators.map((estimator) => [estimator]))(
    '%s: an unscorable reward is as if its sample were not there',
    (estimator) => {
      const rewards = Float64Array.of(1, 0, 0, 1, 1, 1, 0, 0);
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const broken = rewards.slice();
        broken[3] = bad;
        const without = <A extends { filter(keep: (x: number, i: number) => boolean): A }>(
          list: A,
        ): A => list.filter((_, i) => i !== 3);
        const whole = make(broken, groupIds, estimator);
        const part = make(without(rewards), without(groupIds), estimator);
        for (const name of ['answerIds', 'lengths']) {
          const given = whole[name] as Numbers | Int32Array | undefined;
          if (given === undefined) continue;
          const data = given instanceof Tensor ? (given.data as Int32Array) : given;
          part[name] = without(data);
        }
        const [got, want] = [advantages(whole), advantages(part)];
        got.forEach((list, k) => {
          expect(list[3]).toBe(0);
          without(list).forEach((x, i) => expect(x).toBeCloseTo(want[k]?.[i] as number, 12));
        });
      }
    },
  );

  test.each(estimators.map((estimator) => [estimator]))(
    '%s: a singleton is 0 when that is asked for',
    (estimator) => {
      if (!info.fields.some((field) => field.name === 'singleton')) return;
      const rewards = Float64Array.of(1, 0, 0, 1, 1, 1, 0, 0);
      const args = { ...make(rewards, groupIds, estimator), singleton: 'zero' };
      if (estimator === 'reinforce_pp_baseline') return; // whitened after its baseline
      for (const list of advantages(args)) expect(list[5]).toBe(0);
    },
  );

  test('ids of another length are refused by name', () => {
    const args = make(new Float64Array(8), groupIds, estimators[0]);
    expect(() => op({ ...args, groupIds: groupIds.slice(1) })).toThrow(/groupIds has shape \[7\]/);
  });
});

/** Padded and packed forms of one op: the same names but for the bounds. */
const pairs = ops
  .filter(
    (info) => operand(info, 'cu_seqlens') !== undefined && operand(info, 'mask') !== undefined,
  )
  .map((packed) => {
    const name = packed.name.replace(/_packed$/, '');
    const padded = ops.find(
      (info) => info.name === name && operand(info, 'mask')?.dims === 'B,T',
    ) as OpInfo;
    return { name: title(packed), packed, padded };
  });

describe.each(pairs)('$name beside its padded form', ({ packed, padded }) => {
  test('the same bits', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const random = randomSource(seed);
      const lengths = Array.from({ length: 5 }, () => Math.floor(random() * 60));
      const bounds = [0];
      for (const n of lengths) bounds.push((bounds.at(-1) as number) + n);
      const [total, width] = [bounds[5] as number, Math.max(1, ...lengths)];
      const sizes = { B: 5, N: total };
      const args: Arguments = {
        ...randomArguments(packed, { seed, dtype: 'float64', sizes }),
        cuSeqlens: Int32Array.from(bounds),
      };
      const rows: Arguments = {};
      for (const [key, value] of Object.entries(args)) {
        if (key === 'cuSeqlens') continue;
        const field = packed.fields.find(({ name }) => camelCase(name) === key) as FieldInfo;
        const name = key === 'sequenceAdvantages' ? 'advantages' : key;
        rows[name] = field.dims === 'N' ? pad(value as Numbers, bounds, width) : value;
      }
      const flat = opOf(packed)(args);
      const wide = opOf(padded)(rows);
      for (const { field, values } of outputsOf(packed, flat)) {
        const other = wide[camelCase(field.name)];
        if (other === undefined) continue;
        if (field.dims !== 'N') {
          expect(flat[camelCase(field.name)], field.name).toEqual(other);
          continue;
        }
        const { data } = other as Numbers;
        const inside = lengths.flatMap((n, b) => Array.from(data.slice(b * width, b * width + n)));
        expect(inside, field.name).toEqual(Array.from(values));
      }
    }
  });

  /** Rows of `width`; what is not a token is masked, and holds garbage. */
  function pad(flat: Numbers, bounds: number[], width: number): Numbers {
    const isFlag = flat.data instanceof Uint8Array;
    const data = isFlag ? new Uint8Array(5 * width) : new Float64Array(5 * width).fill(Number.NaN);
    for (let b = 0; b < 5; b++) {
      data.set(flat.data.slice(bounds[b], bounds[b + 1]) as Float64Array, b * width);
    }
    return new Tensor<TypedArray>(data, [5, width]);
  }
});

const clamped = masked.filter(
  (info) =>
    info.fields.some((field) => field.name === 'ratio_clamp') &&
    info.fields.some((field) => field.name === 'grad_log_probs'),
);

describe.each(table(clamped))('clamp of $name', ({ info }) => {
  test('beyond it a ratio is constant and has no gradient', () => {
    const sizes = { B: 3, T: 1, N: 3 };
    const args = randomArguments(info, { seed: 6, dtype: 'float64', sizes, optional: false });
    if (args['cuSeqlens'] !== undefined) args['cuSeqlens'] = Int32Array.of(0, 1, 2, 3);
    const logProbs = args['logProbs'] as Tensor<Float64Array>;
    const old = Object.keys(args).filter((name) => /^(old|proximal)LogProbs$/.test(name));
    for (const sign of [1, -1]) {
      const at = (distance: number): Arguments => {
        const moved = logProbs.data.map((x) => x - sign * distance);
        const tensor = new Tensor(moved, logProbs.shape);
        const names = info.name === 'decoupled_ppo' ? [...old, 'behaviorLogProbs'] : old;
        return opOf(info)({ ...args, ...Object.fromEntries(names.map((name) => [name, tensor])) });
      };
      const [near, far] = [at(25), at(30)];
      expect(far['loss']).toBe(near['loss']);
      const { data } = far['gradLogProbs'] as Numbers;
      expect(Array.from(data).map(Math.abs)).toEqual([0, 0, 0]);
    }
  });
});

const recurrences = ops.filter(
  (info) =>
    info.fields.some(({ name }) => name === 'gamma') &&
    info.fields.some(({ name }) => name === 'lambda'),
);

describe.each(table(recurrences))('discounts of $name', ({ info }) => {
  test('γ = 1, λ = 0 and λ = 1 are ordinary', () => {
    for (const lambda of [0, 1]) {
      for (const gamma of [0, 1]) {
        const args = randomArguments(info, { seed: 8, dtype: 'float64', optional: false });
        for (const { field, values } of outputsOf(info, opOf(info)({ ...args, gamma, lambda }))) {
          for (const x of Array.from(values)) expect(Number.isFinite(x), field.name).toBe(true);
        }
      }
    }
  });
});
