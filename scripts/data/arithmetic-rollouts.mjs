#!/usr/bin/env node
/**
 * Samples a real small task in the shape trainers log it and writes
 * examples/data/arithmetic-rollouts.jsonl: sums such as "17+285=", answered character by character
 * by a small network with a softmax over 13 characters.
 *
 * The policies are made as in practice: supervised training until about half of the answers are
 * right (reference), some policy-gradient steps with group-relative advantages (the sampling
 * policy, `old_logprobs`), then a few passes over the sampled batch (`logprobs`).
 * Every line is one rollout:
 *   prompt_id, prompt, answer, completion (ends with "." unless cut at 6 tokens), tokens (indices
 *   into "0123456789+=."), logprobs, old_logprobs, ref_logprobs, entropies (of the sampling
 *   policy), values (exact probability, under the sampling policy, that the answer will be right,
 *   given the tokens before), reward (1 = right), truncated.
 *
 * Deterministic: node scripts/data/arithmetic-rollouts.mjs [seed]
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Adam, backward, forward, makeMlp, tanh } from './mlp.mjs';
import { Random } from './random.mjs';

const SEED = Number(process.argv[2] ?? 11);
const OUT_URL = new URL('../../examples/data/arithmetic-rollouts.jsonl', import.meta.url);
const OUT = fileURLToPath(OUT_URL);
const VOCABULARY = '0123456789+=.';
const END = VOCABULARY.indexOf('.');
const MAX_TOKENS = 6;
const NUM_PROMPTS = 40;
const GROUP = 12;
const SUPERVISED_BATCH = 64;
const TARGET_ACCURACY = 0.45;
const POLICY_STEPS = 12;
const DIGITS = 3;
const HIDDEN = 64;
/** One-hot: 3 digits of either operand (10 = no digit), position, previous character or none. */
const NUM_FEATURES = 2 * DIGITS * 11 + MAX_TOKENS + VOCABULARY.length + 1;

const random = new Random(SEED);

function drawSum() {
  const operand = () => random.integer(random.uniform() < 0.5 ? 100 : 1000);
  const [a, b] = [operand(), operand()];
  return { a, b, prompt: `${a}+${b}=`, answer: `${a + b}.` };
}

/** Features of the step after `prefix` was written. */
function writeFeatures(out, row, sum, prefix) {
  const base = row * NUM_FEATURES;
  [sum.a, sum.b].forEach((operand, which) => {
    const text = String(operand).padStart(DIGITS, ' ');
    for (let d = 0; d < DIGITS; d++) {
      const digit = text[d] === ' ' ? 10 : Number(text[d]);
      out[base + (which * DIGITS + d) * 11 + digit] = 1;
    }
  });
  const positionBase = base + 2 * DIGITS * 11;
  out[positionBase + Math.min(prefix.length, MAX_TOKENS - 1)] = 1;
  const previous = prefix.length > 0 ? prefix[prefix.length - 1] : VOCABULARY.length;
  out[positionBase + MAX_TOKENS + previous] = 1;
}

/** Log-probabilities [rows, vocabulary] of the next character for steps [{ sum, prefix }]. */
function predict(policy, steps) {
  // Gradients want a multiple of four rows; the spare ones stay zero.
  const rows = Math.ceil(steps.length / 4) * 4;
  const features = new Float64Array(rows * NUM_FEATURES);
  for (const [row, { sum, prefix }] of steps.entries()) writeFeatures(features, row, sum, prefix);
  const { out, tape } = forward(policy, features, rows);
  const width = VOCABULARY.length;
  for (let row = 0; row < rows; row++) {
    const logits = out.subarray(row * width, (row + 1) * width);
    const top = Math.max(...logits);
    const total = top + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - top), 0));
    for (let v = 0; v < width; v++) logits[v] -= total;
  }
  return { logProbs: out, tape, rows };
}

/** One Adam step on -sum_i weight_i log p(token_i); steps carry `token` and `weight`. */
function descend(policy, adam, steps, learningRate) {
  const { logProbs, tape, rows } = predict(policy, steps);
  const width = VOCABULARY.length;
  const grad = new Float64Array(rows * width);
  steps.forEach(({ token, weight }, row) => {
    for (let v = 0; v < width; v++) {
      const indicator = v === token ? 1 : 0;
      grad[row * width + v] = weight * (Math.exp(logProbs[row * width + v]) - indicator);
    }
  });
  backward(policy, tape, grad, rows);
  adam.step(learningRate);
}

function tokenise(text) {
  return [...text].map((char) => VOCABULARY.indexOf(char));
}

function stepsOf(sum, tokens, weight) {
  return tokens.map((token, i) => ({ sum, prefix: tokens.slice(0, i), token, weight }));
}

/** Samples a completion for each sum, all in step. */
function sample(policy, sums) {
  const rollouts = sums.map((sum) => ({ sum, tokens: [] }));
  for (let position = 0; position < MAX_TOKENS; position++) {
    const open = rollouts.filter(({ tokens }) => tokens.at(-1) !== END);
    if (open.length === 0) break;
    const { logProbs } = predict(
      policy,
      open.map(({ sum, tokens }) => ({ sum, prefix: tokens })),
    );
    open.forEach(({ tokens }, row) => {
      let rest = random.uniform();
      let token = 0;
      while (token < VOCABULARY.length - 1) {
        rest -= Math.exp(logProbs[row * VOCABULARY.length + token]);
        if (rest < 0) break;
        token++;
      }
      tokens.push(token);
    });
  }
  return rollouts.map(({ sum, tokens }) => {
    const completion = tokens.map((token) => VOCABULARY[token]).join('');
    return { sum, tokens, completion, reward: completion === sum.answer ? 1 : 0 };
  });
}

function accuracy(rollouts) {
  return rollouts.reduce((total, { reward }) => total + reward, 0) / rollouts.length;
}

/** Supervised training until TARGET_ACCURACY of fresh sums is answered rightly when sampled. */
function trainReference(policy) {
  const adam = new Adam([policy]);
  for (let step = 1; ; step++) {
    const steps = [];
    for (let i = 0; i < SUPERVISED_BATCH; i++) {
      const sum = drawSum();
      steps.push(...stepsOf(sum, tokenise(sum.answer), 1 / SUPERVISED_BATCH));
    }
    descend(policy, adam, steps, 3e-3);
    if (step % 200 !== 0) continue;
    const rate = accuracy(sample(policy, Array.from({ length: 500 }, drawSum)));
    if (rate >= TARGET_ACCURACY || step >= 20_000) return { step, rate };
  }
}

/** Rollouts of NUM_PROMPTS sums, GROUP each, with (reward - group mean) as weight per token. */
function sampleGroups(policy) {
  const sums = Array.from({ length: NUM_PROMPTS }, drawSum);
  const rollouts = sample(
    policy,
    sums.flatMap((sum) => Array(GROUP).fill(sum)),
  );
  rollouts.forEach((rollout, i) => {
    const first = i - (i % GROUP);
    rollout.promptId = first / GROUP;
    rollout.advantage = rollout.reward - accuracy(rollouts.slice(first, first + GROUP));
  });
  return rollouts;
}

function policyStep(policy, adam, rollouts, learningRate) {
  const numTokens = rollouts.reduce((total, { tokens }) => total + tokens.length, 0);
  const steps = rollouts.flatMap(({ sum, tokens, advantage }) =>
    stepsOf(sum, tokens, advantage / numTokens),
  );
  descend(policy, adam, steps, learningRate);
}

function copyPolicy(policy) {
  const layers = policy.layers.map((layer) =>
    Object.fromEntries(
      Object.entries(layer).map(([k, v]) => [k, ArrayBuffer.isView(v) ? v.slice() : v]),
    ),
  );
  return { ...policy, layers };
}

/** Log-probabilities of the rollout's tokens, and the entropy at each of them. */
function score(policy, { sum, tokens }) {
  const { logProbs } = predict(policy, stepsOf(sum, tokens, 0));
  const width = VOCABULARY.length;
  const entropies = tokens.map((_, i) =>
    logProbs
      .subarray(i * width, (i + 1) * width)
      .reduce((total, logp) => total - Math.exp(logp) * logp, 0),
  );
  return { logProbs: tokens.map((token, i) => logProbs[i * width + token]), entropies };
}

/** Probability that the answer will be right before each token: 0 once a character is wrong. */
function successProbabilities(policy, { sum, tokens }) {
  const right = tokenise(sum.answer);
  const { logProbs } = score(policy, { sum, tokens: right });
  return tokens.map((_, i) => {
    const onTrack = tokens.slice(0, i).every((token, k) => token === right[k]);
    return onTrack ? Math.exp(logProbs.slice(i).reduce((total, logp) => total + logp, 0)) : 0;
  });
}

const rounded = (values) => values.map((x) => Number(x.toFixed(6)));

function lineOf(rollout, policies) {
  const old = score(policies.sampling, rollout);
  return JSON.stringify({
    prompt_id: rollout.promptId,
    prompt: rollout.sum.prompt,
    answer: rollout.sum.answer.slice(0, -1),
    completion: rollout.completion,
    tokens: rollout.tokens,
    logprobs: rounded(score(policies.current, rollout).logProbs),
    old_logprobs: rounded(old.logProbs),
    ref_logprobs: rounded(score(policies.reference, rollout).logProbs),
    entropies: rounded(old.entropies),
    values: rounded(successProbabilities(policies.sampling, rollout)),
    reward: rollout.reward,
    truncated: rollout.tokens.at(-1) !== END,
  });
}

const started = performance.now();
const policy = makeMlp([NUM_FEATURES, HIDDEN, VOCABULARY.length], tanh, random);
const { step, rate } = trainReference(policy);
console.log(`reference: ${(100 * rate).toFixed(1)}% right after ${step} supervised steps`);
const reference = copyPolicy(policy);
const adam = new Adam([policy]);
for (let i = 0; i < POLICY_STEPS; i++) policyStep(policy, adam, sampleGroups(policy), 1e-3);
const sampling = copyPolicy(policy);
const rollouts = sampleGroups(policy);
for (let pass = 0; pass < 3; pass++) policyStep(policy, adam, rollouts, 2e-3);
const policies = { reference, sampling, current: policy };
const text = `${rollouts.map((rollout) => lineOf(rollout, policies)).join('\n')}\n`;
writeFileSync(OUT, text);
console.log(`sampled: ${(100 * accuracy(rollouts)).toFixed(1)}% of ${rollouts.length} right`);
console.log(`${text.length} bytes, ${((performance.now() - started) / 1000).toFixed(1)} s: ${OUT}`);
