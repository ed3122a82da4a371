/** `FlowPolicy` on the file of every learner acts as that learner does. */
import { describe, expect, test } from 'vitest';
import { BelfryError } from '../../src/errors.js';
import { fromBfloat16, toBfloat16 } from '../../src/flow/half-weights.js';
import {
  DiffusionQl,
  FlowPolicy,
  type FlowPolicyOptions,
  FlowQ,
  MeanFlowQ,
  OneStepFlowQ,
  type Transitions,
} from '../../src/flow/index.js';
import { NoiseSource } from '../../src/flow/noise.js';
import { readSafetensors, type WriteTensor, writeSafetensors } from '../../src/safetensors.js';

const sizes = { observationSize: 3, actionSize: 2 };
const [batch, candidates, steps] = [4, 6, 3];
const normal = (length: number, seed: number): Float32Array =>
  new NoiseSource(seed).fillNormal(new Float32Array(length));
const states = normal(batch * 3, 1);
const transitions: Transitions = {
  observations: normal(32 * 3, 2),
  actions: normal(32 * 2, 3).map((x) => Math.max(-1, Math.min(1, x))),
  rewards: normal(32, 4),
  nextObservations: normal(32 * 3, 5),
  terminated: new Uint8Array(32).map((_, i) => i % 3 && 1),
};

/** Fast targets, so that the critics and those they lead to are far apart after some steps. */
const common = { hidden: [16, 16], lr: 0.02, tau: 0.3, seed: 6 } as const;
const timed = { ...common, embeddingSize: 6, timeWidths: [8, 4], activation: 'silu' } as const;
const chained = { ...timed, diffusionSteps: steps, schedule: 'linear', maxAction: 0.7 } as const;

const learners = {
  OneStepFlowQ: { learner: new OneStepFlowQ(sizes, timed), kind: 'average', levels: 1, best: {} },
  MeanFlowQ: { learner: new MeanFlowQ(sizes, timed), kind: 'residual', levels: 1, best: {} },
  FlowQ: { learner: new FlowQ(sizes, common), kind: 'flow', levels: 1, best: {} },
  DiffusionQl: {
    learner: new DiffusionQl(sizes, chained),
    ...{ kind: 'diffusion', levels: steps, best: { select: 'best' } as const },
  },
  'DiffusionQl without clipping on the way': {
    learner: new DiffusionQl(sizes, { ...chained, clipDenoised: false }),
    ...{ kind: 'diffusion', levels: steps, best: { select: 'best' } as const },
  },
};

function expectClose(found: Float32Array | undefined, wanted: Float32Array | undefined): void {
  expect(found?.length).toBe(wanted?.length);
  wanted?.forEach((x, i) => expect(found?.[i]).toBeCloseTo(x, 5));
}

describe.each(Object.entries(learners))('%s', (_, { learner, kind, levels, best }) => {
  for (let i = 0; i < 5; i++) learner.trainStep(transitions);
  const bytes = learner.toPolicyFile();

  test('and the policy of its file choose the same of the same candidates', () => {
    const policy = FlowPolicy.fromSafetensors(bytes, best);
    expect([policy.kind, policy.hasCritics]).toEqual([kind, true]);
    for (const count of [1, candidates]) {
      const noise = normal(levels * batch * count * 2, 7);
      const wanted = learner.act(states, { candidates: count, noise, ...best });
      const found = policy.act(states, { noise });
      expect(found.candidates.shape).toEqual([batch, count, 2]);
      expectClose(found.candidates.data, wanted.candidates.data);
      expectClose(found.actions.data, wanted.actions.data);
      expectClose(found.qMin?.data, wanted.qMin?.data);
    }
  });

  test('and the policy of its file draw as many candidates', () => {
    const usual = learner.act(states).candidates.shape;
    expect(FlowPolicy.fromSafetensors(bytes).act(states).candidates.shape).toEqual(usual);
    const one = FlowPolicy.fromSafetensors(bytes, { candidates: 1 }).act(states);
    expect(one.candidates.shape).toEqual([batch, 1, 2]);
  });
});

describe("weights: 'bf16'", () => {
  /** The file with every weight rounded; what it says of itself stays. */
  function rounded(bytes: Uint8Array, stored: boolean): Uint8Array {
    const { tensors, metadata } = readSafetensors(bytes);
    const entries = Object.entries(tensors).map(([name, { data, shape }]) => {
      if (!/weight/.test(name)) return [name, { data, shape }] as const;
      const bits = toBfloat16(data as Float32Array);
      const halves: WriteTensor = { data: bits, shape, dtype: 'BF16' };
      return [name, stored ? halves : { data: fromBfloat16(bits), shape }] as const;
    });
    return writeSafetensors(Object.fromEntries(entries), metadata);
  }

  test('is what a file in BF16 gives, and a policy of the rounded weights', () => {
    for (const { learner } of Object.values(learners)) {
      const bytes = learner.toPolicyFile();
      const wanted = FlowPolicy.fromSafetensors(rounded(bytes, false), { seed: 3 });
      const stored = FlowPolicy.fromSafetensors(rounded(bytes, true), { seed: 3 });
      const told = FlowPolicy.fromSafetensors(rounded(bytes, false), { seed: 3, weights: 'bf16' });
      for (const rows of [1, 4]) {
        const some = states.subarray(0, 3 * rows);
        const { actions, candidates: all } = wanted.act(some);
        for (const policy of [stored, told]) {
          const found = policy.act(some);
          expect(found.actions.data).toEqual(actions.data);
          expect(found.candidates.data).toEqual(all.data);
        }
      }
    }
  });

  test('moves actions by as little as the rounding does', () => {
    const bytes = learners.FlowQ.learner.toPolicyFile();
    const noise = normal(batch * 2, 12);
    const [full, half] = (['f32', 'bf16'] as const).map((weights) => {
      const policy = FlowPolicy.fromSafetensors(bytes, { weights });
      return policy.act(states, { noise }).actions.data;
    });
    expect(half).not.toEqual(full);
    full?.forEach((a, i) => expect(Math.abs(a - (half?.[i] as number))).toBeLessThan(0.05));
  });
});

type File = Record<string, WriteTensor>;
const tensorsOf = (bytes: Uint8Array): File => readSafetensors(bytes).tensors as unknown as File;

test('MeanFlowQ goes by the mean of its critics, and the smaller one chooses otherwise', () => {
  const bytes = learners.MeanFlowQ.learner.toPolicyFile();
  const noise = normal(batch * 64 * 2, 8);
  const acting = (options: FlowPolicyOptions): Float32Array =>
    FlowPolicy.fromSafetensors(bytes, options).act(states, { noise }).actions.data;
  expect(acting({ score: 'min' })).not.toEqual(acting({}));
});

test("'softmax' draws candidates as often as their scores say", () => {
  const { learner } = learners.DiffusionQl;
  const policy = FlowPolicy.fromSafetensors(learner.toPolicyFile(), { seed: 9 });
  const noise = normal(steps * 3 * 2, 10);
  const one = states.subarray(0, 3);
  const counts = [0, 0, 0];
  const draws = 3000;
  let shares: number[] = [];
  for (let i = 0; i < draws; i++) {
    const { actions, candidates: all, qMin } = policy.act(one, { noise });
    const weights = Array.from(qMin?.data ?? [], Math.exp);
    const total = weights.reduce((a, b) => a + b, 0);
    shares = weights.map((w) => w / total);
    const taken = [0, 1, 2].findIndex((k) => all.data[2 * k] === actions.data[0]);
    counts[taken] = (counts[taken] as number) + 1;
  }
  expect(Math.min(...shares)).toBeGreaterThan(0.05);
  shares.forEach((share, k) => {
    const error = Math.sqrt((share * (1 - share)) / draws);
    expect(Math.abs((counts[k] as number) / draws - share)).toBeLessThan(4 * error);
  });
});

describe('the kind of a file', () => {
  const residual = tensorsOf(learners.MeanFlowQ.learner.toPolicyFile());
  const average = tensorsOf(learners.OneStepFlowQ.learner.toPolicyFile());

  test('follows from its networks where nothing says it', () => {
    const kindOf = (file: File): string => FlowPolicy.fromSafetensors(writeSafetensors(file)).kind;
    expect(kindOf(average)).toBe('average');
    expect(kindOf(residual)).toBe('diffusion');
    expect(kindOf(tensorsOf(learners.FlowQ.learner.toPolicyFile()))).toBe('flow');
  });

  test('can be said by the caller', () => {
    const policy = FlowPolicy.fromSafetensors(writeSafetensors(residual), {
      ...{ kind: 'residual', activation: 'silu' },
    });
    const noise = normal(batch * 2, 11);
    const wanted = learners.MeanFlowQ.learner.act(states, { candidates: 1, noise });
    expectClose(policy.act(states, { noise }).actions.data, wanted.actions.data);
  });

  test('that its networks do not have is refused, and so is metadata that says nothing', () => {
    const bad: [File, Record<string, string>, string][] = [
      [residual, { kind: 'average' }, 'rmlp_weight_0'],
      [average, { kind: 'diffusion' }, 'rmlp_weight_0'],
      [average, { kind: 'flow' }, 'policy_weight_0'],
      [residual, { kind: 'one_step' }, 'kind'],
      [residual, { kind: 'residual', candidates: 'many' }, 'candidates'],
      [residual, { score: 'max' }, 'score'],
      [residual, { max_action: '0' }, 'max_action'],
      [residual, { clip_denoised: 'no' }, 'clip_denoised'],
    ];
    for (const [file, metadata, argument] of bad) {
      const error = errorOf(() => FlowPolicy.fromSafetensors(writeSafetensors(file, metadata)));
      expect([error.code, error.argument]).toEqual(['BELFRY_BAD_FILE', argument]);
    }
    const bytes = writeSafetensors(residual);
    for (const options of [{ select: 'worst' }, { maxAction: Number.NaN }, { steps: 0.5 }]) {
      const error = errorOf(() => FlowPolicy.fromSafetensors(bytes, options as FlowPolicyOptions));
      expect(error.code).toBe('BELFRY_INVALID_ARGUMENT');
      expect(error.argument).toBe(Object.keys(options)[0]);
    }
  });
});

function errorOf(run: () => unknown): BelfryError {
  try {
    run();
  } catch (error) {
    if (error instanceof BelfryError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
