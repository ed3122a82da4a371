/** A loop over the same arrays skips checks that cannot have changed: what changes must be seen. */
import { type BelfryError, bellman, flow, Tensor, token } from 'belfry';
import { beforeEach, describe, expect, test } from 'vitest';

const { gae } = token;
const f32 = (...values: number[]): Float32Array => Float32Array.from(values);

/** The advantages that a first call gives: its arrays were never seen before. */
function advantages(rewards: Float32Array, values: Float32Array): number[] {
  return [
    ...gae({
      rewards: { data: rewards.slice(), shape: [2, 2] },
      values: { data: values.slice(), shape: [2, 2] },
    }).advantages.data,
  ];
}

function code(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as BelfryError).code;
  }
  return 'none';
}

describe('after three calls with the same arguments', () => {
  let rewards: Float32Array;
  let values: Float32Array;
  let args: { rewards: object; values: object; gamma?: number; out?: object; outputs?: string[] };
  const call = (): { advantages: Tensor; returns: Tensor } =>
    gae(args as never) as unknown as { advantages: Tensor; returns: Tensor };

  beforeEach(() => {
    rewards = f32(1, 2, 3, 4);
    values = f32(0.5, 0.25, 0.125, 1);
    args = { rewards: { data: rewards, shape: [2, 2] }, values: { data: values, shape: [2, 2] } };
    for (let i = 0; i < 3; i++) call();
  });

  test('new elements give new results, in new arrays', () => {
    const before = call().advantages;
    rewards[3] = 40;
    const after = call().advantages;
    expect([...after.data]).toEqual(advantages(rewards, values));
    expect(after.data).not.toBe(before.data);
    expect(before.data[3]).toBe(3);
  });

  test('objects and lists made anew for each call', () => {
    const anew = (data: Float32Array, rows: number): number[] => [
      ...gae({
        rewards: { data, shape: [rows, 4 / rows] },
        values: { data: values, dims: [rows, 4 / rows] },
        outputs: ['advantages'],
      }).advantages.data,
    ];
    const first = anew(rewards, 2);
    for (let i = 0; i < 3; i++) expect(anew(rewards, 2)).toEqual(first);
    expect(anew(rewards, 4)).not.toEqual(first);
    expect(anew(f32(9, 8, 7, 6), 2)).not.toEqual(first);
    expect(anew(rewards, 2)).toEqual(first);
  });

  test('another array in the same object', () => {
    const other = f32(9, 8, 7, 6);
    (args.rewards as { data: Float32Array }).data = other;
    expect([...call().advantages.data]).toEqual(advantages(other, values));
  });

  test('another shape in the same object', () => {
    (args.rewards as { shape: number[] }).shape[0] = 1;
    expect(code(call)).toBe('BELFRY_BAD_SHAPE');
    (args.rewards as { shape: number[] }).shape = [4, 1];
    (args.values as { shape: number[] }).shape = [4, 1];
    expect(call().advantages.shape).toEqual([4, 1]);
  });

  test('another parameter, one that is wrong, and none', () => {
    const before = [...call().advantages.data];
    args.gamma = 0.5;
    const discounted = [...call().advantages.data];
    expect(discounted).not.toEqual(before);
    args.gamma = 3;
    expect(code(call)).toBe('BELFRY_INVALID_ARGUMENT');
    delete args.gamma;
    expect([...call().advantages.data]).toEqual(before);
  });

  test('an unknown name, an output of another length, an output that overlaps', () => {
    expect(code(() => gae({ ...args, reward: 1 } as never))).toBe('BELFRY_INVALID_ARGUMENT');
    args.out = { advantages: new Float32Array(4) };
    for (let i = 0; i < 3; i++) call();
    const { out } = args as { out: { advantages: Float32Array; returns?: Float32Array } };
    expect([...out.advantages]).toEqual(advantages(rewards, values));
    out.advantages = new Float32Array(3);
    expect(code(call)).toBe('BELFRY_BAD_SHAPE');
    out.advantages = rewards.subarray(0, 4);
    expect(code(call)).toBe('BELFRY_ALIASED');
    out.advantages = new Float32Array(4);
    out.returns = out.advantages;
    expect(code(call)).toBe('BELFRY_ALIASED');
    delete args.out;
    expect(call().returns.shape).toEqual([2, 2]);
  });

  test('a list of outputs that changes in place', () => {
    args.outputs = ['returns'];
    for (let i = 0; i < 3; i++) expect(Object.keys(call())).toEqual(['returns']);
    args.outputs[0] = 'advantages';
    expect(Object.keys(call())).toEqual(['advantages']);
  });

  test('a transferred buffer and a disposed tensor', () => {
    const tensor = new Tensor(f32(1, 2, 3, 4), [2, 2]);
    args.rewards = tensor;
    for (let i = 0; i < 3; i++) call();
    tensor.dispose();
    expect(code(call)).toBe('BELFRY_DISPOSED');
    args.rewards = { data: rewards, shape: [2, 2] };
    for (let i = 0; i < 3; i++) call();
    structuredClone(rewards, { transfer: [rewards.buffer as ArrayBuffer] });
    expect(code(call)).toBe('BELFRY_DETACHED_BUFFER');
  });

  test('a buffer that is transferred while the arguments are read', () => {
    let transfers = false;
    const given = {
      rewards: { data: rewards, shape: [2, 2] },
      values: {
        get data(): Float32Array {
          if (transfers) structuredClone(0, { transfer: [rewards.buffer as ArrayBuffer] });
          return values;
        },
        shape: [2, 2],
      },
    };
    for (let i = 0; i < 4; i++) gae(given);
    transfers = true;
    expect(code(() => gae(given))).not.toBe('none');
  });

  test('an array that tells another length than it has', () => {
    class Boastful extends Float32Array {
      override get length(): number {
        return 4;
      }
    }
    const data = new Boastful(4);
    args.rewards = { data, shape: [2, 2] };
    for (let i = 0; i < 4; i++) call();
    structuredClone(0, { transfer: [data.buffer as ArrayBuffer] });
    expect(code(call)).not.toBe('none');
  });

  test('calls of the same op with other arrays in between', () => {
    const others = f32(4, 3, 2, 1);
    const before = [...call().advantages.data];
    const other = (): number[] => [
      ...gae({
        rewards: { data: others, shape: [2, 2] },
        values: { data: values, shape: [2, 2] },
      }).advantages.data,
    ];
    const expected = advantages(others, values);
    for (let i = 0; i < 12; i++) {
      if (i % 3 === 0 || i > 8) expect([...call().advantages.data]).toEqual(before);
      else expect(other()).toEqual(expected);
    }
  });

  test('results that are kept while arrays are moved and collected', () => {
    const data = f32(1, 2, 3, 4); // V8 keeps elements so few in its own heap at first
    const out = f32(0, 0, 0, 0);
    const kept: Float32Array[] = [];
    for (let i = 0; i < 2000; i++) {
      data[0] = i;
      gae({
        rewards: { data, shape: [2, 2] },
        values: { data: values, shape: [2, 2] },
        outputs: ['advantages'],
        out: { advantages: out },
      });
      kept.push(out.slice());
      if (i % 50 === 0) kept.push(new Float32Array(1 << 16)); // what makes V8 collect
    }
    const last = kept.filter(({ length }) => length === 4).at(-1) as Float32Array;
    expect([...last]).toEqual(advantages(f32(1999, 2, 3, 4), values));
  });

  test('calls of other ops and asynchronous ones in between', async () => {
    const before = [...call().advantages.data];
    for (let i = 0; i < 3; i++) {
      flow.activations({ x: rewards, activation: 'relu' });
      await token.gaeAsync(args as never);
      expect([...call().advantages.data]).toEqual(before);
    }
  });
});

test('index operands are checked in every call', () => {
  const col = Int32Array.of(0, 1);
  const args = {
    rowPtr: Int32Array.of(0, 1, 2),
    col,
    prob: Float64Array.of(1, 1),
    rewards: { data: Float64Array.of(1, 2), shape: [2, 1] },
    values: Float64Array.of(0, 0),
    gamma: 0.5,
  };
  for (let i = 0; i < 3; i++) bellman.bellmanBackupVCsr(args);
  col[1] = 2;
  expect(code(() => bellman.bellmanBackupVCsr(args))).toBe('BELFRY_BAD_VALUE');
  col[1] = 0;
  expect([...bellman.bellmanBackupVCsr(args).values.data]).toEqual([1, 2]);
});

test('words and numbers in lists, and operands in numbered families', () => {
  const weight = f32(1, 0, 0, 1);
  const activations: ('identity' | 'relu')[] = ['identity'];
  const args = {
    x: { data: f32(-1, 2), shape: [1, 2] },
    weight0: { data: weight, shape: [2, 2] },
    bias0: f32(0, 0),
    activations,
    outputs: ['y'] as const,
  };
  const y = (): number[] => [...(flow.mlp(args as never) as unknown as { y: Tensor }).y.data];
  for (let i = 0; i < 3; i++) expect(y()).toEqual([-1, 2]);
  activations[0] = 'relu';
  expect(y()).toEqual([0, 2]);
  weight[0] = -3;
  expect(y()).toEqual([3, 2]);
});

test('outputs whose length the data decide', () => {
  const advantages = f32(0, 0, 1, 0);
  const kept = (): number[] => [...token.advantageFilter({ advantages }).indices.data];
  for (let i = 0; i < 3; i++) expect(kept()).toEqual([2]);
  advantages.fill(1);
  expect(kept()).toEqual([0, 1, 2, 3]);
  advantages.fill(0);
  expect(kept()).toEqual([]);
});
