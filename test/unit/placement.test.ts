/** Tensors of the host, and what learners say of engines. */
import { Engine, Tensor } from 'belfry';
import { expect, test } from 'vitest';
import { DiffusionQl, FlowPolicy, FlowQ, MeanFlowQ, OneStepFlowQ } from '../../src/flow/index.js';

const sizes = { observationSize: 1, actionSize: 1 };

test('a host tensor is written in place', () => {
  const data = new Float32Array(2);
  const tensor = new Tensor(data, [2, 1]);
  tensor.write(Float32Array.of(1, 2));
  expect([...data]).toEqual([1, 2]);
  const other = new Tensor(Float32Array.of(3, 4), [2, 1]);
  tensor.copyFrom(other);
  expect([...data]).toEqual([3, 4]);
  tensor.slice(1, []).write(Float32Array.of(5));
  expect([...data]).toEqual([3, 5]);
});

test('what does not fit is refused, and changes nothing', () => {
  const tensor = new Tensor(Float32Array.of(1, 2));
  const cases: [() => void, string, string][] = [
    [() => tensor.write(new Float32Array(3)), 'BELFRY_BAD_SHAPE', 'has 3 elements, expected 2'],
    [() => tensor.write(new Int32Array(2) as never), 'BELFRY_BAD_DTYPE', 'int32, expected float32'],
    [() => tensor.write([1, 2] as never), 'BELFRY_BAD_DTYPE', 'an array of 2'],
    [() => tensor.write(new Uint16Array(2) as never), 'BELFRY_BAD_DTYPE', 'Uint16Array'],
    [() => tensor.copyFrom(new Tensor(new Float32Array(2), [1, 2])), 'BELFRY_BAD_SHAPE', '[1,2]'],
    [() => tensor.copyFrom(new Tensor(new Uint8Array(2)) as never), 'BELFRY_BAD_DTYPE', 'uint8'],
  ];
  for (const [run, code, message] of cases) {
    expect(run).toThrow(expect.objectContaining({ code }));
    expect(run).toThrow(message);
  }
  expect([...tensor.data]).toEqual([1, 2]);
  tensor.dispose();
  expect(() => tensor.write(new Float32Array(2))).toThrow('Tensor: was disposed');
});

test.each([
  ['OneStepFlowQ', (engine: Engine) => new OneStepFlowQ(sizes, { engine })],
  ['DiffusionQl', (engine: Engine) => new DiffusionQl(sizes, { engine })],
  ['MeanFlowQ', (engine: Engine) => new MeanFlowQ(sizes, { engine })],
  ['FlowQ', (engine: Engine) => new FlowQ(sizes, { engine, hidden: [4] })],
  [
    'FlowPolicy',
    (engine: Engine) => {
      const bytes = new FlowQ(sizes, { hidden: [4] }).toPolicyFile();
      return FlowPolicy.fromSafetensors(bytes, { engine });
    },
  ],
])('%s takes an engine, and nothing else in its place', (name, make) => {
  for (const wrong of ['cuda', null, {}]) {
    const run = () => make(wrong as never);
    expect(run).toThrow(expect.objectContaining({ code: 'BELFRY_INVALID_ARGUMENT' }));
    expect(run).toThrow(`${name}: engine is `);
  }
  const made = make(new Engine());
  made.dispose();
  expect(made.act(new Float32Array(2)).actions.shape).toEqual([2, 1]);
});
