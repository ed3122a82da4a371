/**
 * Prompt curriculum learning (arXiv 2510.01135): a value model says how often each prompt of a pool
 * would be solved; the policy trains on those near one half. A prompt asks for one token for each of
 * its skills, and skills are shared: the short prompts have to be learnt before the long ones.
 */
import { Tensor } from 'belfry';
import { PromptCurriculum } from 'belfry/token';

import { integer, type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

const skills = 20;
const vocabulary = 8;
const longest = 6;
const perPrompt = 8;
const perUpdate = 16;
/** Candidates that the value model looks at for each prompt that is trained on. */
const poolFactor = 4;
const enough = 0.9;

type Prompt = readonly number[];

/** The right token of a skill. */
const answer = (skill: number): number => (5 * skill + 3) % vocabulary;

function makePrompts(random: Random): Prompt[] {
  return Array.from({ length: 256 }, (_, i) =>
    Array.from({ length: 1 + (i % longest) }, () => integer(random, skills)),
  );
}

/** V(x) = σ(bias + Σ w over the skills of x). */
class ValueModel {
  readonly weights = new Float64Array(skills + 1);

  predict(prompts: readonly Prompt[]): Float64Array {
    return Float64Array.from(prompts, (prompt) => {
      const logit = prompt.reduce(
        (sum, skill) => sum + this.weights[skill]!,
        this.weights[skills]!,
      );
      return 1 / (1 + Math.exp(-logit));
    });
  }

  descend(prompts: readonly Prompt[], predicted: Float64Array, gradient: Float64Array): void {
    prompts.forEach((prompt, i) => {
      const slope = gradient[i]! * predicted[i]! * (1 - predicted[i]!);
      for (const at of [...prompt, skills]) this.weights[at]! -= 4 * slope;
    });
  }
}

export interface Run {
  /** Samples drawn until the prompts are solved nine times in ten. */
  samples: number;
  /** Mean of p(1 − p) over the prompts that were trained on, p the true success rate. */
  signal: number;
}

function train(seed: number, curriculum: boolean): Run {
  const random = seeded(seed);
  const prompts = makePrompts(random);
  const policy = new SoftmaxPolicy(skills, vocabulary);
  const values = new ValueModel();
  const pcl = new PromptCurriculum({ aggregation: 'seq-mean-token-sum' });
  const solved = (prompt: Prompt): number =>
    prompt.reduce((p, skill) => p * policy.probabilities(skill)[answer(skill)]!, 1);
  const signals: number[] = [];
  let updates = 0;
  while (mean(prompts.map(solved)) < enough && updates < 1000) {
    updates += 1;
    const pool = Array.from(
      { length: curriculum ? poolFactor * perUpdate : perUpdate },
      () => prompts[integer(random, prompts.length)]!,
    );
    const chosen = [...pcl.select(values.predict(pool), perUpdate).data].map((i) => pool[i]!);
    signals.push(...chosen.map(solved).map((p) => p * (1 - p)));
    const rewards = improve(policy, pcl, chosen, random);
    const predicted = values.predict(chosen);
    const means = Float64Array.from(chosen, (_, i) =>
      mean(rewards.subarray(i * perPrompt, (i + 1) * perPrompt)),
    );
    values.descend(chosen, predicted, pcl.valueLoss(predicted, means).gradPredicted.data);
  }
  return { samples: updates * perUpdate * perPrompt, signal: mean(signals) };
}

/** One policy update on the chosen prompts. @returns the rewards that were drawn */
function improve(
  policy: SoftmaxPolicy,
  pcl: PromptCurriculum,
  chosen: readonly Prompt[],
  random: Random,
): Float64Array {
  const rows = chosen.flatMap((prompt) => Array.from({ length: perPrompt }, () => prompt));
  const contexts = rows.flatMap((prompt) =>
    Array.from({ length: longest }, (_, t) => prompt[t] ?? 0),
  );
  const labels = Int32Array.from(contexts, (skill) => policy.sample(skill, random));
  const shape = [rows.length, longest];
  const mask = Uint8Array.from(contexts, (_, i) =>
    Number(i % longest < rows[Math.floor(i / longest)]!.length),
  );
  const right = (i: number): boolean => mask[i] === 0 || labels[i] === answer(contexts[i]!);
  const rewards = Float64Array.from(rows, (_, row) =>
    Number(contexts.slice(0, longest).every((_, t) => right(row * longest + t))),
  );
  const groupIds = Int32Array.from(rows, (_, row) => Math.floor(row / perPrompt));
  const { logProbs } = policy.score(contexts, labels, shape);
  const { gradLogProbs } = pcl.loss({
    ...{ logProbs, oldLogProbs: logProbs, rewards, groupIds },
    mask: new Tensor(mask, shape),
  });
  policy.descend(policy.gradient(contexts, labels, gradLogProbs), 16);
  return rewards;
}

const seeds = [1, 2, 3];
const all = (curriculum: boolean): Run => {
  const runs = seeds.map((seed) => train(seed, curriculum));
  return { samples: mean(runs.map((r) => r.samples)), signal: mean(runs.map((r) => r.signal)) };
};
export const curriculum: Run = all(true);
export const uniform: Run = all(false);
console.log(
  `samples until ${100 * enough} % are solved: ${curriculum.samples.toFixed(0)} with the curriculum, ` +
    `${uniform.samples.toFixed(0)} with prompts drawn at random`,
);
console.log(
  `E[A²] = p(1 − p) of the prompts trained on: ${curriculum.signal.toFixed(3)} and ${uniform.signal.toFixed(3)}`,
);
