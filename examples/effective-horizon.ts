/**
 * How hard is it to explore? (arXiv 2312.08369.) A trap pays a little at once; the long way pays 1
 * after three right moves. Whether acting greedily on the random policy's values is enough, or
 * how many steps must be looked ahead, depends on how much the trap pays.
 */
import {
  CsrBuilder,
  EffectiveHorizon,
  type EffectiveHorizonDeterministicResult,
  finiteHorizon,
  Mdp,
} from 'belfry/bellman';

const horizon = 3;

/** Action 0 leaves (from the start, with the trap's reward), action 1 goes on. */
function trapModel(reward: number): Mdp<Float64Array> {
  const builder = new CsrBuilder(3, 2);
  builder.addReward(0, 0, reward);
  builder.add(0, 1, 1, 1);
  builder.add(1, 1, 2, 1);
  builder.addReward(2, 1, 1);
  return Mdp.fromTables(builder.build());
}
function trap(reward: number): EffectiveHorizonDeterministicResult {
  return new EffectiveHorizon(trapModel(reward), { horizon }).analyseSync();
}

// The random policy reaches the end with 1/4 once it has made the first move.
export const cheap: EffectiveHorizonDeterministicResult = trap(0.2);
export const tempting: EffectiveHorizonDeterministicResult = trap(0.3);
export const strong: EffectiveHorizonDeterministicResult = trap(0.6);
/** The best return of the first, by backward induction. */
export const bestReturn: number = finiteHorizon({ ...trapModel(0.2).operands(), horizon }).values
  .data[0]!;
for (const [name, { minK, epw, effectiveHorizonBound, randomReturn }] of Object.entries({
  cheap,
  tempting,
  strong,
})) {
  console.log(
    `${name}: k = ${minK}, planning window ${epw}, effective horizon at most ` +
      `${effectiveHorizonBound.toFixed(2)}, random return ${randomReturn}`,
  );
}
