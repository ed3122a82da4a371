/** The training classes: defaults, strictness, and agreement with the one-call recipes. */
import { Tensor } from 'belfry';
import * as token from 'belfry/token';
import { expect, test } from 'vitest';

const B = 12;
const T = 5;
const V = 7;

/** A small generator: the same numbers everywhere. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomBatch(seed: number) {
  const next = random(seed);
  const real = (shape: number[], scale: number, shift = 0) =>
    new Tensor(
      Float64Array.from({ length: shape.reduce((a, b) => a * b) }, () => shift + scale * next()),
      shape,
    );
  const logits = real([B * T, V], 4, -2);
  const labels = Int32Array.from({ length: B * T }, () => Math.floor(next() * V));
  const current = token.tokenLogprob({ logits, labels });
  const near = (width: number) =>
    new Tensor(
      current.logProbs.data.map((x) => x + width * (next() - 0.5)),
      [B, T],
    );
  return {
    logits,
    labels,
    logProbs: new Tensor(current.logProbs.data, [B, T]),
    entropy: new Tensor(current.entropy.data, [B, T]),
    oldLogProbs: near(0.8),
    refLogProbs: near(0.5),
    mask: new Tensor(
      Uint8Array.from({ length: B * T }, () => Number(next() < 0.8)),
      [B, T],
    ),
    rewards: Float64Array.from({ length: B }, () => Math.round(next())),
    groupIds: Int32Array.from({ length: B }, (_, i) => i % 3),
    truncated: Uint8Array.from({ length: B }, () => Number(next() < 0.3)),
    answerIds: Int32Array.from({ length: B }, () => Math.floor(next() * 3)),
    oldValues: real([B, T], 2),
    values: real([B, T], 2),
  };
}

type Batch = ReturnType<typeof randomBatch>;
const seeds = [1, 2, 3, 4, 5];

/** What all four recipes read. */
function recipeArgs(batch: Batch) {
  const { logits, labels, oldLogProbs, refLogProbs, mask, rewards, groupIds } = batch;
  return { logits, labels, oldLogProbs, refLogProbs, mask, rewards, groupIds };
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>) {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i += 1) expect(found[i]).toBeCloseTo(wanted[i]!, 11);
}

test.each(seeds)('Grpo is recipeGrpoStep, entropy bonus included (seed %i)', (seed) => {
  const batch = randomBatch(seed);
  const { entropy: _, logProbs: __, ...rest } = batch;
  for (const aggregation of ['token-mean', 'seq-mean-token-mean', 'fixed-length'] as const) {
    const options = { aggregation, klCoef: 0.02, entropyCoef: 0.01, clipHigh: 0.28, dualClip: 3 };
    const recipe = token.recipeGrpoStep({ ...recipeArgs(batch), ...options });
    const grpo = new token.Grpo(options);
    const found = grpo.lossFromLogits(rest);
    expectClose(grpo.advantages(batch).advantages.data, recipe.advantages.data);
    expectClose(found.gradLogits.data, recipe.gradLogits.data);
    // The entropy bonus is in the loss as well.
    expect(found.loss).toBeCloseTo(recipe.loss, 11);
    expect(grpo.loss(batch).loss).toBeCloseTo(recipe.loss, 11);
  }
});

test.each(seeds)('Ppo is recipeRlvrStep (seed %i)', (seed) => {
  const batch = randomBatch(seed);
  const { oldValues, values: valuesNew } = batch;
  const recipe = token.recipeRlvrStep({ ...recipeArgs(batch), oldValues, valuesNew });
  const ppo = new token.Ppo();
  const made = ppo.advantages(batch);
  expectClose(made.tokenRewards.data, recipe.tokenRewards.data);
  expectClose(made.advantages.data, recipe.advantages.data);
  expectClose(made.returns.data, recipe.returns.data);
  const { logProbs: _, entropy: __, ...rest } = batch;
  const policy = ppo.lossFromLogits({ ...rest, ...made });
  expect(policy.loss).toBeCloseTo(recipe.policyLoss, 11);
  expectClose(policy.gradLogits.data, recipe.gradLogits.data);
  const critic = ppo.valueLoss({ ...batch, ...made });
  expect(critic.loss).toBeCloseTo(recipe.valueLoss, 11);
  expectClose(critic.gradValues.data, recipe.gradValues.data);
});

test.each(seeds)('Dler is recipeDlerStep (seed %i)', (seed) => {
  const batch = randomBatch(seed);
  const { truncated } = batch;
  for (const filter of ['nonzero_std', 'none'] as const) {
    const recipe = token.recipeDlerStep({ ...recipeArgs(batch), truncated, filter });
    const dler = new token.Dler({ filter });
    const made = dler.advantages(batch);
    expectClose(made.rewards.data, recipe.shapedRewards.data);
    expect([...made.sampleKeep.data]).toEqual([...recipe.sampleKeep.data]);
    const { logProbs: _, entropy: __, ...rest } = batch;
    const found = dler.lossFromLogits(rest);
    expect(found.loss).toBeCloseTo(recipe.loss, 11);
    expectClose(found.gradLogits.data, recipe.gradLogits.data);
  }
});

test.each(seeds)('LitePpo is recipeLitePpoStep (seed %i)', (seed) => {
  const batch = randomBatch(seed);
  const { refLogProbs: _, ...args } = recipeArgs(batch);
  const recipe = token.recipeLitePpoStep(args);
  const found = new token.LitePpo().lossFromLogits(args);
  expect(found.loss).toBeCloseTo(recipe.loss, 11);
  expectClose(found.gradLogits.data, recipe.gradLogits.data);
});

const policies = {
  Grpo: [token.Grpo, token.grpoDefaults],
  Ppo: [token.Ppo, token.ppoDefaults],
  Rloo: [token.Rloo, token.rlooDefaults],
  ReinforcePlusPlus: [token.ReinforcePlusPlus, token.reinforcePlusPlusDefaults],
  LitePpo: [token.LitePpo, token.litePpoDefaults],
  Dapo: [token.Dapo, token.dapoDefaults],
  Dler: [token.Dler, token.dlerDefaults],
  Loop: [token.Loop, token.loopDefaults],
  NegativeAwareFineTuning: [token.NegativeAwareFineTuning, token.nftDefaults],
  Copo: [token.Copo, token.copoDefaults],
  GuideGrpo: [token.GuideGrpo, token.guideGrpoDefaults],
  CritiqueGrpo: [token.CritiqueGrpo, token.critiqueGrpoDefaults],
  Amft: [token.Amft, token.amftDefaults],
  D3s: [token.D3s, token.d3sDefaults],
  PromptCurriculum: [token.PromptCurriculum, token.promptCurriculumDefaults],
} as const;

/** What every class does, whatever its options and batches. */
interface AnyPolicy {
  options: object;
  advantages(batch: Batch): { advantages: Tensor<Float64Array> };
  loss(batch: Batch): { loss: number; gradLogProbs: Tensor<Float64Array> };
}

for (const [name, [Policy, defaults]] of Object.entries(policies)) {
  const make = Policy as unknown as new (options?: object) => AnyPolicy;

  test(`${name}: frozen defaults, strict options`, () => {
    expect(Object.isFrozen(defaults)).toBe(true);
    expect(new make().options).toEqual(defaults);
    const known = Object.keys(defaults)[0]!;
    expect(() => new make({ [`${known}x`]: 1 })).toThrowError(new RegExp(`${name}.*${known}`, 's'));
    expect(new make({ [known]: undefined }).options).toEqual(defaults);
  });

  test(`${name}: masked tokens get no gradient`, () => {
    const batch = randomBatch(11);
    const { gradLogProbs } = new make().loss(batch);
    batch.mask.data.forEach((valid, i) => {
      if (!valid) expect(gradLogProbs.data[i]).toBe(0);
    });
  });

  test(`${name}: advantages made before or in the loss are the same`, () => {
    const batch = randomBatch(12);
    const policy = new make();
    const before = policy.loss({ ...batch, ...policy.advantages(batch) });
    const within = policy.loss(batch);
    expect(within.loss).toBe(before.loss);
    expect(within.gradLogProbs.data).toEqual(before.gradLogProbs.data);
  });
}

// NFT's floors pass their gradient straight through: its own test below is on policy.
const { NegativeAwareFineTuning: _, ...smoothPolicies } = policies;

test.each(Object.entries(smoothPolicies))(
  '%s: the gradient is that of the loss',
  (_name, [Policy]) => {
    const batch = randomBatch(11);
    const policy = new (Policy as unknown as new () => AnyPolicy)();
    const made = { ...batch, ...policy.advantages(batch) };
    const { gradLogProbs } = policy.loss(made);
    const x = batch.logProbs.data;
    for (let i = 0; i < B * T; i += 7) {
      const at = x[i]!;
      x[i] = at + 1e-6;
      const above = policy.loss(made).loss;
      x[i] = at - 1e-6;
      const below = policy.loss(made).loss;
      x[i] = at;
      expect(gradLogProbs.data[i]).toBeCloseTo((above - below) / 2e-6, 6);
    }
  },
);

test('micro-batches add up under global denominators', () => {
  const batch = randomBatch(21);
  const grpo = new token.Grpo({ aggregation: 'token-mean' });
  const { advantages } = grpo.advantages(batch);
  const whole = grpo.loss({ ...batch, advantages });
  const numTokens = batch.mask.data.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let row = 0; row < B; row += 4) {
    const part = <A extends Float64Array | Uint8Array>(x: Tensor<A>) =>
      new Tensor(x.data.slice(row * T, (row + 4) * T) as A, [4, T]);
    sum += grpo.loss({
      logProbs: part(batch.logProbs),
      oldLogProbs: part(batch.oldLogProbs),
      refLogProbs: part(batch.refLogProbs),
      mask: part(batch.mask),
      advantages: advantages.data.slice(row, row + 4),
      numTokens,
    }).loss;
  }
  expect(sum).toBeCloseTo(whole.loss, 12);
});

test.each([1, 2])('NFT on policy is a policy gradient (normalize %i)', (normalize) => {
  const batch = randomBatch(31);
  const nft = new token.NegativeAwareFineTuning({ normalize, divisor: 1 });
  const made = nft.advantages(batch);
  const { logProbs } = batch;
  const { gradLogProbs } = nft.loss({ ...batch, ...made, oldLogProbs: logProbs });
  for (let i = 0; i < B * T; i += 1) {
    const row = Math.floor(i / T);
    const counts = batch.mask.data[i] && made.sampleKeep.data[row];
    expect(-gradLogProbs.data[i]!).toBeCloseTo(counts ? made.advantages.data[row]! : 0, 9);
  }
});

test('Dapo: overlong samples are penalised after the filter', () => {
  const batch = randomBatch(41);
  const dapo = new token.Dapo({ maxLength: 5, buffer: 2 });
  const { rewards, sampleKeep } = dapo.advantages(batch);
  for (let i = 0; i < B; i += 1) {
    const length = batch.mask.data.slice(i * T, (i + 1) * T).reduce((a, b) => a + b, 0);
    expect(rewards.data[i]).toBeCloseTo(batch.rewards[i]! - Math.max(0, (length - 3) / 2), 12);
  }
  const plain = new token.Dapo().advantages({ ...batch, rewards: new Float64Array(B) });
  expect([...plain.sampleKeep.data]).toEqual(new Array(B).fill(0));
  expect(sampleKeep.shape).toEqual([B]);
});

test('Loop: turns share one ratio; samples of small advantage leave', () => {
  const batch = randomBatch(51);
  const turnIds = new Tensor(
    Int32Array.from({ length: B * T }, (_, i) => (i % T < 2 ? 0 : 1)),
    [B, T],
  );
  const loop = new token.Loop({ level: 'turn' });
  const { gradLogProbs } = loop.loss({ ...batch, turnIds });
  const [a, b] = [gradLogProbs.data[0]!, gradLogProbs.data[1]!];
  if (batch.mask.data[0] && batch.mask.data[1]) expect(a).toBe(b);
  const equal = loop.advantages({ ...batch, rewards: new Float64Array(B).fill(1) });
  expect([...equal.sampleKeep.data]).toEqual(new Array(B).fill(0));
});

test('GuideGrpo: asks for guidance, and can leave hinted ratios unclipped', () => {
  const batch = randomBatch(61);
  const rewards = Float64Array.from({ length: B }, (_, i) => Number(i % 3 === 1 && i > 4));
  const hinted = Uint8Array.from({ length: B }, (_, i) => Number(i % 4 === 0));
  const guide = new token.GuideGrpo({ klCoef: 0.01, clipHinted: false });
  expect(guide.needsGuidance({ ...batch, rewards })).toEqual([0, 2]);
  const { advantages } = guide.advantages(batch);
  const found = guide.loss({ ...batch, hinted, advantages });
  const closed = new token.GuideGrpo({ klCoef: 0.01 }).loss({ ...batch, hinted, advantages });
  expect(found.loss).not.toBe(closed.loss);
  const x = batch.logProbs.data;
  for (let i = 0; i < B * T; i += 1) {
    const at = x[i]!;
    x[i] = at + 1e-6;
    const above = guide.loss({ ...batch, hinted, advantages }).loss;
    x[i] = at - 1e-6;
    const below = guide.loss({ ...batch, hinted, advantages }).loss;
    x[i] = at;
    expect(found.gradLogProbs.data[i]).toBeCloseTo((above - below) / 2e-6, 6);
  }
  const replace = new token.GuideGrpo({ statistics: 'replace' }).advantages({ ...batch, hinted });
  expect([...replace.sampleKeep!.data]).toEqual([...hinted]);
});

test('Amft: the mixed loss follows μ, and μ its gradient', () => {
  const batch = randomBatch(71);
  const amft = new token.Amft({ metaLr: 0.1, entropyLr: 0 });
  const demonstrations = { logProbs: batch.refLogProbs, mask: batch.mask };
  const mixed = amft.mixedLoss(batch, demonstrations);
  expect(mixed.loss).toBeCloseTo(0.5 * mixed.rlLoss + 0.5 * mixed.sftLoss, 12);
  const gradSft = Float64Array.of(1, 0);
  const gradRl = Float64Array.of(0, 1);
  const gradients = { gradSft, gradRl, gradValidationLoss: gradSft, policyLr: 1 };
  expect(amft.update({ ...gradients, entropy: 1, targetEntropy: 1 })).toBeCloseTo(0.6, 12);
  expect(amft.mu).toBeCloseTo(0.6, 12);
});

test('D3s: shares follow the schedule', () => {
  const batch = randomBatch(81);
  const d3s = new token.D3s();
  const kept = (progress: number) =>
    d3s.advantages({ ...batch, progress }).sampleKeep.data.reduce((a, b) => a + b, 0);
  expect([kept(0), kept(1)]).toEqual([3, B]);
  const { gradLogProbs } = d3s.loss({ ...batch, progress: 0 });
  const { gradLogProbs: all } = d3s.loss({ ...batch, progress: 1 });
  const used = (x: Tensor<Float64Array>) => x.data.filter((value) => value !== 0).length;
  expect(used(gradLogProbs)).toBeLessThan(used(all));
});

test('PromptCurriculum: prompts solved half of the time come first', () => {
  const pcl = new token.PromptCurriculum();
  expect([...pcl.select(Float64Array.of(0.1, 0.45, 0.9, 0.5), 2).data]).toEqual([3, 1]);
  const { loss, gradPredicted } = pcl.valueLoss(Float64Array.of(0.5, 1), Float64Array.of(1, 1));
  expect(loss).toBeCloseTo(0.125, 12);
  expect([...gradPredicted.data]).toEqual([-0.5, 0]);
});
