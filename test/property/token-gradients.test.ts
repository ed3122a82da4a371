/** Gradients of the token losses against central differences in float64, padded batches with masks. */
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/tensor.js';
import * as token from '../../src/token/index.js';
import { policyLoss } from '../../src/token/index.js';
import { randomSource } from '../../src/tools/random-arguments.js';

type PolicyArguments = Parameters<typeof policyLoss<Float64Array>>[0];

const rows = 4;
const length = 7;
const count = rows * length;

class Batch {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomSource(seed);
  }

  numbers(size: number, low: number, high: number): Float64Array {
    return Float64Array.from({ length: size }, () => low + (high - low) * this.#random());
  }
  /** One number a token. */
  tokens(low: number, high: number): Tensor<Float64Array> {
    return new Tensor(this.numbers(count, low, high), [rows, length]);
  }
  /** `tokens` moved a little. */
  near(tokens: Tensor<Float64Array>, by: number): Tensor<Float64Array> {
    const shift = this.numbers(tokens.size, -by, by);
    const moved = tokens.data.map((x, i) => x + (shift[i] as number));
    return new Tensor(moved, tokens.shape);
  }
  /** One number a sequence. */
  sequences(low: number, high: number): Tensor<Float64Array> {
    return new Tensor(this.numbers(rows, low, high));
  }
  /** The first sequence is empty. */
  mask(): Tensor<Uint8Array> {
    const flags = Uint8Array.from({ length: count }, (_, i) =>
      i < length ? 0 : Number(this.#random() < 0.8),
    );
    return new Tensor(flags, [rows, length]);
  }
  integers(size: number, below: number): Int32Array {
    return Int32Array.from({ length: size }, () => Math.floor(below * this.#random()));
  }
}

type Arguments = Record<string, unknown>;
type Op = (args: Arguments) => Record<string, unknown>;

/** ∂output/∂args[name][i] by central differences; an array output is summed. */
function differences(op: Op, args: Arguments, name: string, output = 'loss'): Float64Array {
  const step = 1e-6;
  const tensor = args[name] as Tensor<Float64Array>;
  const value = (moved: Float64Array): number => {
    const result = op({ ...args, [name]: new Tensor(moved, tensor.shape) })[output];
    if (typeof result === 'number') return result;
    return (result as Tensor<Float64Array>).data.reduce((a, b) => a + b, 0);
  };
  return tensor.data.map((x, i) => {
    const [up, down] = [tensor.data.slice(), tensor.data.slice()];
    up[i] = x + step;
    down[i] = x - step;
    return (value(up) - value(down)) / (2 * step);
  });
}

function expectGradient(
  op: Op,
  args: Arguments,
  name: string,
  gradient: string,
  of = 'loss',
): void {
  const got = (op(args)[gradient] as Tensor<Float64Array>).data;
  const want = differences(op, args, name, of);
  want.forEach((w, i) => expect(got[i], `${name}[${i}]`).toBeCloseTo(w, 6));
}

function policyBatch(seed: number, kind: NonNullable<PolicyArguments['kind']>): PolicyArguments {
  const batch = new Batch(seed);
  const logProbs = batch.tokens(-2, 0);
  return {
    kind,
    logProbs,
    oldLogProbs: batch.near(logProbs, 0.5),
    advantages: batch.tokens(-1, 1),
    refLogProbs: batch.tokens(-2, 0),
    importanceWeights: batch.tokens(0.5, 1.5),
    mask: batch.mask(),
    klCoef: 0.1,
  };
}

const policyLossOp = policyLoss as unknown as Op;

describe('policyLoss', () => {
  // cispo, cispo_abs and vespo hold a factor constant, and kl_cov's and clip_cov's choice of tokens
  // depends on the log-probabilities: their loss is not the integral of their gradient.
  test.each(['ppo_clip', 'reinforce', 'sapo'] as const)('%s', (kind) => {
    for (const seed of [1, 2, 3]) {
      expectGradient(policyLossOp, { ...policyBatch(seed, kind) }, 'logProbs', 'gradLogProbs');
    }
  });

  test.each(['gspo', 'luspo', 'gmpo'] as const)('%s, whose ratio is the sequence’s', (kind) => {
    for (const seed of [1, 2, 3]) {
      const { importanceWeights: _, ...args } = policyBatch(seed, kind);
      const tokens = args.advantages as Tensor<Float64Array>;
      // One advantage a sequence: with one a token, gspo's gradient is taken term by term.
      const call = { ...args, advantages: new Tensor(tokens.data.slice(0, rows)) };
      expectGradient(policyLossOp, call, 'logProbs', 'gradLogProbs');
    }
  });
});

interface Case {
  name: string;
  op: Op;
  make: (batch: Batch) => Arguments;
  /** [operand, its gradient, of which output]; default log-probabilities of the loss. */
  gradients?: [string, string, string?][];
}

/** What nearly all of them take. */
function common(batch: Batch): Arguments & { logProbs: Tensor<Float64Array> } {
  const logProbs = batch.tokens(-2, -0.1);
  return { logProbs, oldLogProbs: batch.near(logProbs, 0.4), mask: batch.mask() };
}

const cases: Case[] = [
  {
    name: 'policyLossPacked',
    op: token.policyLossPacked as unknown as Op,
    make: (batch) => {
      const logProbs = new Tensor(batch.numbers(10, -2, 0));
      return {
        logProbs,
        oldLogProbs: batch.near(logProbs, 0.5),
        sequenceAdvantages: new Tensor(batch.numbers(4, -1, 1)),
        cuSeqlens: Int32Array.of(0, 3, 3, 8, 10),
        kind: 'gspo',
      };
    },
  },
  ...(['k2', 'k3', 'abs'] as const).map((kind) => ({
    name: `klEstimate ${kind}`,
    op: token.klEstimate as unknown as Op,
    make: (batch: Batch) => ({
      logProbs: batch.tokens(-2, 0),
      refLogProbs: batch.tokens(-2, 0),
      kind,
    }),
    gradients: [['logProbs', 'gradLogProbs', 'kl']] as [string, string, string][],
  })),
  ...(['mse', 'huber'] as const).map((loss) => ({
    name: `valueLoss ${loss}`,
    op: token.valueLoss as unknown as Op,
    make: (batch: Batch) => {
      const values = batch.tokens(-1, 1);
      const [oldValues, returns] = [batch.near(values, 0.5), batch.tokens(-2, 2)];
      const aggregation = 'seq-mean-token-mean';
      return {
        values,
        oldValues,
        returns,
        mask: batch.mask(),
        loss,
        delta: 0.7,
        clip: 0.3,
        aggregation,
      };
    },
    gradients: [['values', 'gradValues']] as [string, string][],
  })),
  ...(['mask', 'truncate'] as const).map((capMode) => ({
    name: `decoupledPpo ${capMode}`,
    op: token.decoupledPpo as unknown as Op,
    make: (batch: Batch) => {
      const { oldLogProbs, ...args } = common(batch);
      const behaviorLogProbs = batch.near(args.logProbs, 0.6);
      const advantages = batch.tokens(-1, 1);
      return {
        ...args,
        proximalLogProbs: oldLogProbs,
        behaviorLogProbs,
        advantages,
        behaviorWeightCap: 1.3,
        capMode,
        clipLow: 0.2,
        clipHigh: 0.2,
      };
    },
  })),
  ...(['token', 'sequence'] as const).map((ratio) => ({
    // The bounds hand gradients through, so they are moved out of the way.
    name: `nftLoss, ratio of the ${ratio}`,
    op: token.nftLoss as unknown as Op,
    make: (batch: Batch) => {
      const args = common(batch);
      return {
        ...args,
        oldLogProbs: batch.near(args.logProbs, 0.1),
        correct: new Tensor(Float64Array.of(1, 0, 1, 0)),
        correctRate: batch.sequences(0.1, 0.5),
        ratio,
        clampNegative: 0.01,
        divisor: 10,
      };
    },
  })),
  ...(['soft', 'soft_forced', 'forced', 'global', 'local'] as const).map((mode) => ({
    name: `copoLoss ${mode}`,
    op: token.copoLoss as unknown as Op,
    make: (batch: Batch) => ({
      ...common(batch),
      localAdvantages: batch.sequences(-1, 1),
      globalAdvantages: batch.sequences(-1, 1),
      entropy: batch.sequences(0, 2),
      mode,
    }),
  })),
  ...(['p/(p+gamma)', 'p', 'sqrt(p)', 'p^a', 'log(p)'] as const).flatMap((shaping) =>
    [false, true].map((clip) => ({
      name: `shapedOffPolicyLoss ${shaping}${clip ? ', clipped' : ''}`,
      op: token.shapedOffPolicyLoss as unknown as Op,
      make: (batch: Batch) => ({
        ...common(batch),
        advantages: batch.tokens(-1, 1),
        offPolicyMask: batch.mask(),
        shaping,
        exponent: 0.3,
        clip,
      }),
    })),
  ),
  ...(['turn', 'sequence'] as const).map((level) => ({
    name: `spanRatioLoss, spans by ${level}`,
    op: token.spanRatioLoss as unknown as Op,
    make: (batch: Batch) => {
      const args = common(batch);
      return {
        ...args,
        oldLogProbs: batch.near(args.logProbs, 0.1),
        advantages: batch.tokens(-1, 1),
        turnIds: new Tensor(batch.integers(count, 3), [rows, length]),
        level,
      };
    },
  })),
];

const vocabulary = 5;
const width = 3;

/** A layer of logits; the hidden states of masked tokens hold NaN. */
function layer(batch: Batch, mask: Tensor<Uint8Array>): Arguments {
  const hidden = batch.numbers(count * width, -1, 1);
  return {
    hidden: new Tensor(
      hidden.map((x, i) => (mask.data[Math.floor(i / width)] === 0 ? Number.NaN : x)),
      [count, width],
    ),
    weight: new Tensor(batch.numbers(vocabulary * width, -1, 1), [vocabulary, width]),
    bias: new Tensor(batch.numbers(vocabulary, -1, 1)),
    labels: batch.integers(count, vocabulary),
  };
}

/** What the recipes take; the logits of masked tokens hold NaN. */
function recipe(batch: Batch): Arguments {
  const mask = batch.mask();
  const logits = batch.numbers(count * vocabulary, -1, 1);
  return {
    mask,
    logits: new Tensor(
      logits.map((x, i) => (mask.data[Math.floor(i / vocabulary)] === 0 ? Number.NaN : x)),
      [count, vocabulary],
    ),
    labels: batch.integers(count, vocabulary),
    oldLogProbs: batch.tokens(-2, -1),
    refLogProbs: batch.tokens(-2, -1),
    rewards: new Tensor(Float64Array.of(1, 0, 1, 0.5)),
    groupIds: Int32Array.of(3, 3, 9, 9),
    clipHigh: 0.4,
  };
}

const toLayer: [string, string][] = [
  ['hidden', 'gradHidden'],
  ['weight', 'gradWeight'],
  ['bias', 'gradBias'],
];

const logitCases: Case[] = [
  ...(['reverse', 'forward'] as const).map((direction) => ({
    name: `vocabKl ${direction}`,
    op: token.vocabKl as unknown as Op,
    make: (batch: Batch) => ({
      logits: batch.tokens(-2, 2),
      refLogits: batch.tokens(-2, 2),
      direction,
    }),
    gradients: [['logits', 'gradLogits', 'kl']] as [string, string, string][],
  })),
  ...(['logProbs', 'entropy'] as const).map((output) => ({
    name: `tokenLogprobBackward, of ${output}`,
    op: token.tokenLogprobBackward as unknown as Op,
    make: (batch: Batch) => ({
      logits: batch.tokens(-2, 2),
      labels: batch.integers(rows, length),
      gradLogProbs: new Float64Array(rows).fill(output === 'logProbs' ? 1 : 0),
      gradEntropy: new Float64Array(rows).fill(output === 'entropy' ? 1 : 0),
      temperature: 0.7,
      softcap: 3,
    }),
    gradients: [['logits', 'gradLogits', output]] as [string, string, string][],
  })),
  ...(['logProbs', 'entropy'] as const).map((output) => ({
    name: `fusedLinearLogprob, of ${output}`,
    op: token.fusedLinearLogprob as unknown as Op,
    make: (batch: Batch) => ({
      ...layer(batch, new Tensor(new Uint8Array(count).fill(1), [rows, length])),
      gradLogProbs: new Float64Array(count).fill(output === 'logProbs' ? 1 : 0),
      gradEntropy: new Float64Array(count).fill(output === 'entropy' ? 1 : 0),
      temperature: 0.8,
      softcap: 2,
    }),
    gradients: toLayer.map(([operand, gradient]) => [operand, gradient, output]) as [
      string,
      string,
      string,
    ][],
  })),
  ...(['ppo_clip', 'gspo', 'sapo'] as const).map((kind) => ({
    name: `fusedLinearPolicyLoss ${kind}`,
    op: token.fusedLinearPolicyLoss as unknown as Op,
    make: (batch: Batch) => {
      const mask = batch.mask();
      const advantages = batch.sequences(-1, 1);
      const [oldLogProbs, refLogProbs] = [batch.tokens(-2, -1), batch.tokens(-2, -1)];
      const options = { kind, klCoef: 0.1, entropyCoef: 0.05, clipLow: 0.3, clipHigh: 0.4 };
      return { ...layer(batch, mask), mask, advantages, oldLogProbs, refLogProbs, ...options };
    },
    gradients: toLayer,
  })),
  {
    name: 'fusedLinearDpo',
    op: token.fusedLinearDpo as unknown as Op,
    make: (batch) => {
      const { bias: _, ...policy } = layer(batch, batch.mask());
      const { hidden: refHidden, weight: refWeight } = layer(batch, batch.mask());
      const masked = (hidden: unknown): unknown[] =>
        [...(hidden as Tensor<Float64Array>).data].map((x) => (Number.isNaN(x) ? 0 : x));
      const clean = (hidden: unknown): Tensor<Float64Array> =>
        new Tensor(Float64Array.from(masked(hidden) as number[]), [count, width]);
      (policy.labels as Int32Array)[3] = -100;
      const sizes = { pairs: rows / 2, length };
      const hiddens = { hidden: clean(policy.hidden), refHidden: clean(refHidden) };
      return { ...policy, ...hiddens, refWeight, ...sizes };
    },
    gradients: toLayer.slice(0, 2),
  },
  {
    name: 'recipeGrpoStep',
    op: token.recipeGrpoStep as unknown as Op,
    make: (batch) => ({ ...recipe(batch), entropyCoef: 0.1, klCoef: 0.2 }),
    gradients: [['logits', 'gradLogits']],
  },
  {
    name: 'recipeRlvrStep',
    op: token.recipeRlvrStep as unknown as Op,
    make: (batch) => {
      const valuesNew = batch.tokens(-1, 1);
      return { ...recipe(batch), valuesNew, oldValues: batch.near(valuesNew, 0.4) };
    },
    gradients: [
      ['logits', 'gradLogits', 'policyLoss'],
      ['valuesNew', 'gradValues', 'valueLoss'],
    ],
  },
  {
    name: 'recipeDlerStep',
    op: token.recipeDlerStep as unknown as Op,
    make: (batch) => ({ ...recipe(batch), truncated: Uint8Array.of(0, 0, 0, 1) }),
    gradients: [['logits', 'gradLogits']],
  },
  {
    name: 'recipeLitePpoStep',
    op: token.recipeLitePpoStep as unknown as Op,
    make: recipe,
    gradients: [['logits', 'gradLogits']],
  },
];

describe('losses of tokens and sequences', () => {
  test.each([...cases, ...logitCases])(
    '$name',
    ({ op, make, gradients = [['logProbs', 'gradLogProbs']] }) => {
      for (const seed of [1, 2, 3]) {
        const args = make(new Batch(seed));
        for (const [operand, gradient, of] of gradients) {
          expectGradient(op, args, operand, gradient, of);
        }
      }
    },
  );

  test('a packed batch gives the bits of the padded one', () => {
    const batch = new Batch(5);
    const lengths = [7, 4, 0, 6];
    const packed = (tokens: Tensor<Float64Array>): Tensor<Float64Array> =>
      new Tensor(
        Float64Array.from(
          lengths.flatMap((n, b) => [...tokens.data.slice(b * length, b * length + n)]),
        ),
      );
    const flags = Uint8Array.from({ length: count }, (_, i) =>
      Number(i % length < (lengths[Math.floor(i / length)] as number)),
    );
    const { logProbs, oldLogProbs } = common(batch) as unknown as Record<
      'logProbs' | 'oldLogProbs',
      Tensor<Float64Array>
    >;
    const advantages = batch.sequences(-1, 1);
    for (const kind of ['ppo_clip', 'gspo', 'gmpo', 'vespo', 'clip_cov', 'kl_cov'] as const) {
      const options = { kind, covLower: -9, covRatio: 0.2, klCovRatio: 0.2 };
      const priority = batch.tokens(0, 1);
      const one = policyLoss({
        ...options,
        logProbs,
        oldLogProbs,
        advantages,
        priority,
        mask: { data: flags, shape: [rows, length] },
      });
      const other = token.policyLossPacked({
        ...options,
        logProbs: packed(logProbs),
        oldLogProbs: packed(oldLogProbs),
        priority: packed(priority),
        sequenceAdvantages: advantages,
        cuSeqlens: Int32Array.of(0, 7, 11, 11, 17),
      });
      expect(other.loss).toBe(one.loss);
      expect(other.gradLogProbs.data).toEqual(packed(one.gradLogProbs).data);
    }
  });
});
