import { Engine, Tensor, token } from 'belfry';
import { describe, expect, test } from 'vitest';
import { neuralFqiStep } from '../../src/generated/fitted-q.js';

const onGpu = (values: number[], shape?: number[]) =>
  new Tensor(Float32Array.from(values), shape).to('cuda');

describe('Tensor.write', () => {
  test('replaces the elements, and the data may change at once', async () => {
    const tensor = onGpu([1, 2, 3, 4], [2, 2]);
    const data = Float32Array.of(5, 6, 7, 8);
    tensor.write(data);
    data.fill(0);
    expect([...(await tensor.read())]).toEqual([5, 6, 7, 8]);
    tensor.write(Float32Array.of(9, 9, 9, 9));
    expect([...tensor.readSync()]).toEqual([9, 9, 9, 9]);
  });

  test('halves are written as what the tensor holds', () => {
    const bits = Uint16Array.of(0x3f80, 0x4000);
    const tensor = new Tensor(bits, [2], { dtype: 'bfloat16' }).to('cuda');
    tensor.write(Uint16Array.of(1, 2));
    expect(tensor.readSync()).toEqual(Uint16Array.of(1, 2));
  });

  test('refuses what does not fit, and changes nothing', () => {
    const tensor = onGpu([1, 2]);
    expect(() => tensor.write(new Float32Array(3))).toThrow(
      'Tensor.write: data has 3 elements, expected 2.',
    );
    expect(() => tensor.write(new Float64Array(2) as never)).toThrow(
      'Tensor.write: data is float64, expected float32.',
    );
    expect([...tensor.readSync()]).toEqual([1, 2]);
    tensor.dispose();
    expect(() => tensor.write(new Float32Array(2))).toThrow('disposed');
  });

  test('many sizes, small and beyond the pinned buffers, arrive as they are', () => {
    const lengths = [3, 64, 700_001, 5, 600_000, 1_100_000, 1, 2_500_000, 17];
    const tensors = lengths.map((length, i) => {
      const tensor = new Tensor(new Float32Array(length)).to('cuda');
      tensor.write(Float32Array.from({ length }, (_, k) => (k % 1000) + i));
      return tensor;
    });
    tensors.forEach((tensor, i) => {
      const data = tensor.readSync();
      expect(data.findIndex((value, k) => value !== (k % 1000) + i)).toBe(-1);
      tensor.dispose();
    });
  });
});

describe('Tensor.copyFrom', () => {
  test('on the GPU, to it and from it', () => {
    const [a, b] = [onGpu([1, 2, 3]), onGpu([4, 5, 6])];
    const host = new Tensor(new Float32Array(3));
    a.copyFrom(b);
    b.write(Float32Array.of(7, 8, 9));
    host.copyFrom(a);
    expect([...host.data]).toEqual([4, 5, 6]);
    host.data.fill(2);
    b.copyFrom(host);
    expect([...b.readSync()]).toEqual([2, 2, 2]);
  });

  test('refuses other types, shapes, and disposed tensors', () => {
    const tensor = onGpu([1, 2]);
    const flags = new Tensor(new Uint8Array(2)).to('cuda');
    expect(() => tensor.copyFrom(flags as never)).toThrow(
      'Tensor.copyFrom: other is uint8, expected float32.',
    );
    expect(() => tensor.copyFrom(onGpu([1, 2], [2, 1]))).toThrow(
      'Tensor.copyFrom: other has shape [2,1], expected [2].',
    );
    const gone = onGpu([1, 2]);
    gone.dispose();
    expect(() => tensor.copyFrom(gone)).toThrow('disposed');
    expect([...tensor.readSync()]).toEqual([1, 2]);
  });
});

test('a slice shares memory, and outlives the tensor it is of', () => {
  const whole = onGpu([1, 2, 3, 4, 5]);
  const part = whole.slice(1, [2]);
  part.write(Float32Array.of(7, 8));
  expect([...whole.readSync()]).toEqual([1, 7, 8, 4, 5]);
  whole.dispose();
  expect([...part.readSync()]).toEqual([7, 8]);
  expect(() => part.slice(1, [2])).toThrow('ends beyond the tensor');
});

/** A linear Q-function of two actions, whose operand `actions` must hold 0 or 1. */
function step(actions: Tensor<Int32Array>) {
  const matrix = () => onGpu([0, 0], [2, 1]);
  const vector = () => onGpu([0, 0]);
  return neuralFqiStep({
    ...{ x: onGpu([1, 1], [2, 1]), actions, target: onGpu([1, 1]) },
    ...{ w0: matrix(), b0: vector(), firstW0: matrix(), firstB0: vector() },
    ...{ secondW0: matrix(), secondB0: vector(), lr: 0.1, step: 1, outputs: ['loss'] },
  } as never);
}

test('what was known of index operands is forgotten when they are written', () => {
  const actions = new Tensor(Int32Array.of(0, 1)).to('cuda');
  const bad = new Tensor(Int32Array.of(0, 2)).to('cuda');
  step(actions);
  actions.write(Int32Array.of(0, 2));
  expect(() => step(actions)).toThrow(/actions.*2/);
  actions.write(Int32Array.of(1, 1));
  step(actions);
  actions.copyFrom(bad);
  expect(() => step(actions)).toThrow(/actions.*2/);
});

test('a staged call leaves tensors of the GPU where they are', () => {
  const engine = new Engine({ device: 'cuda' });
  const rewards = new Tensor(new Float32Array(1 << 16).fill(1), [1, 1 << 16]);
  const values = new Tensor(new Float32Array(1 << 16), [1, 1 << 16]);
  const given = rewards.to('cuda');
  const { advantages } = token.gae({ rewards: given, values, engine } as never) as {
    advantages: Tensor<Float32Array>;
  };
  expect(advantages.device).toBe('cpu');
  expect(given.disposed).toBe(false);
});
