/** Learners and policies of `belfry/flow` in the hands of someone in a hurry, or who means harm. */
import { readSafetensors, setThreads, writeSafetensors } from 'belfry';
import { afterEach, describe, expect, test } from 'vitest';
import {
  DiffusionQl,
  FlowPolicy,
  FlowQ,
  MeanFlowQ,
  OneStepFlowQ,
  type Transitions,
} from '../../src/flow/index.js';
import { NoiseSource } from '../../src/flow/noise.js';
import { failureOf } from './lib/failure.js';

const sizes = { observationSize: 3, actionSize: 2 };
const small = { hidden: [8, 8], seed: 1 };
const count = 32;
const noise = new NoiseSource(3);
const draws = (n: number): Float32Array =>
  Float32Array.from({ length: n }, () => 2 * noise.uniform() - 1);
const data: Transitions = {
  observations: draws(3 * count),
  actions: draws(2 * count),
  rewards: draws(count),
  nextObservations: draws(3 * count),
  terminated: new Uint8Array(count),
};
const classes = { OneStepFlowQ, DiffusionQl, MeanFlowQ, FlowQ } as unknown as Record<
  string,
  typeof OneStepFlowQ
>;
type Options = Record<string, unknown>;

afterEach(() => setThreads(2));

/** The code of what `work` throws, '' where it throws nothing, and the message. */
function edited(
  bytes: Uint8Array,
  edit: (tensors: ReturnType<typeof readSafetensors>['tensors']) => void,
  metadata: Record<string, string> = {},
): Uint8Array {
  const file = readSafetensors(bytes);
  edit(file.tensors);
  return writeSafetensors(file.tensors, { ...file.metadata, ...metadata });
}

describe.each(Object.entries(classes))('%s', (name, Learner) => {
  const make = (options: Options = {}) => new Learner(sizes, { ...small, ...options } as never);

  test('a second training while one goes on is refused, and changes nothing', async () => {
    const [one, alone] = [make(), make()];
    const first = one.train(data, { steps: 12, batchSize: 16 });
    const second = failureOf(() => one.train(data, { steps: 12, batchSize: 16 }));
    // A step is under way until the event loop turns.
    const others = [
      () => one.trainStep(data),
      () => one.act(draws(3)),
      () => one.toSafetensors(),
      () => one.toPolicyFile(),
    ].map(failureOf);
    for (const [code] of await Promise.all(others)) expect(code).toBe('BELFRY_BUFFER_IN_USE');
    expect((await second)[1]).toContain(`${name}.train: is called while train goes on`);
    await first;
    await alone.train(data, { steps: 12, batchSize: 16 });
    expect(Buffer.compare(one.toSafetensors(), alone.toSafetensors())).toBe(0);
    let saved: Uint8Array | undefined;
    const onProgress = () => (saved = one.toSafetensors());
    await one.train(data, { steps: 1, reportEvery: 1, onProgress });
    expect(saved).toEqual(one.toSafetensors());
  });

  test('a training that was stopped goes on to the bits of one that was not', async () => {
    const [stopped, whole] = [make(), make()];
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 15);
    const { signal } = controller;
    await expect(stopped.train(data, { steps: 1e9, signal })).rejects.toThrow('enough');
    const again = Learner.fromSafetensors(stopped.toSafetensors());
    await whole.train(data, { steps: stopped.steps + 2 });
    for (const learner of [stopped, again]) {
      await learner.train(data, { steps: 2 });
      expect(Buffer.compare(learner.toSafetensors(), whole.toSafetensors())).toBe(0);
    }
    expect(again.steps).toBe(whole.steps);
  });

  test('one and two threads give the same bits', async () => {
    const files: Uint8Array[] = [];
    for (const threads of [1, 2]) {
      setThreads(threads);
      const learner = make({ hidden: [64, 64] });
      await learner.train(data, { steps: 5 });
      files.push(learner.toSafetensors());
    }
    expect(Buffer.compare(files[0] as Uint8Array, files[1] as Uint8Array)).toBe(0);
  });

  test('a file holds the options; those given win', () => {
    const relu = make({ activation: 'relu', lr: 1e-2 });
    const read = Learner.fromSafetensors(relu.toSafetensors());
    expect(read.options).toMatchObject({ activation: 'relu', lr: 1e-2, hidden: [8, 8] });
    const options = { candidates: 1, noise: draws(name === 'DiffusionQl' ? 10 : 2) };
    const seen = draws(3);
    expect(read.act(seen, options).candidates.data).toEqual(
      relu.act(seen, options).candidates.data,
    );
    expect(Learner.fromSafetensors(relu.toSafetensors(), { lr: 1 }).options.lr).toBe(1);
  });

  test('a file of another class, of damaged options or networks, or of training is refused', async () => {
    const bytes = make().toSafetensors();
    const refusedBy = async (file: Uint8Array): Promise<string> => {
      const [code, message] = await failureOf(() => Learner.fromSafetensors(file));
      expect(code).toBe('BELFRY_BAD_FILE');
      return message;
    };
    for (const other of Object.values(classes)) {
      if (other !== Learner) await refusedBy(new other(sizes, small).toSafetensors());
    }
    const nothing = () => undefined;
    for (const options of [
      '{',
      '[]',
      '{"lr":-1}',
      '{"lr":"1"}',
      '{"evil":1}',
      '{"hidden":[1e9]}',
    ]) {
      expect(await refusedBy(edited(bytes, nothing, { options }))).toMatch(
        /options cannot be read/,
      );
    }
    const spoilt = edited(bytes, (tensors) => {
      (tensors['critic1.0.weight']?.data as Float32Array)[3] = Number.NaN;
    });
    expect(await refusedBy(spoilt)).toMatch(/critic1.0.weight holds NaN/);
    const narrow = edited(bytes, (tensors) => {
      tensors['target_critic1.0.weight'] = { data: draws(20), shape: [4, 5], dtype: 'F32' };
      for (const key of Object.keys(tensors)) {
        if (/^target_critic1.*bias/.test(key)) delete tensors[key];
      }
    });
    expect(await refusedBy(narrow)).toMatch(/target_critic1/);
    const [code, message] = await failureOf(() => FlowPolicy.fromSafetensors(bytes));
    expect([code, message]).toEqual(['BELFRY_BAD_FILE', expect.stringMatching(/toPolicyFile/)]);
  });

  test('a policy file that is not finite or asks for the impossible is refused', async () => {
    const bytes = make().toPolicyFile();
    const spoilt = edited(bytes, (tensors) => {
      (tensors['critic2_bias_0']?.data as Float32Array)[0] = Number.POSITIVE_INFINITY;
    });
    expect((await failureOf(() => FlowPolicy.fromSafetensors(spoilt)))[1]).toMatch(
      /critic2_bias_0 holds Infinity/,
    );
    for (const metadata of [{ steps: '1e15' }, { steps: '100000000' }, { candidates: '1e9' }]) {
      const file = edited(bytes, () => undefined, metadata as never);
      const [code, message] = await failureOf(() => FlowPolicy.fromSafetensors(file));
      expect(code).toBe('BELFRY_BAD_FILE');
      expect(message).toContain(Object.keys(metadata)[0]);
    }
  });

  test.each([
    ['lr', -1],
    ['gamma', 2],
    ['seed', Number.NaN],
    ['keepEvery', Number.NaN],
    ['hidden', 8],
    ['hidden', [0]],
    ['hidden', [8, 1.5]],
    ['hidden', [1e9, 1e9]],
  ])('option %s = %j is refused by its name', async (option, value) => {
    const [code, message] = await failureOf(() => make({ [option]: value }));
    expect(code).toBe('BELFRY_INVALID_ARGUMENT');
    expect(message).toContain(`${name}: ${option} is `);
  });

  test('an option that is undefined is as good as left out', () => {
    const [given, usual] = [make({ lr: undefined, activation: undefined }), make()];
    expect(given.options).toEqual(usual.options);
  });

  test('training says what it cannot be asked for, and takes no step', async () => {
    const one = make();
    const cases: [training: object, named: RegExp][] = [
      [{}, /train: steps is undefined/],
      [{ steps: Number.NaN }, /train: steps is NaN/],
      [{ steps: 1.5 }, /train: steps is 1.5/],
      [{ steps: 2, batchSize: 0 }, /train: batchSize is 0/],
      [{ steps: 2, reportEvery: 0 }, /train: reportEvery is 0/],
      [{ steps: 2, signal: 3 }, /train: signal is 3/],
      [{ steps: 2, onProgress: 3 }, /train: onProgress is 3/],
    ];
    for (const [training, named] of cases) {
      const [code, message] = await failureOf(() => one.train(data, training as never));
      expect(code).toBe('BELFRY_INVALID_ARGUMENT');
      expect(message).toMatch(named);
    }
    const wrong: [changed: object, named: RegExp][] = [
      [{ observations: undefined }, /observations is missing/],
      [{ terminated: new Uint8Array(count).fill(2, 5) }, /terminated holds 2 in row 5/],
      [{ terminated: new Float32Array(count).fill(0.5) }, /terminated holds 0.5 in row 0/],
      [{ rewards: new Float64Array(count).fill(1e39) }, /rewards holds 1e\+39 in row 0/],
    ];
    for (const [changed, named] of wrong) {
      const [code, message] = await failureOf(() =>
        one.train({ ...data, ...changed }, { steps: 1 }),
      );
      expect(code).toMatch(/^BELFRY_/);
      expect(message).toMatch(named);
    }
    const none = new Float32Array(0);
    const nothing = { observations: none, actions: none, rewards: none, nextObservations: none };
    const empty = await failureOf(() =>
      one.trainStep({ ...nothing, terminated: new Uint8Array(0) }),
    );
    expect(empty[0]).toBe('BELFRY_BAD_SHAPE');
    expect(one.steps).toBe(0);
  });

  test('acting says what it cannot be asked for', async () => {
    const one = make();
    for (const [options, named] of [
      [{ candidates: 0 }, /candidates is 0/],
      [{ candidates: 1.5 }, /candidates is 1.5/],
      [{ candidates: 2, noise: draws(1) }, /noise has 1 elements/],
      [{ candidates: 1, noise: draws(400) }, /noise has 400 elements|candidates/],
    ] as const) {
      const [code, message] = await failureOf(() => one.act(draws(3), options as never));
      expect(code).toMatch(/^BELFRY_/);
      expect(message).toMatch(named);
    }
    expect((await failureOf(() => one.act(draws(4))))[1]).toMatch(/observations has 4 elements/);
    expect((await failureOf(() => one.act(undefined as never)))[1]).toMatch(/observations is/);
  });
});

test('DiffusionQl.act chooses in one of two ways', async () => {
  const one = new DiffusionQl(sizes, small);
  const [, message] = await failureOf(() => one.act(draws(3), { select: 'first' as never }));
  expect(message).toMatch(/select is "first", expected 'softmax' or 'best'/);
});
