/**
 * Three ways to learn what a policy never gets right by itself. The task is a lock: five tokens out
 * of eight, reward 1 when all are right, which chance finds once in 32,768 tries.
 *
 * - Guide-GRPO (arXiv 2506.13923): where a whole group failed, sample again with a hint, and train the
 *   policy without the hint on what was found.
 * - Critique-GRPO (arXiv 2506.03106): a critic names the wrong tokens of a rollout; the refinement, with
 *   them put right, joins the group as an off-policy sample. Its loss is shaped, so that tokens which
 *   the policy hardly ever writes are learnt too.
 * - PPO++ (arXiv 2306.11816): a guide writes the first tokens, the policy the rest; only the rest is
 *   trained, from the end of the lock to its beginning.
 */
import { Tensor } from 'belfry';
import { CritiqueGrpo, Grpo, GuideGrpo, Ppo, rollinMask } from 'belfry/token';

import { type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

const T = 5;
const V = 8;
const prompts = 8;
const perPrompt = 8;
const updates = 120;
/** What a bad habit adds to the logit of a wrong token. */
const habit = 3;
/** What a hint adds to the logit of the right token: it is then found seven times in ten. */
const hintStrength = 2.8;

const answer = (prompt: number, t: number): number => (3 * prompt + 5 * t + 1) % V;
const hint = (prompt: number, t: number): Float64Array =>
  Float64Array.from({ length: V }, (_, v) => (v === answer(prompt, t) ? hintStrength : 0));

interface Rollout {
  prompt: number;
  tokens: number[];
  /** log μ of the sampler: of the context with the hint where there was one. */
  logProbs: number[];
  reward: number;
  hinted: number;
}

const newPolicy = (): SoftmaxPolicy => new SoftmaxPolicy(prompts * T, V);

/** Success rate of the policy alone, exactly. */
function success(policy: SoftmaxPolicy): number {
  return mean(
    Array.from({ length: prompts }, (_, prompt) => {
      let p = 1;
      for (let t = 0; t < T; t++) p *= policy.probabilities(prompt * T + t)[answer(prompt, t)]!;
      return p;
    }),
  );
}

const reward = (prompt: number, tokens: readonly number[]): number =>
  Number(tokens.every((token, t) => token === answer(prompt, t)));

function rollout(policy: SoftmaxPolicy, prompt: number, hinted: boolean, random: Random): Rollout {
  const tokens: number[] = [];
  const logProbs: number[] = [];
  for (let t = 0; t < T; t++) {
    const bonus = hinted ? hint(prompt, t) : undefined;
    tokens.push(policy.sample(prompt * T + t, random, bonus));
    logProbs.push(Math.log(policy.probabilities(prompt * T + t, bonus)[tokens[t]!]!));
  }
  return { prompt, tokens, logProbs, reward: reward(prompt, tokens), hinted: Number(hinted) };
}

const groups = (policy: SoftmaxPolicy, random: Random): Rollout[] =>
  Array.from({ length: prompts * perPrompt }, (_, i) =>
    rollout(policy, Math.floor(i / perPrompt), false, random),
  );

/** The rollouts as a batch, and the contexts of its tokens. */
function batchOf(policy: SoftmaxPolicy, rollouts: readonly Rollout[]) {
  const shape = [rollouts.length, T];
  const contexts = rollouts.flatMap(({ prompt }) => [0, 1, 2, 3, 4].map((t) => prompt * T + t));
  const labels = Int32Array.from(rollouts.flatMap(({ tokens }) => tokens));
  const batch = {
    logProbs: policy.score(contexts, labels, shape).logProbs,
    oldLogProbs: new Tensor(Float64Array.from(rollouts.flatMap((r) => r.logProbs)), shape),
    rewards: Float64Array.from(rollouts, (r) => r.reward),
    groupIds: Int32Array.from(rollouts, (r) => r.prompt),
    hinted: Uint8Array.from(rollouts, (r) => r.hinted),
  };
  return { contexts, labels, batch };
}

function withGrpo(seed: number): number {
  const random = seeded(seed);
  const policy = newPolicy();
  const grpo = new Grpo({ klCoef: 0 });
  for (let update = 0; update < updates; update++) {
    const { contexts, labels, batch } = batchOf(policy, groups(policy, random));
    policy.descend(policy.gradient(contexts, labels, grpo.loss(batch).gradLogProbs), 60);
  }
  return success(policy);
}

function withHints(seed: number): { success: number; askingShare: number } {
  const random = seeded(seed);
  const policy = newPolicy();
  const guide = new GuideGrpo();
  let last = 0;
  for (let update = 0; update < updates; update++) {
    const rollouts = groups(policy, random);
    const asking = guide.needsGuidance(batchOf(policy, rollouts).batch);
    for (const prompt of asking) {
      for (let k = 0; k < perPrompt; k++) rollouts.push(rollout(policy, prompt, true, random));
    }
    last = asking.length;
    const { contexts, labels, batch } = batchOf(policy, rollouts);
    policy.descend(policy.gradient(contexts, labels, guide.loss(batch).gradLogProbs), 60);
  }
  return { success: success(policy), askingShare: last / prompts };
}

/** The answer written again, with what the critic found wrong put right. */
function refine({ prompt, tokens }: Rollout): Rollout {
  const better = tokens.map((token, t) =>
    token === answer(prompt, t) ? token : answer(prompt, t),
  );
  const logProbs = better.map(() => 0); // No policy wrote it: the ratio of its tokens is not used.
  return { prompt, tokens: better, logProbs, reward: reward(prompt, better), hinted: 1 };
}

/** Starts from a policy with a wrong habit, where the right tokens are rare. */
function withCritiques(seed: number, gamma: number | null): number {
  const random = seeded(seed);
  const policy = newPolicy();
  for (let context = 0; context < prompts * T; context++) {
    policy.logits[context * V + ((answer(Math.floor(context / T), context % T) + 1) % V)] = habit;
  }
  const critique = new CritiqueGrpo({ gamma });
  for (let update = 0; update < updates; update++) {
    const rollouts = groups(policy, random);
    for (let prompt = 0; prompt < prompts; prompt++) {
      rollouts[prompt * perPrompt] = refine(rollouts[prompt * perPrompt]!);
    }
    const { contexts, labels, batch } = batchOf(policy, rollouts);
    const { gradLogProbs } = critique.loss({ ...batch, refined: batch.hinted });
    policy.descend(policy.gradient(contexts, labels, gradLogProbs), 1);
  }
  return success(policy);
}

/** PPO, where the first tokens of some rollouts are the guide's (β = 0: none are). */
function withRollIn(seed: number, beta: number): number {
  const random = seeded(seed);
  const policy = newPolicy();
  const ppo = new Ppo({ rewardScale: 1, beta: 0, whiten: false });
  const values = new Float64Array(T);
  for (let update = 0; update < updates; update++) {
    const B = prompts * perPrompt;
    const uniform = (): Float64Array => Float64Array.from({ length: B }, random);
    const lengths = new Int32Array(B).fill(T);
    const { rollinMask: guided } = rollinMask({
      ...{ lengths, uMix: uniform(), uLength: uniform(), beta, maxLength: T },
    });
    const rollouts = Array.from({ length: B }, (_, i) => {
      const prompt = Math.floor(i / perPrompt);
      const own = rollout(policy, prompt, false, random);
      const tokens = own.tokens.map((token, t) =>
        guided.data[i * T + t] ? answer(prompt, t) : token,
      );
      return { ...own, tokens, reward: reward(prompt, tokens) };
    });
    const { contexts, labels, batch } = batchOf(policy, rollouts);
    const oldLogProbs = batch.logProbs;
    const mask = new Tensor(
      guided.data.map((x) => 1 - x),
      [B, T],
    );
    const oldValues = new Tensor(
      Float64Array.from({ length: B * T }, (_, i) => values[i % T]!),
      [B, T],
    );
    const made = ppo.advantages({ ...batch, oldLogProbs, mask, oldValues });
    const { gradLogProbs } = ppo.loss({ ...batch, oldLogProbs, mask, ...made });
    policy.descend(policy.gradient(contexts, labels, gradLogProbs), 120);
    const critic = ppo.valueLoss({ values: oldValues, oldValues, returns: made.returns, mask });
    critic.gradValues.data.forEach((slope, i) => {
      values[i % T]! -= slope;
    });
  }
  return success(policy);
}

const seeds = [1, 2, 3];
export const plain: number = mean(seeds.map(withGrpo));
const hints = seeds.map(withHints);
export const guided: number = mean(hints.map((run) => run.success));
/** Groups that still ask for a hint at the end. */
export const asking: number = mean(hints.map((run) => run.askingShare));
export const critiqued: number = mean(seeds.map((seed) => withCritiques(seed, 0.1)));
/** f(p) = p: tokens that the policy hardly ever writes are hardly ever learnt. */
export const unshaped: number = mean(seeds.map((seed) => withCritiques(seed, null)));
export const rolledIn: number = mean(seeds.map((seed) => withRollIn(seed, 0.8)));
export const ppoAlone: number = mean(seeds.map((seed) => withRollIn(seed, 0)));
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
console.log(`lock opened without help: GRPO ${percent(plain)}, PPO ${percent(ppoAlone)}`);
console.log(`Guide-GRPO ${percent(guided)}, ${percent(asking)} of the groups still ask for a hint`);
console.log(`Critique-GRPO ${percent(critiqued)}, without its shaping ${percent(unshaped)}`);
console.log(`PPO++ with a guide's first tokens ${percent(rolledIn)}`);
