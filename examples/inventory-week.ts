/** Steps that differ: a shop orders every day, sells most at the weekend, and closes on Sunday. */
import { BackwardInduction, inventory, Mdp, poissonDemand, solve } from 'belfry/bellman';

const capacity = 12;
const day = (meanDemand: number, price = 8): Mdp<Float64Array> =>
  Mdp.fromTables(inventory({ capacity, price, demand: poissonDemand(meanDemand, capacity) }));

// One model stands for four days; it is checked and stored once.
const [weekday, friday, saturday, sunday] = [day(2), day(4), day(7), day(0)];
const week = Mdp.timeDependent([weekday, weekday, weekday, weekday, friday, saturday, sunday]);

// Monday is step 0. What is left on Sunday evening is worth what it cost.
const terminalValues = Float64Array.from({ length: capacity + 1 }, (_, stock) => 2 * stock);
const { policy } = await new BackwardInduction(week, { terminalValues }).solve();
export const orders: number[] = [...policy.data.filter((_, i) => i % (capacity + 1) === 0)];
console.log(`orders of an empty shop, Monday to Sunday: ${orders.join(' ')}`);

// Three prices over the same weekday: the transitions are read once for all.
const prices = [6, 8, 10];
const shared = weekday.withRewards(prices.map((price) => day(2, price).rewards));
const { values, method } = await solve(shared, { discount: 0.99 });
export const worth: number[] = prices.map((_, b) => values.data[b * (capacity + 1)] as number);
console.log(`${method}: a shop of price ${prices.join(', ')} is worth ${worth.map(Math.round)}`);
