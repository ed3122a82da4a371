/**
 * A behaviour demanded by a constraint instead of a reward: an errand on a board whose short way
 * leads through a flower bed, which may be trodden on only so often (arXiv 2412.07177). The linear
 * programme is compared with gradient ascent on the normalised multiplier.
 */
import {
  type ConstrainedMdpLpResult,
  constrainedMdpLp,
  enumerateMdp,
  policyEvaluationOccupancy,
  rewardSpecification,
  valueIteration,
} from 'belfry/bellman';

const size = 5;
const gamma = 0.95;
const budget = 0.1;
const start = 10;
const goal = 14;
const bed = new Set([7, 12, 17]);
const moves = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const;
const inside = (x: number): number => Math.min(Math.max(x, 0), size - 1);

// From the left edge to the right one pays 1, and the next errand starts.
const { mdp, states } = enumerateMdp<number>({
  start: [start],
  numActions: 4,
  outcomes: (cell, action) => {
    if (cell === goal) return [{ probability: 1, next: start, reward: 1 }];
    const [down, right] = moves[action]!;
    const row = inside(Math.floor(cell / size) + down);
    return [{ probability: 1, next: row * size + inside((cell % size) + right) }];
  },
});
const S = mdp.numStates;
const shape = [S, 4];
const cost = Float64Array.from({ length: S * 4 }, (_, row) => (bed.has(states[row >> 2]!) ? 1 : 0));
const mu0 = Float64Array.from(states, (cell) => (cell === start ? 1 : 0));
const operands = mdp.operands();

export const exact: ConstrainedMdpLpResult = constrainedMdpLp({
  ...operands,
  cost: { data: cost, shape },
  mu0,
  gamma,
  budget,
});

/** Mean occupancy of the policies that gradient ascent passes through. */
const rounds = 4000;
const burnIn = 1000;
let z = 0;
let objective = 0;
let measured = 0;
for (let round = 0; round < rounds; round++) {
  const multiplier = (constraintValue: number) =>
    rewardSpecification({
      op: 'lagrangian',
      z: Float64Array.of(z),
      constraintValue: Float64Array.of(constraintValue),
      threshold: Float64Array.of(budget),
    });
  const [main, price] = multiplier(0).combinedWeights.data as unknown as [number, number];
  const rewards = mdp.rewards.map((reward, row) => main * reward - price * cost[row]!);
  const { policyStar } = valueIteration({ ...operands, rewards: { data: rewards, shape }, gamma });
  const policy = new Float64Array(S * 4);
  policyStar.data.forEach((action, s) => {
    policy[s * 4 + action] = 1;
  });
  const { occupancySa } = policyEvaluationOccupancy({
    ...operands,
    policy: { data: policy, shape },
    mu0,
    gamma,
  });
  const under = (weights: Float64Array): number =>
    occupancySa!.data.reduce((sum, d, row) => sum + d * weights[row]!, 0);
  const spent = under(cost);
  z += 0.2 * multiplier(spent).violation.data[0]!;
  if (round < burnIn) continue;
  objective += under(mdp.rewards) / (rounds - burnIn);
  measured += spent / (rounds - burnIn);
}

/** The same by gradient ascent: mean reward and mean cost of its policies, and the last multiplier. */
export const ascent: { objective: number; cost: number; price: number } = {
  objective,
  cost: measured,
  price: Math.exp(z),
};
console.log(
  `budget ${budget}: programme ${exact.objective.toFixed(5)} at cost ${exact.cost.toFixed(4)}, ` +
    `ascent ${objective.toFixed(5)} at cost ${measured.toFixed(4)}, ` +
    `without the constraint ${exact.unconstrainedObjective.toFixed(5)}`,
);
