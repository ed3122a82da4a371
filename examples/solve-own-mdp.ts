/** Your own problem in ten lines: the gambler of Sutton & Barto, example 4.3, with 100 to win. */
import { enumerateMdp, ValueIteration } from 'belfry/bellman';

const { mdp, indexOf } = enumerateMdp<number>({
  start: [50],
  numActions: 99,
  outcomes: (capital, action) => {
    const stake = action + 1;
    if (stake > Math.min(capital, 100 - capital)) return undefined; // not allowed
    const win = capital + stake === 100 ? { reward: 1 } : { next: capital + stake };
    const loss = capital === stake ? {} : { next: capital - stake };
    return [
      { probability: 0.4, ...win },
      { probability: 0.6, ...loss },
    ];
  },
});
const solver = new ValueIteration(mdp, { discount: 1, tolerance: 1e-12 });
const { values, policy, iterations } = await solver.solve();

export const chance: number = values.data[indexOf(50) as number] as number;
console.log(
  `${mdp.numStates} states, ${iterations} sweeps: chance of winning from 50 = ${chance.toFixed(4)}, ` +
    `stake ${(policy.data[indexOf(50) as number] as number) + 1}`,
);
