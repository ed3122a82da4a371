import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normal, uniform } from '../../src/demo/generator.js';
import { doorOf, doorStep, type NamedWeights, oneStepLoop } from '../../src/demo/two-doors.js';
import { readSafetensors } from '../../src/safetensors.js';

const file = (name: string): URL => new URL(`../../examples/data/${name}`, import.meta.url);

describe('velocity.safetensors', () => {
  const { tensors, metadata } = readSafetensors(readFileSync(file('velocity.safetensors')));
  const shapeOf = (name: string): number[] => tensors[name]!.shape;

  it('is small, float32, and says where it comes from', () => {
    expect(statSync(file('velocity.safetensors')).size).toBeLessThan(300_000);
    expect(Object.values(tensors).every(({ dtype }) => dtype === 'F32')).toBe(true);
    expect(metadata).toMatchObject({ script: 'scripts/data/train-velocity.mjs', emb_dim: '4' });
    expect(Number(metadata.final_loss)).toBeGreaterThan(0);
  });

  it('has the layout of one_step_generation', () => {
    const [embDim, observation, action] = [Number(metadata.emb_dim), 2, 2];
    for (const prefix of ['tmlp', 'rmlp']) {
      expect(shapeOf(`${prefix}_weight_0`)).toEqual([2 * embDim, embDim]);
      expect(shapeOf(`${prefix}_weight_1`)).toEqual([embDim, 2 * embDim]);
    }
    expect(shapeOf('trunk_weight_0')[1]).toBe(action + 2 * embDim + observation);
    expect(shapeOf('trunk_weight_3')[0]).toBe(action);
    for (const prefix of ['critic1', 'critic2']) {
      expect(shapeOf(`${prefix}_weight_0`)[1]).toBe(observation + action);
      expect(shapeOf(`${prefix}_weight_2`)[0]).toBe(1);
    }
    for (const [name, { shape }] of Object.entries(tensors)) {
      if (name.includes('bias')) {
        expect(shape).toEqual([shapeOf(name.replace('bias', 'weight'))[0]]);
      }
    }
  });

  it('generates steps towards a door, and its critics know which one pays', () => {
    const [states, candidates] = [200, 8];
    const observations = Float64Array.from({ length: 2 * states }, (_, i) =>
      i % 2 === 0 ? uniform(81, i) - 1 : uniform(81, i) - 0.5,
    );
    const noise = Float64Array.from({ length: 2 * states * candidates }, (_, i) => normal(82, i));
    const weights = tensors as NamedWeights;
    const { actions, qMin, bestIndex } = oneStepLoop({ weights, observations, noise, candidates });
    let near = 0;
    let better = 0;
    let errors = 0;
    for (let i = 0; i < states; i++) {
      const place = [observations[2 * i]!, observations[2 * i + 1]!] as const;
      const doorAt = (row: number): number =>
        doorOf(place, [actions[2 * row]!, actions[2 * row + 1]!]);
      for (let row = i * candidates; row < (i + 1) * candidates; row++) {
        if (doorAt(row) >= 0) near++;
        const [x, y] = doorStep(place[0], place[1], 1);
        const q = -((actions[2 * row]! - x) ** 2) - (actions[2 * row + 1]! - y) ** 2;
        errors += (qMin[row]! - q) ** 2;
      }
      if (doorAt(i * candidates + bestIndex[i]!) === 1) better++;
    }
    expect(near / (states * candidates)).toBeGreaterThanOrEqual(0.7);
    // The lower door is a third as frequent in the data; the critics must make it the rule.
    expect(better / states).toBeGreaterThan(0.6);
    expect(Math.sqrt(errors / (states * candidates))).toBeLessThan(0.1);
  });
});

interface Rollout {
  prompt_id: number;
  prompt: string;
  answer: string;
  completion: string;
  tokens: number[];
  logprobs: number[];
  old_logprobs: number[];
  ref_logprobs: number[];
  entropies: number[];
  values: number[];
  reward: number;
  truncated: boolean;
}

describe('arithmetic-rollouts.jsonl', () => {
  const text = readFileSync(file('arithmetic-rollouts.jsonl'), 'utf8');
  const rollouts = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Rollout);
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('is small and made of groups of 12', () => {
    expect(text.length).toBeLessThan(400_000);
    expect(rollouts.length).toBe(480);
    expect(rollouts.every(({ prompt_id: id }, i) => id === Math.floor(i / 12))).toBe(true);
  });

  it('tokenises and rewards as it says', () => {
    for (const rollout of rollouts) {
      const { prompt, answer, completion, tokens, truncated } = rollout;
      const [a, b] = prompt.slice(0, -1).split('+').map(Number);
      expect(answer).toBe(String(a! + b!));
      expect(tokens.map((token) => '0123456789+=.'[token]).join('')).toBe(completion);
      expect(completion.endsWith('.')).toBe(!truncated);
      expect(rollout.reward).toBe(completion === `${answer}.` ? 1 : 0);
      for (const key of ['logprobs', 'old_logprobs', 'ref_logprobs'] as const) {
        expect(rollout[key].length).toBe(tokens.length);
        expect(rollout[key].every((logp) => logp <= 0)).toBe(true);
      }
      expect(rollout.entropies.every((h) => h >= 0 && h <= Math.log(13))).toBe(true);
      expect(rollout.values.length).toBe(tokens.length);
    }
  });

  it('comes from three different policies, the sampling one being the one that sampled', () => {
    const rewards = mean(rollouts.map(({ reward }) => reward));
    expect(rewards).toBeGreaterThan(0.3);
    expect(rewards).toBeLessThan(0.7);
    // Exact success probabilities against sampled rewards: 480 draws, standard error below 0.023.
    expect(Math.abs(mean(rollouts.map(({ values }) => values[0]!)) - rewards)).toBeLessThan(0.08);
    const gap = (a: 'logprobs' | 'ref_logprobs'): number =>
      mean(rollouts.flatMap((r) => r[a].map((logp, t) => Math.abs(logp - r.old_logprobs[t]!))));
    expect(gap('logprobs')).toBeGreaterThan(0.005);
    expect(gap('ref_logprobs')).toBeGreaterThan(0.005);
    const mixed = Array.from({ length: 40 }, (_, g) =>
      mean(rollouts.slice(12 * g, 12 * g + 12).map(({ reward }) => reward)),
    ).filter((rate) => rate > 0 && rate < 1);
    expect(mixed.length).toBeGreaterThan(20);
  });
});
