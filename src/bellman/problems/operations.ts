import {
  badOption,
  CsrBuilder,
  type MdpTables,
  requireCollectable,
  requireInteger,
  requireProbability,
} from './csr-builder.js';

export interface InventoryOptions {
  /** Most items in stock. Default 3. */
  capacity?: number;
  /** Probabilities of a demand of 0, 1, 2, ... items. Default 1/4, 1/2, 1/4. */
  demand?: readonly number[];
  /** Income of an item sold. Default 8. */
  price?: number;
  /** Cost of an item ordered. Default 2. */
  unitCost?: number;
  /** Cost of an order of any size. Default 4. */
  orderCost?: number;
  /** Cost of an item in stock during a period. Default 1. */
  holdingCost?: number;
}

/**
 * Inventory control (Puterman, Markov Decision Processes (1994), section 3.2; the defaults are his
 * example). State: items in stock. Action: items ordered, which arrive at once; then the demand is
 * met as far as the stock goes, and the rest is lost.
 */
export function inventory(options: InventoryOptions = {}): MdpTables {
  const { capacity = 3, demand = [0.25, 0.5, 0.25] } = options;
  const { price = 8, unitCost = 2, orderCost = 4, holdingCost = 1 } = options;
  requireInteger('inventory', 'capacity', capacity, 1, 2 ** 14);
  requireDistribution('inventory', 'demand', demand);
  const perRow = Math.min(capacity + 1, demand.length);
  requireCollectable('inventory', 'capacity', (capacity + 1) ** 2 * perRow);
  const builder = new CsrBuilder(capacity + 1, capacity + 1);
  for (let stock = 0; stock <= capacity; stock++) {
    for (let order = 0; order <= capacity; order++) {
      const ready = stock + order;
      if (ready > capacity) {
        builder.forbid(stock, order);
        continue;
      }
      const cost = (order > 0 ? orderCost : 0) + unitCost * order + holdingCost * ready;
      builder.addReward(stock, order, price * addDemand(builder, stock, order, demand) - cost);
    }
  }
  return builder.build();
}

/** Adds the transitions of an order; returns the expected sales. */
function addDemand(
  builder: CsrBuilder,
  stock: number,
  order: number,
  demand: readonly number[],
): number {
  const ready = stock + order;
  let sales = 0;
  let met = 0;
  for (let wanted = 0; wanted < Math.min(ready, demand.length); wanted++) {
    const probability = demand[wanted]!;
    met += probability;
    sales += probability * wanted;
    if (probability > 0) builder.add(stock, order, ready - wanted, probability);
  }
  const soldOut = Math.max(0, 1 - met);
  if (ready < demand.length && soldOut > 0) builder.add(stock, order, 0, soldOut);
  return ready < demand.length ? sales + soldOut * ready : sales;
}

/** P(D = 0), ..., P(D = most − 1) of a Poisson demand, and the rest for `most`. */
export function poissonDemand(mean: number, most: number): number[] {
  if (!(mean >= 0 && mean < 700)) throw badOption('poissonDemand', 'mean', 'in [0, 700)', mean);
  requireInteger('poissonDemand', 'most', most, 0, 2 ** 20);
  const probabilities: number[] = [];
  let probability = Math.exp(-mean);
  let sum = 0;
  for (let k = 0; k < most; k++) {
    probabilities.push(probability);
    sum += probability;
    probability *= mean / (k + 1);
  }
  return [...probabilities, Math.max(0, 1 - sum)];
}

export interface MachineReplacementOptions {
  /** Conditions, from new (0) to worn out. Default 10. */
  numStates?: number;
  /** Probability of wearing by one condition in a period. Default 0.5. */
  wear?: number;
  /** Cost of a period in condition s is `operatingCost` · s. Default 1. */
  operatingCost?: number;
  /** Cost of a new machine. Default 10. */
  replacementCost?: number;
}

/**
 * Machine replacement (Bertsekas, Dynamic Programming and Optimal Control). State: condition of the
 * machine. Action 0: keep it, at a cost that grows with the condition; 1: replace it, and run the
 * new one for the period. Rewards are the negative costs.
 */
export function machineReplacement(options: MachineReplacementOptions = {}): MdpTables {
  const { numStates = 10, wear = 0.5, operatingCost = 1, replacementCost = 10 } = options;
  requireInteger('machineReplacement', 'numStates', numStates, 2, 2 ** 24);
  requireProbability('machineReplacement', 'wear', wear);
  const builder = new CsrBuilder(numStates, 2);
  const run = (state: number, action: number, condition: number): void => {
    const worse = Math.min(condition + 1, numStates - 1);
    if (wear < 1) builder.add(state, action, condition, 1 - wear);
    if (wear > 0) builder.add(state, action, worse, wear);
    builder.addReward(state, action, -operatingCost * condition);
  };
  for (let state = 0; state < numStates; state++) {
    run(state, 0, state);
    run(state, 1, 0);
    builder.addReward(state, 1, -replacementCost);
  }
  return { ...builder.build(), startStates: Int32Array.of(0) };
}

export interface TandemQueueOptions {
  /** Most customers at the first and at the second station. Default 10 each. */
  capacities?: readonly [number, number];
  /** Arrivals per unit of time. Default 0.4. */
  arrivalRate?: number;
  /** Speeds of the first station, one an action. Default 0, 0.5, 1. */
  speeds?: readonly number[];
  /** Service rate of the second station. Default 0.6. */
  serviceRate?: number;
  /** Cost of a waiting customer per unit of time. Default 1. */
  holdingCost?: number;
  /** Cost of speed 1 of the first station per unit of time; speed v costs v² of it. Default 1. */
  speedCost?: number;
  /** Cost of a customer turned away. Default 20. */
  lossCost?: number;
}

/**
 * Two queues in tandem: customers arrive at the first station, whose speed is the action, go on to
 * the second and leave. A full first station turns customers away; a full second one blocks the
 * first. The Markov process in continuous time is uniformised (Puterman, section 11.5): rates are
 * divided by the greatest total rate. State: first · (capacity of the second + 1) + second.
 */
export function tandemQueue(options: TandemQueueOptions = {}): MdpTables {
  const op = 'tandemQueue';
  const { capacities = [10, 10], arrivalRate = 0.4, speeds = [0, 0.5, 1] } = options;
  const { serviceRate = 0.6, holdingCost = 1, speedCost = 1, lossCost = 20 } = options;
  const [first, second] = capacities;
  requireInteger(op, 'capacities[0]', first, 1, 2 ** 14);
  requireInteger(op, 'capacities[1]', second, 1, 2 ** 14);
  for (const [name, rate] of Object.entries({ arrivalRate, serviceRate })) {
    if (!(rate >= 0 && rate < Infinity)) throw badOption(op, name, 'a rate, 0 or more', rate);
  }
  requireCollectable(op, 'capacities', 4 * speeds.length * (first + 1) * (second + 1));
  const fastest = Math.max(...speeds);
  if (!(speeds.length > 0 && Math.min(...speeds) >= 0 && fastest < Infinity)) {
    throw badOption(op, 'speeds', 'rates, one an action', speeds);
  }
  const total = arrivalRate + fastest + serviceRate;
  if (total === 0) throw badOption(op, 'arrivalRate', 'some rate above 0', 0);
  const stateOf = (one: number, two: number): number => one * (second + 1) + two;
  const builder = new CsrBuilder((first + 1) * (second + 1), speeds.length);
  for (let one = 0; one <= first; one++) {
    for (let two = 0; two <= second; two++) {
      const state = stateOf(one, two);
      speeds.forEach((speed, action) => {
        const moves: [number, number][] = [];
        if (one < first) moves.push([stateOf(one + 1, two), arrivalRate]);
        if (one > 0 && two < second) moves.push([stateOf(one - 1, two + 1), speed]);
        if (two > 0) moves.push([stateOf(one, two - 1), serviceRate]);
        let stays = 1;
        for (const [next, rate] of moves) {
          if (rate > 0) builder.add(state, action, next, rate / total);
          stays -= rate / total;
        }
        if (stays > 1e-12) builder.add(state, action, state, stays);
        const lost = one === first ? lossCost * arrivalRate : 0;
        const cost = holdingCost * (one + two) + speedCost * speed ** 2 + lost;
        builder.addReward(state, action, -cost / total);
      });
    }
  }
  return { ...builder.build(), startStates: Int32Array.of(0) };
}

function requireDistribution(op: string, argument: string, probabilities: readonly number[]): void {
  let sum = 0;
  for (const probability of probabilities) {
    requireProbability(op, argument, probability);
    sum += probability;
  }
  if (Math.abs(sum - 1) > 1e-9) throw badOption(op, argument, 'probabilities of sum 1', sum);
}
