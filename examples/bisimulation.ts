/**
 * Which histories may be treated alike? (arXiv 2310.20663.) The exact metric on a small model with
 * a duplicated state, and a representation learned by the sampled loss.
 */
import {
  bisimulationLoss,
  bisimulationMetric,
  CsrBuilder,
  Mdp,
  valueIteration,
} from 'belfry/bellman';

const S = 4;
const gamma = 0.8;
// States 0 and 1 are the same but for their names; 2 pays less, 3 is the end.
const builder = new CsrBuilder(S, 2);
for (const state of [0, 1]) {
  builder.add(state, 0, 2, 0.5);
  builder.add(state, 0, 3, 0.5);
  builder.add(state, 1, state, 1);
  builder.addReward(state, 1, 1);
}
for (const action of [0, 1]) {
  builder.add(2, action, 3, 1);
  builder.addReward(2, action, 0.5);
  builder.add(3, action, 3, 1);
}
const mdp = Mdp.fromTables(builder.build());

const { metric } = bisimulationMetric({ ...mdp.operands(), c: gamma });
const { vStar } = valueIteration({ ...mdp.operands(), gamma });
/** [S·S] distances. */
export const distances: Float64Array = metric.data;
/** Over all pairs, the largest of |V*(s) − V*(t)| − d(s,t)/(1 − γ): never above 0. */
export const excess: number = Math.max(
  ...distances.map(
    (d, i) => Math.abs(vStar.data[Math.floor(i / S)]! - vStar.data[i % S]!) - d / (1 - gamma),
  ),
);

// Four numbers on a line, so that distances become gaps of rewards plus γ times gaps ahead.
let z = Float64Array.of(0.1, -0.2, 0.3, 0.6);
const rewards = Float64Array.of(1, 1, 0.5, 0);
const nextMu = { data: Float64Array.of(1, 1, 0.5, 0), shape: [S, 1] };
const losses: number[] = [];
for (let step = 0; step < 3000; step++) {
  const grad = new Float64Array(S);
  let loss = 0;
  for (const permutation of [
    [1, 2, 3, 0],
    [2, 3, 0, 1],
  ]) {
    const result = bisimulationLoss({
      z: { data: z, shape: [S, 1] },
      rewards,
      nextMu,
      permutation: Int32Array.from(permutation),
      gamma,
      nextDistance: 'l1_w2',
    });
    loss += result.loss;
    result.gradZ.data.forEach((g, i) => {
      grad[i]! += g;
    });
  }
  losses.push(loss);
  z = z.map((x, i) => x - (0.2 / (1 + step / 100)) * grad[i]!);
}
/** Learned representation; the first two are the same. */
export const representation: number[] = Array.from(z);
export const finalLoss: number = losses.at(-1)!;
console.log(
  `d(0,1) = ${distances[1]}, d(0,2) = ${distances[2]!.toFixed(3)}; learned ` +
    `${representation.map((x) => x.toFixed(2)).join(', ')}`,
);
