/** Two regressions one after the other: how not to forget the first (arXiv 2302.00487). */
import { continualLearning } from 'belfry/bellman';

const h1 = Float64Array.of(4, 1, 0.2);
const h2 = Float64Array.of(1, 1, 2);
const t1 = Float64Array.of(1, -2, 0.5);
const t2 = Float64Array.of(-1, 2, 1.5);

/** Minimises ½ Σ h2 (θ − t2)², starting from the first task's optimum, with or without a memory of it. */
function secondTask(lambda: number): Float64Array {
  let theta = t1.slice();
  for (let step = 0; step < 400; step++) {
    const { grad } = continualLearning({ op: 'ewc', theta, thetaStar: t1, fisher: h1, lambda });
    theta = theta.map((x, i) => x - 0.15 * (h2[i]! * (x - t2[i]!) + grad.data[i]!));
  }
  return theta;
}
const lossOfFirst = (theta: Float64Array): number =>
  theta.reduce((sum, x, i) => sum + 0.5 * h1[i]! * (x - t1[i]!) ** 2, 0);

export const remembered: Float64Array = secondTask(1);
/** Minimum of the sum of both losses. */
export const joint: Float64Array = h1.map((h, i) => (h * t1[i]! + h2[i]! * t2[i]!) / (h + h2[i]!));
export const forgetting: number = lossOfFirst(secondTask(0));
export const kept: number = lossOfFirst(remembered);

/** A-GEM: the step of the second task, without the part that hurts the first. */
const { projected } = continualLearning({
  op: 'agem',
  grad: Float64Array.of(1, -1, 0),
  gradRef: Float64Array.of(-1, 0, 0),
});
export const allowed: Float64Array = projected.data;
console.log(
  `loss on the first task ${forgetting.toFixed(2)} without memory, ${kept.toFixed(2)} with; ` +
    `the joint optimum is ${Array.from(joint, (x) => x.toFixed(3)).join(', ')}`,
);
