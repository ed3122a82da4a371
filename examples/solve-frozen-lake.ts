/** Solves FrozenLake 8x8 with a certificate and prints the value of the start. */
import { frozenLake, Mdp, ValueIteration } from 'belfry/bellman';

const mdp = Mdp.fromTables(frozenLake({ map: '8x8' }));
const solver = new ValueIteration(mdp, { discount: 0.99, tolerance: 1e-8 });
const { values, lower, upper, policy, converged } = await solver.solve();

export const startValue: number = values.data[0] as number;
export const certified: boolean =
  converged && (lower.data[0] as number) <= startValue && startValue <= (upper.data[0] as number);
console.log(
  `V*(start) = ${startValue.toFixed(6)}, first action ${['left', 'down', 'right', 'up'][policy.data[0] as number]}`,
);
