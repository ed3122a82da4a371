/**
 * Rewards and lessons for agents that search. Every other column of their rollouts is a retrieved
 * document: the mask takes it out of the loss, and its log-probs may be anything (here NaN).
 *
 * - ReSeek (arXiv 2510.00568): the agent judges each document, answers with it or searches again.
 *   `judgeReward` pays for the judgements, not for the answer alone.
 * - ZeroSearch (arXiv 2505.04588): a simulated search engine returns noise more and more often, so that
 *   the agent learns to read a document before it learns to look for a better one.
 *
 * Both are about speed: with three times the updates the agents without help all but catch up.
 */
import { Tensor } from 'belfry';
import { curriculumProbability, Grpo, judgeReward } from 'belfry/token';

import { integer, type Random, seeded } from './lib/random.js';
import { mean, SoftmaxPolicy } from './lib/softmax-policy.js';

/** What the policy did in each round of a rollout: where it was, and the token it chose. */
type Rounds = { context: number; token: number }[];

/** One GRPO step on rollouts of up to `rounds` rounds, documents between them. */
function learn(
  policy: SoftmaxPolicy,
  rollouts: readonly Rounds[],
  rounds: number,
  scores: { rewards: Float64Array; groupIds: Int32Array },
  rate: number,
): void {
  const T = 2 * rounds;
  const shape = [rollouts.length, T];
  const at = (i: number) => rollouts[Math.floor(i / T)]![(i % T) / 2];
  const columns = Array.from({ length: rollouts.length * T }, (_, i) => at(i));
  const contexts = columns.map((round) => round?.context ?? 0);
  const labels = Int32Array.from(columns, (round) => round?.token ?? 0);
  const mask = new Tensor(
    Uint8Array.from(columns, (round) => Number(round !== undefined)),
    shape,
  );
  const { logProbs } = policy.score(contexts, labels, shape);
  logProbs.data.forEach((_, i) => {
    if (mask.data[i] === 0) logProbs.data[i] = Number.NaN;
  });
  const grpo = new Grpo({ klCoef: 0, aggregation: 'token-mean' });
  const { gradLogProbs } = grpo.loss({ logProbs, oldLogProbs: logProbs, mask, ...scores });
  policy.descend(policy.gradient(contexts, labels, gradLogProbs), rate);
}

// ReSeek. A question takes three useful documents, one after the other, in at most eight searches.
// What a document looks like tells in nine cases of ten whether it is useful.

const hops = 3;
const judgeRounds = 8;
const looks = 6;
const useful = 1;

interface Judged {
  rounds: Rounds;
  /** Similarity of each document to the gold answer. */
  similarity: number[];
  correct: number;
}

function judgeRollout(policy: SoftmaxPolicy, random: Random): Judged {
  const run: Judged = { rounds: [], similarity: [], correct: 0 };
  let taken = 0;
  let allUseful = true;
  for (let round = 0; round < judgeRounds && taken < hops; round++) {
    const isUseful = random() < 0.4;
    const honest = random() < 0.9;
    // The upper half of the looks promises much.
    const look = integer(random, looks / 2) + (isUseful === honest ? looks / 2 : 0);
    const context = round * looks + look;
    const token = policy.sample(context, random);
    run.rounds.push({ context, token });
    run.similarity.push(isUseful ? 0.9 : 0.1);
    if (token !== useful) continue;
    taken += 1;
    allUseful &&= isUseful;
  }
  run.correct = Number(taken === hops && allUseful);
  return run;
}

export interface Agent {
  /** Share of judgements that are right. */
  judgements: number;
  /** Share of answers that are right. */
  answers: number;
}

function judgeAgent(seed: number, paid: boolean): Agent {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(judgeRounds * looks, 2);
  const B = 64;
  const groupIds = Int32Array.from({ length: B }, (_, i) => i % 8);
  for (let update = 0; update < 25; update++) {
    const runs = Array.from({ length: B }, () => judgeRollout(policy, random));
    const offsets = Int32Array.of(0, ...runs.map((_, i) => judgementsOf(runs.slice(0, i + 1))));
    const { total } = judgeReward({
      judgement: Uint8Array.from(runs.flatMap((run) => run.rounds.map(({ token }) => token))),
      similarity: Float64Array.from(runs.flatMap((run) => run.similarity)),
      answerCorrect: Uint8Array.from(runs, (run) => run.correct),
      offsets,
    });
    const rewards = Float64Array.from(runs, ({ correct }, i) =>
      paid ? correct + total.data[i]! : correct,
    );
    learn(
      policy,
      runs.map(({ rounds }) => rounds),
      judgeRounds,
      { rewards, groupIds },
      20,
    );
  }
  const tests = Array.from({ length: 4000 }, () => judgeRollout(policy, random));
  const judged = tests.flatMap(({ rounds, similarity }) =>
    rounds.map(({ token }, i) => Number((token === useful) === similarity[i]! > 0.5)),
  );
  return { judgements: mean(judged), answers: mean(tests.map(({ correct }) => correct)) };
}

const judgementsOf = (runs: readonly Judged[]): number =>
  runs.reduce((sum, { rounds }) => sum + rounds.length, 0);

// ZeroSearch. A document names one of eight things, or is noise; then only a new search helps.

const things = 8;
const searchAgain: number = things;
const searchRounds = 3;

/** The third document is never noise. */
function searchRollout(policy: SoftmaxPolicy, p: number, random: Random) {
  const rounds: Rounds = [];
  const thing = integer(random, things);
  for (let round = 0; round < searchRounds; round++) {
    const noise = round < searchRounds - 1 && random() < p;
    const context = noise ? things + integer(random, 4) : thing;
    const token = policy.sample(context, random);
    rounds.push({ context, token });
    if (token !== searchAgain)
      return { rounds, right: Number(token === (3 * thing + 1) % things && !noise) };
  }
  return { rounds, right: 0 };
}

/** @returns share of right answers when every search but the last returns noise */
function zeroSearch(seed: number, curriculum: boolean): number {
  const random = seeded(seed);
  const policy = new SoftmaxPolicy(things + 4, things + 1);
  const B = 64;
  const total = 30;
  const groupIds = Int32Array.from({ length: B }, (_, i) => i % 4);
  for (let step = 0; step < total; step++) {
    const p = curriculum ? curriculumProbability({ step, total }).value : 1;
    const runs = Array.from({ length: B }, () => searchRollout(policy, p, random));
    const rewards = Float64Array.from(runs, ({ right }) => right);
    learn(
      policy,
      runs.map(({ rounds }) => rounds),
      searchRounds,
      { rewards, groupIds },
      12,
    );
  }
  const hard = Array.from({ length: 1000 }, () => searchRollout(policy, 1, random));
  return mean(hard.map(({ right }) => right));
}

const seeds = [1, 2, 3];
function judges(paid: boolean): Agent {
  const agents = seeds.map((seed) => judgeAgent(seed, paid));
  return {
    judgements: mean(agents.map(({ judgements }) => judgements)),
    answers: mean(agents.map(({ answers }) => answers)),
  };
}
export const instructed: Agent = judges(true);
export const outcomeOnly: Agent = judges(false);
export const eased: number = mean(seeds.map((seed) => zeroSearch(seed, true)));
export const thrownIn: number = mean(seeds.map((seed) => zeroSearch(seed, false)));
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const show = ({ judgements, answers }: Agent): string =>
  `${percent(judgements)} of the judgements, ${percent(answers)} of the answers right`;
console.log(`judge reward: ${show(instructed)}; outcome alone: ${show(outcomeOnly)}`);
console.log(
  `among noise: ${percent(eased)} right after the curriculum, ${percent(thrownIn)} without`,
);
